import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { Balcao, balcao } from './harness/process.mjs';
import { newServer, serverForSuite } from './harness/suite.mjs';
import { until, within } from './harness/wait.mjs';

const bcrypt = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
const user = (username, more = {}) => JSON.stringify({ username, password_hash: bcrypt, ...more });
const toLines = (rows) => rows.map((row) => `${row}\n`).join('');

describe('user import', () => {
  const server = serverForSuite();
  const importing = (input, ...args) => balcao(['user', 'import', ...(args.length > 0 ? args : ['-'])], {
    env: server.env, cwd: server.home, input,
  });
  const scalar = async (sql) => Number(await server.query(sql, 'auth'));

  test('takes 10,000 users beside the running server, and tells of each line that it refuses', async () => {
    const names = ['twice', 'taken-before'];
    assert.equal((await importing(`${user('taken-before')}\n`)).code, 0);
    const kinds = {
      'not JSON': (i) => `{"username": "broken-${i}", "password_hash"`,
      'same member twice': (i) => `{"username": "double-${i}", "username": "double-${i}", "password_hash": "${bcrypt}"}`,
      '/shoe_size': (i) => user(`unknown-${i}`, { shoe_size: i }),
      '/username': (i) => user(`bad name ${i}`),
      '/password_hash: It is required': (i) => JSON.stringify({ username: `without-${i}` }),
      '/password_hash: It is no password hash': (i) => user(`unhashed-${i}`, { password_hash: 'hush-hush, a secret' }),
      'too dear': (i) => user(`dear-${i}`, { password_hash: bcrypt.replace('$05$', '$20$') }),
      '/role': (i) => user(`master-${i}`, { role: 'master' }),
      '/created_at': (i) => user(`dateless-${i}`, { created_at: 'yesterday' }),
      "'taken-before' is taken": () => user('taken-before'),
      "'twice'": () => user('TWICE'),
      'longer than 64 KiB': (i) => user(`long-${i}`).padEnd(70_000),
    };
    const rows = Array.from({ length: 10_000 }, (_, i) => user(`guest-${i}`, i % 2 ? { role: 'user', disabled: false } : {}));
    rows.unshift(user('twice'));
    for (const make of Object.values(kinds)) {
      for (let i = 0; i < 20; ++i) rows.splice(1 + i * 500, 0, make(i));
    }
    const file = join(server.home, 'users.ndjson');
    writeFileSync(file, toLines(rows));
    const { code, stdout, stderr } = await importing('', file);
    assert.equal(code, 1, stderr);
    assert.equal(stdout, `10001 imported, ${20 * Object.keys(kinds).length} refused\n`);
    assert.match(stderr, /^\d+ rows, \d+ rows\/s$/m);

    const refusals = new Map([...stderr.matchAll(/^line (\d+): (.*)$/gm)].map(([, line, why]) => [Number(line), why]));
    assert.equal(refusals.size, 20 * Object.keys(kinds).length);
    for (const [why, make] of Object.entries(kinds)) {
      for (let i = 0; i < 20; ++i) {
        const said = [...refusals].filter(([line, text]) => rows[line - 1] === make(i) && text.includes(why));
        assert.ok(said.length > 0, `${why}, ${i}: ${[...refusals.values()].filter((text) => text.includes(why))[0]}`);
      }
    }
    for (const secret of ['CCCC', 'hush', 'bad name']) assert.ok(!stderr.includes(secret), `${secret} is not repeated`);

    assert.equal(await scalar("SELECT count(*) FROM users WHERE username LIKE 'guest-%'"), 10_000);
    assert.equal(await scalar('SELECT count(*) FROM users'), 10_000 + names.length);
    assert.equal(await scalar("SELECT count(*) FROM jobs WHERE kind = 'create_customer'"), 10_000 + names.length);
    const batches = (await server.query("SELECT details FROM audit WHERE event = 'imported'", 'auth')).split('\n');
    assert.equal(batches.map((details) => JSON.parse(details).users).reduce((a, b) => a + b), 10_000 + names.length);
    assert.equal((await server.api('GET', '/readyz')).status, 200);
  });

  test('imports a user with one of our own hashes, who then logs in and has a customer', async () => {
    const origin = newServer();
    after(() => origin.close());
    await origin.start();
    const { username } = await origin.newUser('moves-here');
    const hash = await origin.query(`SELECT password_hash FROM users WHERE username = '${username}'`, 'auth');
    const createdAt = '2021-03-04T05:06:07.000000Z';
    const there = newServer();
    after(() => there.close());
    await there.start();
    const { code, stdout, stderr } = await balcao(['user', 'import', '-'], {
      env: there.env, cwd: there.home, input: `${user(username, { password_hash: hash, created_at: createdAt })}\n`,
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '1 imported, 0 refused\n');
    const { access_token: token } = await there.login(username, password);
    await until(async () => (await there.api('GET', '/me', { token })).body.customer, 'the customer is made');
    assert.equal((await there.api('GET', '/me', { token })).body.created_at, createdAt);
  });

  test('keeps out who is disabled', async () => {
    const { username } = await server.newUser('leaver');
    const hash = await server.query(`SELECT password_hash FROM users WHERE username = '${username}'`, 'auth');
    const rows = [user('shut-out', { password_hash: hash, disabled: true }), user('let-in', { password_hash: hash, disabled: null })];
    assert.equal((await importing(toLines(rows))).code, 0);
    const login = (name) => server.api('POST', '/login', { body: { username: name, password } });
    assert.equal((await login('shut-out')).status, 401);
    assert.equal((await login('let-in')).status, 200);
  });

  test('needs no more memory for a larger input, or for a line without end', async () => {
    const megabyte = 1 << 20;
    // A sanitizer keeps what was freed for a while.
    const env = { ...server.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=4` };
    const program = new Balcao(['user', 'import', '-'], { env, cwd: server.home, input: null });
    const { stdin, pid } = program.child;
    const write = (text) => within(new Promise((written) => stdin.write(text, written)), 'the input is read');
    const highest = () => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+) kB$/m)[1]) * 1024;

    const lineSize = 32 * 1024;
    let users = 0;
    const writeMegabytes = async (count) => {
      for (let i = 0; i < count; ++i) {
        const rows = Array.from({ length: megabyte / lineSize }, () => user(`wide-${++users}`).padEnd(lineSize - 1));
        await write(toLines(rows));
      }
    };
    await writeMegabytes(10);
    const soon = highest();
    await writeMegabytes(60);
    for (let i = 0; i < 30; ++i) await write('x'.repeat(megabyte));
    const grown = highest() - soon;
    stdin.end();
    const { code } = await within(program.exited, 'the import ends');
    assert.equal(code, 1, program.stderr.slice(0, 1000));
    assert.equal(program.stdout, `${users} imported, 1 refused\n`);
    assert.match(program.stderr, new RegExp(`^line ${users + 1}: it is longer than 64 KiB$`, 'm'));
    assert.ok(grown < 16 * megabyte, `${grown} bytes more after 90 MiB more`);
  });

  test('says what it cannot read', async () => {
    const missing = await importing('', 'nowhere.ndjson');
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /nowhere\.ndjson/);
    const directory = await importing('', '/');
    assert.equal(directory.code, 1);
    assert.match(directory.stderr, /cannot be read/);
    assert.equal((await importing('')).stdout, '0 imported, 0 refused\n');
  });
});

import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { assertProblem } from './harness/problem.mjs';
import { balcao } from './harness/process.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const repeated = (count, make) => Promise.all(Array.from({ length: count }, (_, i) => make(i)));

describe('who guesses at imported users', () => {
  const server = serverForSuite();
  const login = (username, secret) => server.api('POST', '/login', { body: { username, password: secret } });

  // As Django has it: one check takes some 100 ms, and they are made one at a time.
  const rounds = 200_000;
  const hash = `pbkdf2_sha256$${rounds}$seasalt$${pbkdf2Sync(password, 'seasalt', rounds, 32, 'sha256').toString('base64')}`;

  before(async () => {
    const rows = ['first', 'second', 'third', 'fourth'].map((name) => JSON.stringify({ username: name, password_hash: hash }));
    const { env, home } = server.auth ?? server;
    const imported = await balcao(['user', 'import', '-'], { env, cwd: home, input: rows.join('\n') });
    assert.equal(imported.code, 0, imported.stderr);
  });

  test('keeps nobody else from logging in', async () => {
    const victims = ['first', 'second', 'third'];
    let answered = 0;
    const guesses = repeated(24, (i) => login(victims[i % 3], `guess ${i}`).finally(() => ++answered));
    const fourth = await login('fourth', password);
    assert.equal(fourth.status, 200, fourth.text);
    assert.ok(answered < 24, 'they take turns');
    for (const guess of await guesses) assert.ok([401, 503].includes(guess.status), guess.text);
  });
});

describe('who registers again and again', () => {
  const server = serverForSuite();
  let names = 0;
  const register = (fields = {}) =>
    server.api('POST', '/register', { body: { username: `flood-${++names}`, password, ...fields } });

  test('from 200 connections keeps nobody from logging in', { timeout: 240_000 }, async () => {
    const { username } = await server.newUser();
    const seen = { 201: 0, 503: 0 };
    let over = false;
    const flood = repeated(200, async () => {
      while (!over) {
        const { status } = await register();
        seen[status] = (seen[status] ?? 0) + 1;
      }
    });
    try {
      await until(() => seen[503] > 0, 'the places are full');
      for (let i = 0; i < 5; ++i) {
        const before = seen[201];
        const answer = await server.api('POST', '/login', { body: { username, password } });
        assert.equal(answer.status, 200, answer.text);
        assert.ok(seen[201] - before < 64, `it waited for ${seen[201] - before} registrations`);
      }
    } finally {
      over = true;
      await flood;
    }
    assert.ok(seen[201] > 0, 'registrations go on');
    assert.deepEqual(Object.keys(seen), ['201', '503']);
  });
});

describe('registrations', () => {
  // One process, so that nothing stands between: it believes what this test says of the address.
  const server = serverForSuite({ engine: 'sqlite', env: { REGISTRATIONS_PER_ADDRESS: '2', TRUSTED_PROXIES: '127.0.0.1' } });
  let names = 0;

  async function register(address, fields = {}) {
    const headers = { 'x-forwarded-for': address };
    return server.api('POST', '/register', { headers, body: { username: `limited-${++names}`, password, ...fields } });
  }
  const statuses = async (count, address) => {
    const all = [];
    for (let i = 0; i < count; ++i) all.push((await register(typeof address === 'string' ? address : address(i))).status);
    return all;
  };

  test('are limited for each address', async () => {
    assert.deepEqual(await statuses(2, '192.0.2.1'), [201, 201]);
    const refused = await register('192.0.2.1');
    assertProblem(refused, 429, { code: 'too_many_requests' });
    assert.ok(Number(refused.headers.get('retry-after')) > 3000);
    assert.match(refused.headers.get('ratelimit'), /^"address";r=0;t=\d+$/);
    assert.equal(refused.headers.get('ratelimit-policy'), '"address";q=2;w=3600');
    assert.deepEqual(await statuses(1, '192.0.2.2'), [201]);
  });

  test('are limited for an IPv6 network of each size', async () => {
    assert.deepEqual(await statuses(3, (i) => `2001:db8:1:1::${i + 1}`), [201, 201, 429]);
    // 4 times as many in the /56, of which two are used up.
    assert.deepEqual(await statuses(7, (i) => `2001:db8:1:${(i + 2).toString(16)}::1`), [201, 201, 201, 201, 201, 201, 429]);
    // 16 times as many in the /48: eight are used up, and here is a /64 of its own for each.
    const inOther56 = (i) => `2001:db8:1:${((i + 1) * 0x100).toString(16)}::1`;
    assert.deepEqual(await statuses(25, inOther56), [...Array(24).fill(201), 429]);
    assert.deepEqual(await statuses(1, '2001:db8:2:1::1'), [201], 'another /48');
  });

  test('that cost nothing are not counted', async () => {
    for (let i = 0; i < 5; ++i) assertProblem(await register('192.0.2.9', { password: 'short' }), 422);
    assert.deepEqual(await statuses(2, '192.0.2.9'), [201, 201]);
    const taken = { username: 'limited-1' };
    assertProblem(await register('192.0.2.10', taken), 409);
    assertProblem(await register('192.0.2.10', taken), 409);
    assertProblem(await register('192.0.2.10', taken), 429);
  });
});

describe('sessions', () => {
  const server = serverForSuite();

  test('are at most 100 for a user: one more ends the one used least recently', { timeout: 120_000 }, async () => {
    const { username, token, sessionId } = await server.newUser();
    const { access_token: second } = await server.login(username);
    for (let i = 0; i < 98; ++i) await server.login(username);
    assert.equal((await server.api('GET', '/me', { token })).status, 200);

    const { access_token: last } = await server.login(username);
    assert.equal((await server.api('GET', '/me', { token })).status, 401);
    for (const open of [second, last]) assert.equal((await server.api('GET', '/me', { token: open })).status, 200);

    const administrator = await server.newAdministrator();
    const audit = await server.api('GET', '/audit?event=session_limit_reached', { token: administrator.token });
    assert.equal(audit.body.data.length, 1, audit.text);
    const reason = await server.query(`SELECT end_reason FROM sessions WHERE id = '${sessionId}'`, 'auth');
    assert.match(reason, /session_limit_reached/);
  });
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { balcao } from './harness/process.mjs';
import { newServer, serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const configurationFault = 78;
const lines = (text) => text.trim().split('\n');

function emptyDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'balcao-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const run = (args, env = {}) => balcao(args, { env, cwd: emptyDirectory() });

describe('the command line', () => {
  test('--help teaches every command', async () => {
    const { code, stdout } = await run(['--help']);
    assert.equal(code, 0);
    for (const command of ['serve', 'migrate', 'user', 'keys', 'check', 'sandbox', 'healthcheck', 'openapi']) {
      assert.match(stdout, new RegExp(`\\b${command}\\b`));
      const help = await run([command, '--help']);
      assert.equal(help.code, 0, command);
      assert.ok(help.stdout.length > 100, `${command} --help says something`);
    }
  });

  test('--version is a version', async () => {
    const { code, stdout } = await run(['--version']);
    assert.equal(code, 0);
    assert.match(stdout, /\d+\.\d+\.\d+/);
  });

  test('what it does not know is an error, with a way out', async () => {
    for (const args of [['dance'], ['serve', 'dance'], ['--dance'], ['user', 'promote']]) {
      const { code, stderr, stdout } = await run(args);
      assert.notEqual(code, 0, args.join(' '));
      assert.match(stderr + stdout, /--help/, args.join(' '));
    }
  });
});

describe('the configuration', () => {
  const faulty = {
    PORT: 'eighty', JWT_SECRET: 'short', BALCAO_ENV: 'production', DATABASE_URL: 'mysql://x/y', REDIS_URL: 'http://x', HOST: 'not a host',
  };

  for (const command of ['check', 'serve']) {
    test(`${command} lists every fault at once and exits ${configurationFault}`, async () => {
      const directory = emptyDirectory();
      const { code, stderr, stdout } = await balcao([command], { env: { ...faulty, DATA_DIR: join(directory, 'data') }, cwd: directory });
      assert.equal(code, configurationFault, stderr + stdout);
      for (const name of ['PORT', 'JWT_SECRET', 'DATABASE_URL', 'REDIS_URL', 'HOST']) {
        assert.match(stderr + stdout, new RegExp(`\\b${name}\\b`));
      }
      assert.ok(!existsSync(join(directory, 'data')), 'nothing half started');
    });
  }

  test('keys that are too short are counted and never shown, and PUBLIC_URL is an address and nothing more', async () => {
    const env = { KEY_ENCRYPTION_KEY: `${'k'.repeat(32)}, hush-hush,`, SIGNING_ALGORITHM: 'RS256', KEY_ROTATION_DAYS: '-1' };
    const { code, stderr, stdout } = await run(['serve'], env);
    assert.equal(code, configurationFault, stderr + stdout);
    assert.match(stderr, /KEY_ENCRYPTION_KEY: secret 2 of it has 9 bytes/);
    assert.match(stderr, /KEY_ENCRYPTION_KEY: secret 3 of it has 0 bytes/);
    assert.match(stderr, /SIGNING_ALGORITHM/);
    assert.match(stderr, /KEY_ROTATION_DAYS/);
    assert.ok(!(stderr + stdout).includes('hush-hush') && !stderr.includes('kkkk'));

    for (const url of ['shop.example', 'ftp://shop.example', 'https://', 'https://shop.example/', 'https://shop.example/auth',
      'https://shop.example?x', 'https://shop.example#x', 'https://me@shop.example', 'https://shop.example:0']) {
      const refused = await run(['check'], { PUBLIC_URL: url });
      assert.equal(refused.code, configurationFault, url);
      assert.match(refused.stderr, /PUBLIC_URL/, url);
    }
    for (const url of ['https://shop.example', 'https://shop.example:8443', 'http://[::1]:8080']) {
      assert.equal((await run(['check'], { PUBLIC_URL: url })).code, 0, url);
    }
  });

  test('in production what tokens stand on is warned of, and PUBLIC_URL is https', async () => {
    const env = { BALCAO_ENV: 'production', STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_API_BASE: 'http://127.0.0.1:1' };
    const warned = (await run(['check'], env)).stderr;
    assert.match(warned, /warning: KEY_ENCRYPTION_KEY/);
    assert.match(warned, /warning: PUBLIC_URL/);
    const sound = { ...env, PUBLIC_URL: 'https://shop.example' };
    for (const key of ['KEY_ENCRYPTION_KEY', 'JWT_SECRET']) {
      assert.ok(!(await run(['check'], { ...sound, [key]: 'k'.repeat(32) })).stderr.includes('warning'), key);
    }
    const { code, stderr } = await run(['check'], { ...env, PUBLIC_URL: 'http://shop.example' });
    assert.equal(code, configurationFault);
    assert.match(stderr, /PUBLIC_URL: .*https/);
  });

  test('certificates that cannot be read, or are for nothing, are named', async () => {
    for (const REDIS_URL of ['rediss://127.0.0.1', 'redis://127.0.0.1']) {
      const { code, stderr } = await run(['serve'], { REDIS_URL, REDIS_CA_FILE: '/nowhere/ca.pem' });
      assert.equal(code, configurationFault, stderr);
      assert.match(stderr, /\bREDIS_CA_FILE\b/);
    }
  });

  test('never shows a secret that it refuses', async () => {
    const { code, stderr, stdout } = await run(['check'], { JWT_SECRET: 'hush-hush', BALCAO_ENV: 'production' });
    assert.equal(code, configurationFault);
    assert.ok(!(stderr + stdout).includes('hush-hush'));
  });

  test('a sound one passes', async () => {
    const { code, stderr, stdout } = await run(['check']);
    assert.equal(code, 0, stderr + stdout);
  });

  test('a .env file is read, and the environment wins over it', async () => {
    const directory = emptyDirectory();
    writeFileSync(join(directory, '.env'), '# a comment\nPORT=99999\n');
    assert.equal((await balcao(['check'], { cwd: directory })).code, configurationFault);
    assert.equal((await balcao(['check'], { cwd: directory, env: { PORT: '0' } })).code, 0);
  });

  test('a secret can be given as a file', async () => {
    const directory = emptyDirectory();
    writeFileSync(join(directory, 'secret'), 'too short\n');
    const env = { BALCAO_ENV: 'production', JWT_SECRET_FILE: join(directory, 'secret') };
    const short = await balcao(['check'], { cwd: directory, env });
    assert.equal(short.code, configurationFault, short.stdout + short.stderr);
    const missing = await balcao(['check'], { cwd: directory, env: { JWT_SECRET_FILE: join(directory, 'missing') } });
    assert.equal(missing.code, configurationFault);
    assert.match(missing.stderr + missing.stdout, /JWT_SECRET_FILE/);
  });
});

describe('serve refuses to start', () => {
  const oneClearLine = ({ code, stderr, stdout }, pattern) => {
    assert.notEqual(code, 0);
    const said = lines(stderr + stdout).filter((line) => pattern.test(line));
    assert.equal(said.length, 1, stderr + stdout);
    assert.ok(lines(stderr).length <= 3, stderr);
  };

  test('on a port in use', async () => {
    const holder = net.createServer().listen(0, '127.0.0.1');
    await until(() => holder.listening, 'a port is taken');
    try {
      const port = String(holder.address().port);
      oneClearLine(await run(['serve'], { PORT: port, ADMIN_ADDRESS: '127.0.0.1:0' }), new RegExp(port));
    } finally {
      holder.close();
    }
  });

  test('on the port of another balcao', async () => {
    const server = newServer();
    try {
      await server.start();
      const env = { PORT: String(server.port), ADMIN_ADDRESS: '127.0.0.1:0' };
      oneClearLine(await run(['serve'], env), new RegExp(String(server.port)));
    } finally {
      await server.close();
    }
  });

  test('on a data directory that cannot be one', async () => {
    const directory = emptyDirectory();
    writeFileSync(join(directory, 'file'), '');
    const env = { PORT: '0', ADMIN_ADDRESS: '127.0.0.1:0', DATA_DIR: join(directory, 'file') };
    oneClearLine(await balcao(['serve'], { env, cwd: directory }), /file/);
  });

  test('on a data directory that is not writable', async () => {
    // Not even root may write here.
    const env = { PORT: '0', ADMIN_ADDRESS: '127.0.0.1:0', DATA_DIR: '/proc' };
    oneClearLine(await balcao(['serve'], { env, cwd: emptyDirectory() }), /'\/proc': it cannot be written to/);
  });

  /** A server's data after a step of the future was applied that needs at least schema `worksWith`. */
  async function fromTheFuture(worksWith) {
    const server = newServer();
    after(() => server.close());
    await server.start();
    await server.stop();
    const step = `INSERT INTO schema_migrations SELECT 1000, 'future', checksum, ${worksWith}, applied_at FROM schema_migrations LIMIT 1`;
    await server.query(step, 'products');
    return server;
  }

  test('on a database of a newer schema, and touches nothing', async () => {
    const server = await fromTheFuture(999);
    const before = await server.contents();
    oneClearLine(await server.run('serve'), /newer/);
    assert.deepEqual(await server.contents(), before);
  });

  test('but not on one that the newer version left usable for this one', async () => {
    const server = await fromTheFuture(1);
    await server.start();
  });
});

describe('commands beside a running server', () => {
  const server = serverForSuite();

  test('openapi prints what /openapi.json serves', async () => {
    const { code, stdout } = await server.run('openapi');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), (await server.api('GET', '/openapi.json')).body);
  });

  test('healthcheck says whether the server is well by its exit status', async () => {
    const check = (port) => balcao(['healthcheck'], { env: { ...server.env, PORT: String(port) }, cwd: server.home });
    const well = await check(server.port);
    assert.equal(well.code, 0, well.stderr);
    assert.notEqual((await check(1)).code, 0);
  });

  test('migrate status shows every service up to date', async () => {
    const { code, stdout } = await server.run('migrate', 'status');
    assert.equal(code, 0);
    for (const schema of ['auth', 'payments', 'products']) assert.match(stdout, new RegExp(`\\b${schema}\\b`));
  });

  test('user list shows who is there', async () => {
    const { username } = await server.newUser();
    const { code, stdout } = await server.run('user', 'list');
    assert.equal(code, 0);
    assert.ok(lines(stdout).some((line) => line.includes(username)), stdout);
  });

  test('user promote makes an administrator, and says when there is no such user', async () => {
    const { token } = await server.newAdministrator();
    assert.equal((await server.api('GET', '/me', { token })).body.role, 'admin');
    const nobody = await server.run('user', 'promote', 'nobody-here');
    assert.notEqual(nobody.code, 0);
    assert.match(nobody.stderr, /no such user/i);
  });

  test('user create makes one who can log in', async () => {
    const created = await balcao(['user', 'create', 'by-command'], {
      env: { ...server.env, BALCAO_PASSWORD: password }, cwd: server.home,
    });
    assert.equal(created.code, 0, created.stderr + created.stdout);
    assert.equal((await server.login('by-command')).token_type, 'Bearer');
  });

  test('user disable ends all that the user had, at once', async () => {
    const user = await server.newUser();
    assert.equal((await server.run('user', 'disable', user.username)).code, 0);
    await until(async () => (await server.api('GET', '/me', { token: user.token })).status === 401, 'the token is refused', 2000);
    assert.equal((await server.api('POST', '/login', { body: { username: user.username, password } })).status, 401);
    assert.equal((await server.api('POST', '/refresh', { body: { refresh_token: user.refreshToken } })).status, 401);
  });
});

describe('migrate', () => {
  test('makes the databases, and again changes nothing', async () => {
    const server = newServer();
    after(() => server.close());
    await server.prepare();
    for (const round of [1, 2]) {
      const { code, stderr } = await server.run('migrate');
      assert.equal(code, 0, `round ${round}: ${stderr}`);
    }
    assert.equal((await server.run('migrate', 'status')).code, 0);
  });
});

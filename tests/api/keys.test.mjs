import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PostgresAndRedis } from './harness/backing.mjs';
import { doors } from './harness/doors.mjs';
import { Server } from './harness/server.mjs';
import { newServer, serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const jose = await import('jose').catch(() => undefined);
const needsJose = { skip: jose ? false : 'the npm package could not be fetched (npm ci in tests/)' };

const headerOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const welcome = [200, 404];

async function command(server, ...args) {
  const { code, stdout, stderr } = await server.run('keys', ...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** [{kid, alg, state, sealed}] */
const list = async (server) => (await command(server, 'list')).trim().split('\n').map((line) => {
  const [kid, alg, state, , , ...rest] = line.split(/\s+/);
  return { kid, alg, state, sealed: rest.join(' ') === 'sealed' };
});

const published = async (server) => (await server.api('GET', '/.well-known/jwks.json')).body.keys;
const kidsOf = (keys) => keys.map((key) => key.kid);

async function refresh(server, user) {
  const response = await server.api('POST', '/refresh', { body: { refresh_token: user.refreshToken } });
  assert.equal(response.status, 200, response.text);
  return { ...user, token: response.body.access_token, refreshToken: response.body.refresh_token };
}

/** Waits until every service of every process answers a token so; a new key is known to all within a second. */
async function everywhere(server, token, expected, what) {
  for (const door of doors(server)) {
    await until(async () => expected.includes(await door.status(token)), `${what} at ${door.name}`, 3000);
  }
}

describe('a key that is replaced', () => {
  const server = serverForSuite();

  test('signs once everyone has it, and the one before is accepted meanwhile and after', needsJose, async () => {
    const keySet = jose.createRemoteJWKSet(new URL('/.well-known/jwks.json', server.url), { cooldownDuration: 0 });
    const verify = (token) => jose.jwtVerify(token, keySet, { typ: 'at+jwt', audience: 'balcao', issuer: claimsOf(token).iss });
    const user = await server.newUser();
    const [before] = await list(server);
    assert.equal(before.state, 'signing');
    assert.equal(headerOf(user.token).kid, before.kid);
    await verify(user.token);

    await command(server, 'rotate', '--now');
    const [old, next] = await list(server);
    assert.equal(old.kid, before.kid);
    await until(async () => kidsOf(await published(server)).includes(next.kid), 'the new key is published');
    let during = user;
    await until(async () => {
      during = await refresh(server, during);
      await verify(during.token);
      // A new key signs only when every process has it: no token is refused, at any moment.
      for (const door of doors(server)) assert.ok(welcome.includes(await door.status(during.token)), door.name);
      return headerOf(during.token).kid === next.kid;
    }, 'the new key signs');

    assert.deepEqual((await list(server)).map(({ state }) => state), ['retiring', 'signing']);
    await verify(user.token);
    await verify(during.token);
    await everywhere(server, user.token, welcome, 'the old token is accepted');
  });

  test('waits five minutes where nothing else is said, as long as the key set may be kept', async () => {
    const response = await server.api('GET', '/.well-known/jwks.json');
    assert.equal(response.headers.get('cache-control'), 'public, max-age=300');
    const said = await command(server, 'rotate');
    const at = Date.parse(said.match(/signs from (\S+)/)[1]);
    assert.ok(Math.abs(at - Date.now() - 300_000) < 60_000, said);
    const keys = await list(server);
    assert.equal(keys.at(-1).state, 'next');
    await until(async () => kidsOf(await published(server)).includes(keys.at(-1).kid), 'it is published at once');
    const user = await server.newUser();
    assert.equal(headerOf(user.token).kid, keys.find(({ state }) => state === 'signing').kid);
  });

  test('is written down', async () => {
    const written = async () => Number(await server.backing.query("SELECT count(*) FROM audit WHERE event = 'keys_rotated'", 'auth', server.dataDir));
    const before = await written();
    await command(server, 'rotate');
    assert.equal(await written(), before + 1);
  });
});

describe('a key that has leaked', () => {
  const server = serverForSuite();

  test('is refused by every process within a second, and sessions go on', async () => {
    const user = await server.newUser();
    const [leaked] = await list(server);
    await everywhere(server, user.token, welcome, 'it is accepted');  // and remembered as verified
    await command(server, 'rotate', '--revoke');
    await everywhere(server, user.token, [401], 'it is refused');
    const keys = await list(server);
    assert.equal(keys.length, 1);
    assert.notEqual(keys[0].kid, leaked.kid);
    assert.deepEqual(kidsOf(await published(server)), [keys[0].kid]);

    const renewed = await refresh(server, user);
    assert.equal(headerOf(renewed.token).kid, keys[0].kid);
    await everywhere(server, renewed.token, welcome, 'a new token is accepted');
    await everywhere(server, user.token, [401], 'the old one stays refused');
  });
});

describe('the algorithm of keys', () => {
  const server = serverForSuite({ env: { SIGNING_ALGORITHM: 'ES256' } });

  test('is the one that is set', needsJose, async () => {
    const user = await server.newUser();
    assert.equal(headerOf(user.token).alg, 'ES256');
    const [key] = await published(server);
    assert.deepEqual([key.kty, key.crv, key.alg, key.use], ['EC', 'P-256', 'ES256', 'sig']);
    assert.ok(!('d' in key), 'the private part stays at home');
    const keys = jose.createRemoteJWKSet(new URL('/.well-known/jwks.json', server.url));
    await jose.jwtVerify(user.token, keys, { typ: 'at+jwt', audience: 'balcao', algorithms: ['ES256'] });
    await everywhere(server, user.token, welcome, 'it is accepted');
  });
});

describe('keys at rest', () => {
  const first = 'a'.repeat(32);
  const second = 'b'.repeat(32);
  const server = newServer({ env: { KEY_ENCRYPTION_KEY: first } });
  const servers = () => server.processes;
  before(() => server.start());
  after(() => server.close());
  const restartWith = async (value) => {
    await server.stop();
    for (const one of servers()) value ? (one.env.KEY_ENCRYPTION_KEY = value) : delete one.env.KEY_ENCRYPTION_KEY;
    await server.restart();
  };

  test('are sealed, and sealed anew when the key-encryption key is replaced', async () => {
    const user = await server.newUser();
    assert.deepEqual((await list(server)).map(({ sealed }) => sealed), [true]);
    await restartWith(`${second},${first}`);
    await restartWith(second);
    assert.equal((await server.api('GET', '/me', { token: user.token })).status, 200, 'it is the same key all along');
  });

  test('keep Auth from starting where nothing opens them; what to do is said', async () => {
    await server.stop();
    const [auth] = servers();
    const { KEY_ENCRYPTION_KEY, ...env } = auth.env;
    for (const value of ['', 'c'.repeat(32)]) {
      auth.env = { ...env, KEY_ENCRYPTION_KEY: value };
      await assert.rejects(auth.start(), (fault) => /KEY_ENCRYPTION_KEY: .*balcao keys rotate --revoke/.test(fault.message)
        && !fault.message.includes('c'.repeat(32)));
      assert.equal(auth.process.ended.code, 78);
    }
    await command(auth, 'rotate', '--revoke');
    await auth.start();
    assert.equal((await list(auth)).length, 1);
    await auth.newUser();
  });
});

describe('two whole processes on one PostgreSQL', { skip: (process.env.BALCAO_TEST_ENGINE ?? 'sqlite') === 'sqlite' }, () => {
  const backing = new PostgresAndRedis();
  let one;
  let other;
  before(async () => {
    const env = await backing.start();
    [one, other] = [new Server({ env }), new Server({ env })];
    await Promise.all([one.start(), other.start()]);
  });
  after(async () => {
    await Promise.all([one, other].map((server) => server?.close()));
    await backing.close();
  });

  test('accept each other’s tokens, each of them signed under its own address', async () => {
    for (const [from, to] of [[one, other], [other, one]]) {
      const user = await from.newUser();
      assert.equal(claimsOf(user.token).iss, from.url);
      await everywhere(to, user.token, welcome, 'a token of the other');
    }
    assert.deepEqual(await published(one), await published(other));
  });

  test('rotate together', async () => {
    const user = await one.newUser();
    await everywhere(other, user.token, welcome, 'a token of the other');
    await command(one, 'rotate', '--revoke');
    for (const server of [one, other]) await everywhere(server, user.token, [401], 'a revoked token');
    const renewed = await refresh(other, user);
    await everywhere(one, renewed.token, welcome, 'a token of the new key');
  });

  test('move to a PUBLIC_URL one after the other', async () => {
    const before = await one.newUser();
    await other.stop();
    other.env.PUBLIC_URL = 'https://shop.example';
    await other.restart();
    const moved = await other.newUser();
    assert.equal(claimsOf(moved.token).iss, 'https://shop.example');
    await everywhere(one, moved.token, welcome, 'a token of the one that has moved');
    await everywhere(other, before.token, welcome, 'a token of the one that has not');
  });
});

describe('with JWT_SECRET', () => {
  const server = serverForSuite({ env: { JWT_SECRET: 'a secret of more than thirty-two bytes' } });

  test('there is nothing to rotate, and the commands say so', async () => {
    assert.match(await command(server, 'list'), /JWT_SECRET.*nothing to rotate/);
    for (const args of [['rotate'], ['rotate', '--now'], ['rotate', '--revoke']]) {
      const { code, stderr } = await server.run('keys', ...args);
      assert.equal(code, 1);
      assert.match(stderr, /JWT_SECRET.*nothing to rotate/);
    }
    const user = await server.newUser();
    assert.equal(headerOf(user.token).alg, 'HS256');
    await everywhere(server, user.token, welcome, 'it is accepted');
    assert.deepEqual(await published(server), []);
  });
});

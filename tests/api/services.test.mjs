import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { PostgresAndRedis } from './harness/backing.mjs';
import { doors } from './harness/doors.mjs';
import { assertProblem } from './harness/problem.mjs';
import { Server } from './harness/server.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A service's token as one that has the key makes it, but for what `claims` changes. */
function makeServiceToken(key, claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const us = 'balcao-internal';
  const all = {
    iss: us, sub: us, aud: us, client_id: us, exp: now + 120, iat: now, jti: '', sid: '', scope: '', role: 'service', ...claims,
  };
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode(all)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

describe('/internal', () => {
  const fleet = serverForSuite();
  const serviceToken = (claims, key = fleet.serviceKey) => makeServiceToken(key, claims);
  const anybody = '0190a5d0-0000-7000-8000-000000000000';
  const endpoints = () => [
    [fleet.auth, 'GET', '/internal/auth/ended-sessions'],
    [fleet.auth, 'GET', '/internal/auth/keys'],
    [fleet.auth, 'GET', `/internal/auth/sessions/${anybody}`],
    [fleet.payments, 'GET', `/internal/payments/users/${anybody}`],
    [fleet.payments, 'PUT', `/internal/payments/users/${anybody}/customer`, { username: 'somebody' }],
  ];

  test('opens to who has the service key', async () => {
    for (const [server, method, path, body] of endpoints()) {
      const response = await server.api(method, path, { body, token: serviceToken() });
      assert.ok(response.status < 300, `${method} ${path}: ${response.status} ${response.text}`);
    }
  });

  test('and to nobody else', async () => {
    const user = await fleet.newUser();
    const administrator = await fleet.newAdministrator();
    const now = Math.floor(Date.now() / 1000);
    const wrong = {
      'no token': undefined,
      'nonsense': 'nonsense',
      "a user's token": user.token,
      "an administrator's token": administrator.token,
      'a refresh token': user.refreshToken,
      'the service key itself': fleet.serviceKey,
      'a token by another key': serviceToken({}, 'another key of more than thirty-two bytes'),
      'a token that has expired': serviceToken({ iat: now - 600, exp: now - 480 }),
      "a token for the users' audience": serviceToken({ aud: 'balcao' }),
    };
    for (const [server, method, path, body] of endpoints()) {
      for (const [what, token] of Object.entries(wrong)) {
        const response = await server.api(method, path, { body, token });
        assert.equal(response.status, 401, `${what} at ${method} ${path}: ${response.text}`);
        assertProblem(response, 401);
      }
    }
  });

  test("a service's token is no user's", async () => {
    for (const door of doors(fleet)) assert.equal(await door.status(serviceToken()), 401, door.name);
  });

  test('is not routed by the front, nor in the document of the endpoints', async () => {
    for (const [, method, path, body] of endpoints()) {
      assert.equal((await fleet.api(method, path, { body, token: serviceToken() })).status, 404);
    }
    for (const server of fleet.processes) assert.ok(!(await server.api('GET', '/openapi.json')).text.includes('/internal'));
  });
});

describe('a process for each service', () => {
  const fleet = serverForSuite();
  const paths = {
    auth: [['GET', '/.well-known/jwks.json']],
    products: [['GET', '/products']],
    payments: [['OPTIONS', '/stripe/clients']],
  };

  test('answers for its own service only', async () => {
    for (const server of fleet.processes) {
      for (const [service, asked] of Object.entries(paths)) {
        for (const [method, path] of asked) {
          const { status } = await server.api(method, path);
          assert.equal(status === 404, !server.services.includes(service), `${method} ${path} of ${server.services}: ${status}`);
        }
      }
      for (const path of ['/livez', '/readyz', '/version', '/openapi.json']) {
        assert.equal((await server.api('GET', path)).status, 200, path);
      }
    }
  });

  test("a disabled user's token is refused by every one", async () => {
    const { username, token } = await fleet.newUser();
    for (const door of doors(fleet)) assert.ok([200, 404].includes(await door.status(token)), door.name);
    assert.equal((await fleet.run('user', 'disable', username)).code, 0);
    for (const door of doors(fleet)) await until(async () => (await door.status(token)) === 401, `${door.name} refuses it`, 2000);
  });

  test('a write at one is read at the other', async () => {
    const { token } = await fleet.newUser();
    const [one, other] = fleet.products;
    const product = await one.newProduct(token, { price: 100 });
    const priceAt = async (server) => (await server.api('GET', `/products/${product.id}`)).body?.price;
    assert.equal(await priceAt(other), 100);
    for (const price of [200, 300, 400]) {
      assert.equal((await one.api('PUT', `/products/${product.id}`, { token, body: { price } })).status, 200);
      await until(async () => (await priceAt(other)) === price, 'the other process shows it');
    }
  });
});

describe("the user's customer", () => {
  const fleet = serverForSuite();
  const me = async (token) => {
    const response = await fleet.api('GET', '/me', { token });
    assert.equal(response.status, 200, response.text);
    return response.body;
  };
  const hasCustomer = (token) => until(async () => (await me(token)).customer?.status === 'active', 'the customer is made');

  test('follows the registration', async () => {
    const user = await fleet.newUser();
    await hasCustomer(user.token);
    const { customer, payments, note } = await me(user.token);
    assert.match(customer.gateway_id, /^cus_\w+$/);
    assert.deepEqual([payments, note ?? null], [[], null]);
  });

  test('is one, though the job is done again', async () => {
    const user = await fleet.newUser();
    await hasCustomer(user.token);
    const { customer } = await me(user.token);
    const again = { body: { username: user.username }, token: makeServiceToken(fleet.serviceKey) };
    const path = `/internal/payments/users/${user.id}/customer`;
    for (const { status, text } of await Promise.all(Array.from({ length: 10 }, () => fleet.payments.api('PUT', path, again)))) {
      assert.equal(status, 204, text);
    }
    assert.deepEqual((await me(user.token)).customer, customer);
  });

  test('follows also when Payments is dead at the time and comes back later; until then, a note', async () => {
    const early = await fleet.newUser();
    await fleet.payments.kill();
    const late = await fleet.newUser();
    for (const { token, username } of [early, late]) {
      const without = await me(token);
      assert.equal(without.username, username);
      assert.equal(without.customer, null);
      assert.ok(without.note?.length > 0, JSON.stringify(without));
    }
    await fleet.payments.restart();
    for (const { token } of [early, late]) await hasCustomer(token);
    assert.equal((await me(late.token)).note ?? null, null);
  });

  test('the note speaks the language that is asked for', async () => {
    const { token } = await fleet.newUser();
    await fleet.payments.kill();
    try {
      const note = async (language) => (await fleet.api('GET', '/me', { token, headers: { 'accept-language': language } })).body.note;
      assert.notEqual(await note('pt-BR'), await note('en'));
    } finally {
      await fleet.payments.restart();
    }
  });
});

describe('100,000 ended sessions', () => {
  const fleet = serverForSuite();

  test('are known to a process that starts', { timeout: 180_000 }, async () => {
    const [first, last, open] = [await fleet.newUser(), await fleet.newUser(), await fleet.newUser()];
    await fleet.query(`
      INSERT INTO sessions (id, user_id, rotation_key, address, user_agent, created_at, last_used_at, expires_at, ended_at, end_reason)
      SELECT gen_random_uuid(), '${first.id}', '', '', '', now(), now(), now() + interval '1 day', now() - i / 50000 * interval '1 s', 'test'
      FROM generate_series(0, 99999) i`, 'auth');
    for (const [user, ended] of [[first, `now() - interval '1 minute'`], [last, `now() + interval '1 s'`]]) {
      await fleet.query(`UPDATE sessions SET ended_at = ${ended}, end_reason = 'test' WHERE id = '${user.sessionId}'`, 'auth');
    }
    const [products] = fleet.products;
    await products.stop();
    await products.restart();
    const status = (token) => products.api('DELETE', '/products/0190a5d0-0000-7000-8000-000000000000', { token });
    for (const { token } of [first, last]) assert.equal((await status(token)).status, 401);
    assert.equal((await status(open.token)).status, 404);
  });
});

describe('a part of Balcão is refused', () => {
  const backing = new PostgresAndRedis();
  let sound;
  before(async () => {
    const url = 'http://127.0.0.1:1';
    sound = { ...(await backing.start()), AUTH_URL: url, PAYMENTS_URL: url, PRODUCTS_URL: url, SERVICE_KEY: 'k'.repeat(32) };
  });
  after(() => backing.close());

  const wirings = [
    [['auth'], 'PAYMENTS_URL'], [['products'], 'PAYMENTS_URL'], [['auth', 'products'], 'PAYMENTS_URL'],
    [['payments'], 'PRODUCTS_URL'], [['payments'], 'AUTH_URL'], [['products'], 'AUTH_URL'], [['payments', 'products'], 'AUTH_URL'],
    ...['auth', 'payments', 'products'].flatMap((name) => [[[name], 'REDIS_URL'], [[name], 'SERVICE_KEY']]),
  ];
  for (const [services, missing] of wirings) {
    test(`serve ${services.join(' ')} without ${missing}`, async () => {
      const { [missing]: _, ...env } = sound;
      const { code, stdout, stderr } = await new Server({ services, env }).run('serve', ...services);
      assert.equal(code, 78, stdout + stderr);
      assert.match(stderr, new RegExp(`\\b${missing}\\b`));
    });
  }

  test('with addresses that are none, all of them named', async () => {
    const env = { ...sound, AUTH_URL: 'auth:8080', PAYMENTS_URL: 'ftp://payments', SERVICE_KEY: 'short' };
    const { code, stdout, stderr } = await new Server({ env }).run('serve', 'products');
    assert.equal(code, 78, stdout + stderr);
    for (const name of ['AUTH_URL', 'PAYMENTS_URL', 'SERVICE_KEY']) assert.match(stderr, new RegExp(`\\b${name}\\b`));
  });
});

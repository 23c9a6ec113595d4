import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { Receiver } from './harness/receiver.mjs';
import { Server } from './harness/server.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { Trap } from './harness/trap.mjs';
import { until } from './harness/wait.mjs';

const { Webhook } = await import('standardwebhooks').catch(() => ({}));
const needsLibrary = { skip: Webhook ? false : 'the npm package could not be fetched (npm ci in tests/)' };
const verify = (secret, { body, headers }) => new Webhook(secret).verify(body, headers);

const unknown = '0190a5d0-0000-7000-8000-000000000000';

describe('webhooks', () => {
  const server = serverForSuite();
  const receiver = new Receiver();
  let user, paths = 0;
  before(async () => {
    await receiver.start();
    user = await server.newUser();
  });
  after(() => receiver.close());

  const call = (method, path, { token = user.token, ...rest } = {}) =>
    server.api(method, `/webhook-endpoints${path}`, { token, ...rest });

  async function succeed(method, path, options) {
    const response = await call(method, path, options);
    assert.ok(response.status < 300, response.text);
    return response.body;
  }

  /** A new endpoint at the receiver, on a path of its own. */
  async function newEndpoint({ token, ...fields } = {}) {
    const path = `/hook/${++paths}`;
    const endpoint = await succeed('POST', '', { token, body: { url: receiver.origin + path, ...fields } });
    return { ...endpoint, path };
  }

  const messagesTo = (endpoint, count) => receiver.received(({ url }) => url === endpoint.path, count);
  const settled = (endpoint, message, status = 'delivered') => until(async () => {
    const delivery = await succeed('GET', `/${endpoint.id}/deliveries/${message}`);
    return delivery.status === status && delivery;
  }, `the delivery is ${status}`);

  test('are made with a secret that is shown once', async () => {
    const response = await call('POST', '', { body: { url: receiver.url, description: 'Loja', types: ['payment.succeeded'] } });
    assert.equal(response.status, 201, response.text);
    const { id, secret, ...rest } = response.body;
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal(response.headers.get('location'), `/webhook-endpoints/${id}`);
    assert.deepEqual([rest.url, rest.description, rest.types, rest.everyone, rest.enabled],
      [receiver.url, 'Loja', ['payment.succeeded'], false, true]);
    for (const path of ['', `/${id}`]) assert.ok(!(await call('GET', path)).text.includes('whsec_'), path);
    assert.ok(!server.output().includes(secret), 'it is in no log');
  });

  test('are changed and deleted', async () => {
    const { id } = await newEndpoint();
    const changed = await succeed('PATCH', `/${id}`, { body: { description: 'Nova', types: ['refund.created', 'refund.created'] } });
    assert.deepEqual([changed.description, changed.types], ['Nova', ['refund.created']]);
    const disabled = await succeed('PATCH', `/${id}`, { body: { enabled: false } });
    assert.deepEqual([disabled.enabled, disabled.disabled_reason], [false, 'requested']);
    assertProblem(await call('POST', `/${id}/test`), 409, { code: 'webhook_endpoint_disabled' });
    const enabled = await succeed('PATCH', `/${id}`, { body: { enabled: true } });
    assert.deepEqual([enabled.enabled, enabled.disabled_reason], [true, null]);
    assert.equal((await call('DELETE', `/${id}`)).status, 204);
    assertProblem(await call('GET', `/${id}`), 404);
  });

  const refusals = [
    ['no address', { url: 'shop' }, '/url'],
    ['another scheme', { url: 'ftp://shop.example/' }, '/url'],
    ['a password in the address', { url: 'https://me:secret@shop.example/' }, '/url'],
    ['a type that there is not', { url: 'https://shop.example/', types: ['payment.sold'] }, '/types/0'],
    ['a member that there is not', { url: 'https://shop.example/', secret: 'whsec_mine' }, '/secret'],
  ];
  for (const [what, body, pointer] of refusals) {
    test(`with ${what} are refused`, async () => {
      const response = await call('POST', '', { body });
      assertProblem(response, 422, { code: 'invalid_fields', pointers: [pointer] });
    });
  }

  test('are not many', async () => {
    const { token } = await server.newUser();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', '', { token, body: { url: receiver.url } })));
    const made = answers.filter(({ status }) => status === 201).length;
    assert.ok(made <= 16, `${made} were made`);
    for (let i = made; i < 16; ++i) await succeed('POST', '', { token, body: { url: receiver.url } });
    assertProblem(await call('POST', '', { token, body: { url: receiver.url } }), 409, { code: 'too_many_webhook_endpoints' });
  });

  test('page like every list', async () => {
    const { token } = await server.newUser();
    const made = [];
    for (let i = 0; i < 3; ++i) made.unshift((await newEndpoint({ token })).id);
    const first = await succeed('GET', '?limit=2', { token });
    const second = await succeed('GET', `?limit=2&cursor=${first.next_cursor}`, { token });
    assert.deepEqual([...first.data, ...second.data].map(({ id }) => id), made);
    assert.equal(second.has_more, false);
  });

  test("of another's are unknown, to the byte", async () => {
    const { id } = await newEndpoint();
    const message = (await succeed('POST', `/${id}/test`)).id;
    const { token } = await server.newUser();
    const robot = await server.newServiceAccount('payments:read', 'payments:write');
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const text = async (method, path, endpoint, options) =>
      (await call(method, `/${endpoint}${path}`, { ...options, headers: { traceparent } })).text.replaceAll(endpoint, '{id}');
    for (const [method, path, body] of [
      ['GET', ''], ['PATCH', '', { enabled: false }], ['DELETE', ''], ['POST', '/rotate-secret'], ['POST', '/test'],
      ['GET', '/deliveries'], ['GET', `/deliveries/${message}`], ['POST', `/deliveries/${message}/replay`],
      ['POST', '/replay', { since: '2026-01-01T00:00:00Z' }],
    ]) {
      for (const stranger of [token, robot.token]) {
        const options = { token: stranger, body };
        const foreign = await call(method, `/${id}${path}`, options);
        assertProblem(foreign, 404, { code: 'not_found' });
        assert.equal(await text(method, path, id, options), await text(method, path, unknown, options));
      }
    }
    await settled({ id }, message);
  });

  test('for everyone are for administrators', async () => {
    assertProblem(await call('POST', '', { body: { url: receiver.url, everyone: true } }), 403, { code: 'forbidden' });
    const { token } = await server.newAdministrator();
    assert.equal((await newEndpoint({ token, everyone: true })).everyone, true);
  });

  test('are signed so that the official library takes them', needsLibrary, async () => {
    const endpoint = await newEndpoint();
    const { id, type, status } = await succeed('POST', `/${endpoint.id}/test`);
    assert.deepEqual([type, status], ['webhook.test', 'pending']);
    const [message] = await messagesTo(endpoint);
    assert.deepEqual([message.headers['webhook-id'], message.headers['content-type']], [id, 'application/json']);
    const verified = verify(endpoint.secret, message);
    assert.deepEqual([verified.type, verified.data], ['webhook.test', { webhook_endpoint_id: endpoint.id }]);
    assert.ok(Math.abs(Date.parse(verified.timestamp) - Date.now()) < 60_000);
    assert.throws(() => verify(endpoint.secret, { ...message, body: `${message.body} ` }));

    const delivery = await settled(endpoint, id);
    assert.deepEqual([delivery.attempts, delivery.answer, delivery.error, delivery.payload], [1, 200, null, verified]);
  });

  test('are signed with both secrets while one replaces the other', needsLibrary, async () => {
    const endpoint = await newEndpoint();
    const { secret } = await succeed('POST', `/${endpoint.id}/rotate-secret`);
    assert.notEqual(secret, endpoint.secret);
    await succeed('POST', `/${endpoint.id}/test`);
    const [message] = await messagesTo(endpoint);
    for (const each of [secret, endpoint.secret]) verify(each, message);
    await succeed('POST', `/${endpoint.id}/rotate-secret`);
    await succeed('POST', `/${endpoint.id}/test`);
    const [, second] = await messagesTo(endpoint, 2);
    verify(secret, second);
    assert.throws(() => verify(endpoint.secret, second), 'the one before the last signs no more');
  });

  test('come again after a no, and are not led elsewhere', async () => {
    const endpoint = await newEndpoint();
    receiver.answer = ({ url }) => (url === endpoint.path
      ? { status: 307, headers: { location: `${receiver.origin}/elsewhere` } } : {});
    const { id } = await succeed('POST', `/${endpoint.id}/test`);
    await messagesTo(endpoint);
    const refused = await until(async () => {
      const delivery = await succeed('GET', `/${endpoint.id}/deliveries/${id}`);
      return delivery.answer === 307 && delivery;
    }, 'the answer is noted');
    assert.equal(refused.status, 'pending');
    receiver.answer = () => ({});
    const [first, second] = await messagesTo(endpoint, 2);
    assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
    assert.equal(second.body, first.body);
    assert.equal((await settled(endpoint, id)).attempts, 2);
    assert.equal(receiver.deliveries.filter(({ url }) => url === '/elsewhere').length, 0);
  });

  test('end where the endpoint is gone, and are replayed', async () => {
    const endpoint = await newEndpoint();
    receiver.answer = ({ url }) => (url === endpoint.path ? { status: 410 } : {});
    const since = new Date(Date.now() - 1000).toISOString();
    const { id } = await succeed('POST', `/${endpoint.id}/test`);
    await settled(endpoint, id, 'failed');
    const gone = await succeed('GET', `/${endpoint.id}`);
    assert.deepEqual([gone.enabled, gone.disabled_reason], [false, 'gone']);
    const failed = await succeed('GET', `/${endpoint.id}/deliveries?status=failed`);
    assert.deepEqual(failed.data.map((delivery) => delivery.id), [id]);
    assertProblem(await call('POST', `/${endpoint.id}/deliveries/${id}/replay`), 409, { code: 'webhook_endpoint_disabled' });

    receiver.answer = () => ({});
    await succeed('PATCH', `/${endpoint.id}`, { body: { enabled: true } });
    assert.deepEqual(await succeed('POST', `/${endpoint.id}/replay`, { body: { since } }), { replayed: 1 });
    await settled(endpoint, id);
    const again = await call('POST', `/${endpoint.id}/deliveries/${id}/replay`);
    assert.equal(again.status, 202, again.text);
    assert.equal(again.headers.get('location'), `/webhook-endpoints/${endpoint.id}/deliveries/${id}`);
    await messagesTo(endpoint, 3);
    await settled(endpoint, id);
    assert.deepEqual((await succeed('GET', `/${endpoint.id}/deliveries?status=failed`)).data, []);
  });

  test('of one who is slow delay nobody else', async () => {
    const [slow, quick] = [await newEndpoint(), await newEndpoint()];
    let release;
    const released = new Promise((resolve) => { release = resolve; });
    receiver.answer = async ({ url }) => {
      if (url === slow.path) await released;
      return {};
    };
    const late = [];
    for (let i = 0; i < 12; ++i) late.push((await succeed('POST', `/${slow.id}/test`)).id);
    const { id } = await succeed('POST', `/${quick.id}/test`);
    await settled(quick, id);
    assert.ok(receiver.deliveries.filter(({ url }) => url === slow.path).length <= 8, 'no more than its places');
    release();
    for (const each of late) await settled(slow, each);
    receiver.answer = () => ({});
  });

  test('leave with their owner', async () => {
    const leaving = await server.newUser();
    const endpoint = await newEndpoint({ token: leaving.token });
    assert.equal((await server.api('DELETE', '/me', { token: leaving.token })).status, 204);
    const { token } = await server.newAdministrator();
    await until(async () => (await call('GET', `/${endpoint.id}`, { token })).status === 404, 'the endpoint is gone');
  });
});

describe('webhooks in production', () => {
  const trap = new Trap();
  let server, token;
  before(async () => {
    await trap.start();
    server = new Server({ env: { BALCAO_ENV: 'production', STRIPE_SECRET_KEY: 'sk_test_nobody', STRIPE_API_BASE: trap.url } });
    await server.start();
    ({ token } = await server.newUser());
  });
  after(async () => {
    await server.close();
    await trap.close();
  });
  const create = (url) => server.api('POST', '/webhook-endpoints', { token, body: { url } });

  const inside = [
    'http://shop.example/', 'https://127.0.0.1/', 'https://localhost/', 'https://10.0.0.1/', 'https://169.254.169.254/latest',
    'https://[::1]/', 'https://[::ffff:192.168.0.1]/', 'https://[fd00::1]/', 'https://0/', 'https://2130706433/', 'https://127.1/',
  ];
  for (const url of inside) {
    test(`do not lead to ${url}`, async () => {
      assertProblem(await create(url), 422, { code: 'invalid_fields', pointers: ['/url'] });
    });
  }

  test('lead to no name that leads inside', async () => {
    const inner = new Trap();
    await inner.start();
    try {
      const made = await create(`https://0x7f000001:${new URL(inner.url).port}/hook`);
      assert.equal(made.status, 201, made.text);
      const path = `/webhook-endpoints/${made.body.id}`;
      await server.api('POST', `${path}/test`, { token });
      const delivery = await until(async () => {
        const { body } = await server.api('GET', `${path}/deliveries`, { token });
        return body.data[0].error && body.data[0];
      }, 'the attempt has failed');
      assert.equal(delivery.error, '0x7f000001 is not a public address');
      assert.equal(inner.connections, 0);
    } finally {
      await inner.close();
    }
  });
});

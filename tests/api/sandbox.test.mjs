import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { Server } from './harness/server.mjs';

// Stripe's own SDK against our gateway, unchanged: what it understands, Payments' client and users' programs do too.
const Stripe = (await import('stripe').catch(() => undefined))?.default;
const skip = Stripe ? false : 'the npm package could not be fetched (npm ci in tests/)';
const probe = '/_sandbox/faults';

describe("the sandbox under Stripe's SDK", { skip }, () => {
  const server = new Server({ command: (port) => ['sandbox', '--port', port] });
  let keys = 0;
  const newKey = () => `key-${process.pid}-${++keys}`;

  const client = (options) => new Stripe('sk_test_123', {
    host: '127.0.0.1', port: server.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...options,
  });
  const fault = async (name, match = 'POST /v1/customers') => {
    const response = await fetch(server.url + probe, { method: 'POST', body: JSON.stringify({ match, fault: name }) });
    assert.equal(response.status, 200, await response.text());
  };
  const countOf = async (email) => (await client().customers.list({ email, limit: 100 })).data.length;

  before(() => server.start(probe));
  after(() => server.close());
  beforeEach(() => fetch(server.url + probe, { method: 'DELETE' }));

  describe('customers', () => {
    test('are created, retrieved, updated and deleted', async () => {
      const { customers } = client();
      const made = await customers.create({
        email: 'ana@example.com', name: 'Ana Conceição', phone: '+5511987654321', metadata: { user: '1', 'a key': 'ção & é' },
        address: { city: 'São Paulo', country: 'BR' }, preferred_locales: ['pt-BR', 'en'],
        tax_id_data: [{ type: 'br_cpf', value: '123.456.789-01' }], expand: ['tax_ids'],
      });
      assert.match(made.id, /^cus_[0-9A-Za-z]{14}$/);
      assert.equal(made.object, 'customer');
      assert.equal(made.livemode, false);
      assert.equal(made.name, 'Ana Conceição');
      assert.equal(made.metadata['a key'], 'ção & é');
      assert.deepEqual(made.preferred_locales, ['pt-BR', 'en']);
      assert.equal(made.tax_ids.data[0].type, 'br_cpf');
      assert.match(made.lastResponse.requestId, /^req_/);

      const updated = await customers.update(made.id, { name: '', metadata: { user: null, shop: '2' }, address: null });
      assert.equal(updated.name, null);
      assert.equal(updated.address, null);
      assert.deepEqual(updated.metadata, { 'a key': 'ção & é', shop: '2' });
      assert.deepEqual((await customers.retrieve(made.id)).metadata, updated.metadata);

      assert.equal((await customers.del(made.id)).deleted, true);
      assert.equal((await customers.retrieve(made.id)).deleted, true);
    });

    test('are listed page by page, newest first, each once', async () => {
      const { customers } = client();
      const email = 'pages@example.com';
      const made = [];
      for (let i = 0; i < 7; ++i) made.push((await customers.create({ email })).id);
      const listed = [];
      for await (const customer of customers.list({ email, limit: 3 })) listed.push(customer.id);
      assert.deepEqual(listed, made.toReversed?.() ?? [...made].reverse());

      const before = await customers.list({ email, limit: 2, ending_before: made[2] });
      assert.deepEqual(before.data.map(({ id }) => id), [made[4], made[3]]);
      assert.equal(before.has_more, true);
      const none = await customers.list({ email, created: { lt: 1 } });
      assert.deepEqual(none.data, []);
    });

    test('are found by a search', async () => {
      const { customers } = client();
      const made = [];
      for (let i = 0; i < 3; ++i) made.push((await customers.create({ name: `Searched ${i}`, metadata: { 'a key': "it's" } })).id);
      const found = [];
      for await (const customer of customers.search({ query: "metadata['a key']:'it\\'s' AND name~'searched'", limit: 2 })) {
        found.push(customer.id);
      }
      assert.deepEqual(found.sort(), made.sort());
    });
  });

  describe('errors', () => {
    const thrown = (promise) => promise.then(() => assert.fail('nothing was thrown'), (error) => error);

    test('are of the type that a program asks for', async () => {
      const stripe = client();
      const missing = await thrown(stripe.customers.retrieve('cus_unknown'));
      assert.ok(missing instanceof Stripe.errors.StripeInvalidRequestError);
      assert.deepEqual([missing.statusCode, missing.code, missing.param], [404, 'resource_missing', 'id']);
      assert.match(missing.requestId, /^req_/);

      const unknown = await thrown(stripe.customers.create({ nome: 'Ana' }));
      assert.deepEqual([unknown.statusCode, unknown.code, unknown.param], [400, 'parameter_unknown', 'nome']);

      const unauthorized = await thrown(new Stripe('sk_live_1', { host: '127.0.0.1', port: server.port, protocol: 'http' }).customers.list());
      assert.ok(unauthorized instanceof Stripe.errors.StripeAuthenticationError);

      await fault('rate_limit_429');
      assert.ok((await thrown(stripe.customers.create({}))) instanceof Stripe.errors.StripeRateLimitError);
      await fault('error_500');
      assert.ok((await thrown(stripe.customers.create({}))) instanceof Stripe.errors.StripeAPIError);
    });

    test('a card number is refused and not echoed', async () => {
      const refused = await thrown(client().customers.create({ description: 'card 4242 4242 4242 4242' }));
      assert.equal(refused.statusCode, 400);
      assert.doesNotMatch(JSON.stringify(refused.raw), /4242[- ]?4242/);
    });
  });

  describe('an idempotency key', () => {
    const create = (email, idempotencyKey, options) => client(options).customers.create({ email }, { idempotencyKey });

    test('gives the first outcome again', async () => {
      const key = newKey();
      const first = await create('replayed@example.com', key);
      const again = await create('replayed@example.com', key);
      assert.equal(again.id, first.id);
      assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
      assert.equal(await countOf('replayed@example.com'), 1);
    });

    test('is refused with other parameters', async () => {
      const key = newKey();
      await create('one@example.com', key);
      await assert.rejects(create('two@example.com', key), Stripe.errors.StripeIdempotencyError);
    });

    test('is good for one customer among ten at once; the SDK waits the others out', async () => {
      const key = newKey();
      const made = await Promise.all(Array.from({ length: 10 }, () => create('ten@example.com', key, { maxNetworkRetries: 5 })));
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
      assert.equal(await countOf('ten@example.com'), 1);
    });

    for (const name of ['close_before', 'close_after', 'conflict_409', 'error_500']) {
      test(`makes a retry after ${name} safe`, async () => {
        const email = `${name}@example.com`;
        await fault(name);
        const made = await client({ maxNetworkRetries: 2 }).customers.create({ email });
        assert.equal(made.email, email);
        assert.equal(await countOf(email), 1);
      });
    }

    test('keeps a 500 whose effect took place', async () => {
      const key = newKey();
      await fault('error_500_executed');
      await assert.rejects(create('executed@example.com', key), Stripe.errors.StripeAPIError);
      await assert.rejects(create('executed@example.com', key), Stripe.errors.StripeAPIError);
      assert.equal(await countOf('executed@example.com'), 1);
    });

    test('outlives kill -9', async () => {
      const key = newKey();
      const first = await create('killed@example.com', key);
      await server.kill();
      await server.start(probe);
      assert.equal((await create('killed@example.com', key)).id, first.id);
      assert.equal(await countOf('killed@example.com'), 1);
    });
  });
});

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';

import { RecordingProxy } from './harness/recording_proxy.mjs';
import { Server } from './harness/server.mjs';
import { StripeSpec } from './harness/stripe_spec.mjs';
import { until } from './harness/wait.mjs';

// Stripe's own description of its API; it is not part of the repository.
const folder = new URL('../../../shared/stripe/', import.meta.url);
const skip = existsSync(folder) ? false : "Stripe's OpenAPI description is not there (../shared/stripe)";
const read = (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

// A suite that is skipped counts as no test.
if (skip) test("Stripe's OpenAPI description", { skip }, () => {});

describe("under Stripe's OpenAPI description", { skip }, () => {
  const sandbox = new Server({ command: (port) => ['sandbox', '--port', port] });
  let spec;
  before(async () => {
    spec = new StripeSpec(read('spec3.json'), read('fixtures3.json'));
    await sandbox.start('/_sandbox/faults');
  });
  after(() => sandbox.close());

  describe('what the sandbox answers', () => {
    let proxy, keys = 0;
    before(async () => {
      proxy = await new RecordingProxy(sandbox.url).start();
    });
    after(() => proxy.close());

    async function ask(method, path, form = {}, headers = {}) {
      const query = new URLSearchParams(form).toString();
      const response = await fetch(proxy.url + path + (method === 'GET' && query ? `?${query}` : ''), {
        method, body: method === 'GET' ? undefined : query || undefined,
        headers: {
          authorization: 'Bearer sk_test_spec', 'content-type': 'application/x-www-form-urlencoded',
          ...(method === 'POST' ? { 'idempotency-key': `spec-${++keys}` } : {}), ...headers,
        },
      });
      return { status: response.status, body: await response.json() };
    }
    const get = async (path, form) => (await ask('GET', path, form)).body;
    async function post(path, form) {
      const { status, body } = await ask('POST', path, form);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    }

    beforeEach(() => proxy.exchanges.splice(0));

    /** Every exchange of this test: each answer has the documented shape. */
    function check(...statuses) {
      const { exchanges } = proxy;
      assert.ok(exchanges.length > 0);
      for (const { method, path, status, body } of exchanges) {
        assert.ok(status === 200 || statuses.includes(status), `${method} ${path}: ${status} ${JSON.stringify(body)}`);
        assert.ok(spec.operation(method, path), `${method} ${path} is not documented`);
        assert.deepEqual(spec.faultsOfAnswer(method, path, status, body), [], `${method} ${path}: ${JSON.stringify(body)}`);
      }
    }

    const card = 'pm_card_visa';
    const basic = { amount: 5000, currency: 'brl', 'payment_method_types[0]': 'card' };
    const newIntent = (form) => post('/v1/payment_intents', { ...basic, ...form });
    const paid = (form) => newIntent({ payment_method: card, confirm: true, ...form });
    const billing = (email) => ({
      'payment_method_data[billing_details][name]': 'Ana', 'payment_method_data[billing_details][email]': email,
      'payment_method_data[billing_details][address][line1]': 'Rua A, 1',
      'payment_method_data[billing_details][address][city]': 'São Paulo',
      'payment_method_data[billing_details][address][state]': 'SP',
      'payment_method_data[billing_details][address][postal_code]': '01000-000',
      'payment_method_data[billing_details][address][country]': 'BR',
    });
    const pix = (email) => newIntent({
      'payment_method_types[0]': 'pix', 'payment_method_data[type]': 'pix', confirm: true, ...billing(email),
    });
    const boleto = (email) => newIntent({
      'payment_method_types[0]': 'boleto', 'payment_method_data[type]': 'boleto', confirm: true,
      'payment_method_data[boleto][tax_id]': '529.982.247-25', ...billing(email),
    });
    const reached = (id, status) => until(async () => {
      const intent = await get(`/v1/payment_intents/${id}`);
      return intent.status === status && intent;
    }, `${id} is ${status}`);

    test('customers', async () => {
      const { id } = await post('/v1/customers', {
        email: 'ana@example.com', name: 'Ana', phone: '+5511999999999', 'metadata[a]': 'b', 'address[city]': 'São Paulo',
        'shipping[name]': 'Ana', 'shipping[address][line1]': 'Rua A', 'tax_id_data[0][type]': 'br_cpf',
        'tax_id_data[0][value]': '123.456.789-01', 'expand[0]': 'tax_ids',
      });
      await post(`/v1/customers/${id}`, { name: 'Ana C.' });
      await get(`/v1/customers/${id}`);
      await get('/v1/customers', { limit: 2 });
      await until(async () => (await get('/v1/customers/search', { query: "email:'ana@example.com'" })).data.length > 0, 'it is found');
      await ask('DELETE', `/v1/customers/${id}`);
      await get(`/v1/customers/${id}`);
      check();
    });

    test('payment methods', async () => {
      const { id: customer } = await post('/v1/customers');
      const { id } = await post('/v1/payment_methods', { type: 'card', 'card[token]': 'tok_visa', 'billing_details[name]': 'Ana' });
      await post(`/v1/payment_methods/${id}/attach`, { customer });
      await post(`/v1/payment_methods/${id}`, { 'metadata[a]': 'b' });
      await get(`/v1/payment_methods/${id}`, { 'expand[0]': 'customer' });
      await get(`/v1/customers/${customer}/payment_methods`, { type: 'card' });
      await post(`/v1/payment_methods/${id}/detach`);
      await post('/v1/payment_methods', { type: 'pix' });
      check();
    });

    test('payment intents in every state', async () => {
      const { id: customer } = await post('/v1/customers');
      await newIntent({ customer, description: 'x', 'metadata[payment_id]': '1', statement_descriptor_suffix: 'LOJA' });
      const waiting = await newIntent({ payment_method: card });
      const bank = await paid({ payment_method: 'pm_card_threeDSecure2Required', return_url: 'https://shop.example/' });
      const held = await paid({ capture_method: 'manual' });
      const done = await paid({ customer, 'expand[0]': 'latest_charge' });
      const { id } = await newIntent({ payment_method: card });
      assert.deepEqual([waiting.status, bank.status, held.status, done.status],
        ['requires_confirmation', 'requires_action', 'requires_capture', 'succeeded']);
      await post(`/v1/payment_intents/${id}`, { description: 'y', 'metadata[a]': 'b' });
      await post(`/v1/payment_intents/${id}/confirm`);
      await post(`/v1/payment_intents/${held.id}/capture`, { amount_to_capture: 3000 });
      await post(`/v1/payment_intents/${waiting.id}/cancel`, { cancellation_reason: 'abandoned' });
      await get('/v1/payment_intents', { limit: 100 });
      await get(`/v1/payment_intents/${done.id}`, { 'expand[0]': 'latest_charge.balance_transaction', 'expand[1]': 'customer', 'expand[2]': 'payment_method' });
      check();
    });

    test('Pix and boleto', async () => {
      const intents = [await pix('succeed_immediately@example.com'), await boleto('succeed_immediately@example.com')];
      for (const intent of intents) {
        assert.equal(intent.status, 'requires_action');
        await reached(intent.id, 'succeeded');
      }
      for (const intent of [await pix('expire_immediately@example.com'), await boleto('expire_immediately@example.com')]) {
        await reached(intent.id, 'requires_payment_method');
      }
      await pix('fill_never@example.com');
      check();
    });

    const declining = ['visa_chargeDeclined', 'visa_chargeDeclinedInsufficientFunds', 'chargeDeclinedExpiredCard',
      'chargeDeclinedIncorrectCvc', 'chargeDeclinedProcessingError'];
    test('declines', async () => {
      for (const name of declining) {
        const { id } = await newIntent({ payment_method: `pm_card_${name}` });
        assert.equal((await ask('POST', `/v1/payment_intents/${id}/confirm`)).status, 402);
        assert.equal((await get(`/v1/payment_intents/${id}`)).status, 'requires_payment_method');
      }
      await get('/v1/charges', { limit: 10 });
      check(402);
    });

    test('charges, refunds and the balance', async () => {
      const intent = await paid();
      const charge = await get(`/v1/charges/${intent.latest_charge}`, { 'expand[0]': 'balance_transaction' });
      const refund = await post('/v1/refunds', { payment_intent: intent.id, amount: 1000, reason: 'requested_by_customer', 'metadata[a]': 'b' });
      await post('/v1/refunds', { charge: charge.id });
      await post(`/v1/refunds/${refund.id}`, { 'metadata[a]': 'c' });
      await get(`/v1/refunds/${refund.id}`, { 'expand[0]': 'charge', 'expand[1]': 'balance_transaction', 'expand[2]': 'payment_intent' });
      await get('/v1/refunds', { payment_intent: intent.id });
      for (const method of ['pm_card_pendingRefund', 'pm_card_refundFail']) {
        const { id } = await paid({ payment_method: method });
        const made = await post('/v1/refunds', { payment_intent: id });
        if (method === 'pm_card_refundFail') {
          await until(async () => (await get(`/v1/refunds/${made.id}`)).status === 'failed', 'the refund has failed');
        }
      }
      await get(`/v1/charges/${charge.id}`);
      await get('/v1/charges', { payment_intent: intent.id });
      const { data } = await get('/v1/balance_transactions', { limit: 100 });
      await get(`/v1/balance_transactions/${data[0].id}`, { 'expand[0]': 'source' });
      await get('/v1/balance');
      check();
    });

    test('disputes', async () => {
      const disputed = async () => {
        const { id, latest_charge } = await paid({ payment_method: 'pm_card_createDispute' });
        return until(async () => (await get('/v1/disputes', { payment_intent: id })).data[0], `${latest_charge} is disputed`);
      };
      const { id } = await disputed();
      await get(`/v1/disputes/${id}`, { 'expand[0]': 'charge', 'expand[1]': 'payment_intent' });
      await post(`/v1/disputes/${id}`, { 'evidence[uncategorized_text]': 'winning_evidence', submit: true });
      await until(async () => (await get(`/v1/disputes/${id}`)).status === 'won', 'the dispute is won');
      await post(`/v1/disputes/${(await disputed()).id}/close`);
      check();
    });

    test('webhook endpoints and events', async () => {
      const { id } = await post('/v1/webhook_endpoints', { url: 'http://127.0.0.1:1/', 'enabled_events[0]': '*', description: 'x' });
      await post(`/v1/webhook_endpoints/${id}`, { disabled: true });
      await get(`/v1/webhook_endpoints/${id}`);
      await get('/v1/webhook_endpoints');
      await ask('DELETE', `/v1/webhook_endpoints/${id}`);
      await paid();
      const seen = new Set();
      for (let page = { has_more: true }, after; page.has_more; after = page.data.at(-1).id) {
        page = await get('/v1/events', { limit: 100, ...(after ? { starting_after: after } : {}) });
        for (const { type } of page.data) seen.add(type);
        if (page.data.length === 0) break;
      }
      assert.ok(seen.size > 20, [...seen].join());
      check();
    });

    test('errors', async () => {
      await ask('GET', '/v1/customers/cus_none');
      await ask('POST', '/v1/customers', { colour: 'red' });
      await ask('POST', '/v1/payment_intents', { currency: 'brl' });
      await ask('POST', '/v1/payment_intents', { amount: -1, currency: 'brl' });
      await ask('POST', '/v1/customers', { name: 'A' }, { 'idempotency-key': 'same' });
      await ask('POST', '/v1/customers', { name: 'B' }, { 'idempotency-key': 'same' });
      await ask('GET', '/v1/customers', {}, { authorization: 'Bearer nonsense' });
      const { id } = await paid();
      await ask('POST', `/v1/payment_intents/${id}/cancel`);
      await ask('POST', '/v1/refunds', { payment_intent: id, amount: 999_999 });
      check(400, 401, 404);
    });

    after(() => console.log(`${spec.objects} objects that the sandbox answered were looked at`));
  });

  describe('what Payments asks', () => {
    let proxy, server, user;
    before(async () => {
      proxy = await new RecordingProxy(sandbox.url).start();
      server = new Server({ env: { STRIPE_SECRET_KEY: 'sk_test_spec', STRIPE_API_BASE: proxy.url, STRIPE_WEBHOOK_SECRET: `whsec_${'s'.repeat(32)}` } });
      await server.start();
      user = await server.newUser();
    });
    after(async () => {
      await server.close();
      await proxy.close();
    });

    let keys = 0;
    async function call(method, path, body) {
      const headers = { 'idempotency-key': `spec-${++keys}` };
      const response = await server.api(method, path, { token: user.token, body, headers });
      assert.ok(response.status < 500, `${method} ${path}: ${response.text}`);
      return response.body;
    }
    const billing = {
      name: 'Ana', email: 'ana@example.com', tax_id: '529.982.247-25', line1: 'Rua A, 1', city: 'São Paulo', state: 'SP',
      postal_code: '01000-000',
    };
    const pay = (fields) => call('POST', '/payments', { amount: 5000, payment_method: 'pm_card_visa', confirm: true, ...fields });

    test('has documented parameters', async () => {
      const client = await call('POST', '/stripe/clients', { email: 'ana@example.com', name: 'Ana' });
      await call('PATCH', `/stripe/clients/${client.id}`, { name: 'Ana C.' });
      const paid = await pay({ client_id: client.id, description: 'Um café' });
      await call('POST', `/payments/${paid.id}/refunds`, { amount: 1000, reason: 'requested_by_customer' });
      const held = await pay({ capture: 'manual' });
      await call('POST', `/payments/${held.id}/capture`, { amount: 3000 });
      const open = await call('POST', '/payments', { amount: 5000, payment_method: 'pm_card_visa', confirm: false });
      await call('POST', `/payments/${open.id}/cancel`);
      await pay({ payment_method: 'pm_card_threeDSecure2Required', return_url: 'https://shop.example/' });
      await pay({ payment_method: 'pm_card_visa_chargeDeclined' });
      await pay({ payment_method: 'pix', billing });
      await pay({ payment_method: 'boleto', billing });
      await call('POST', '/checkout', { amount: 5000, success_url: 'https://shop.example/yes', cancel_url: 'https://shop.example/no' });
      await call('DELETE', `/stripe/clients/${client.id}`);
      const reconciled = await server.run('reconcile');
      assert.ok([0, 1].includes(reconciled.code), reconciled.stderr);

      const said = new Map();
      for (const { method, path, form } of proxy.exchanges) {
        const where = `${method} ${path.replace(/_[0-9A-Za-z]{14,}/g, '_…')}`;
        said.set(where, [...(said.get(where) ?? []), ...spec.faultsOfRequest(method, path, form).map((fault) => `${fault} (${form})`)]);
      }
      console.log(`${proxy.exchanges.length} requests of Payments looked at, of ${said.size} kinds`);
      assert.deepEqual(Object.fromEntries([...said].filter(([, faults]) => faults.length > 0)), {});
      for (const where of ['POST /v1/customers', 'POST /v1/payment_intents', 'POST /v1/payment_intents/pi_…/confirm',
        'POST /v1/payment_intents/pi_…/capture', 'POST /v1/payment_intents/pi_…/cancel', 'POST /v1/refunds',
        'POST /v1/checkout/sessions', 'DELETE /v1/customers/cus_…']) {
        assert.ok(said.has(where), `${where} is among ${[...said.keys()].join(', ')}`);
      }
    });
  });

  describe('the judge', () => {
    const customer = { id: 'cus_1', object: 'customer', created: 1, livemode: false };
    const faults = (change) => spec.faultsOfAnswer('GET', '/v1/customers/cus_1', 200, { ...customer, ...change });

    test('knows what fits', () => {
      assert.deepEqual(faults({ name: null, address: { city: 'x' }, metadata: { a: 'b' }, default_source: 'card_1' }), []);
      assert.deepEqual(spec.faultsOfRequest('POST', '/v1/customers', 'name=x&address[city]=y&metadata[a]=b&expand[]=tax_ids'), []);
      assert.deepEqual(spec.faultsOfRequest('GET', '/v1/customers', 'limit=3&created[gte]=5&expand[0]=data.tax_ids'), []);
    });

    test('finds what does not', () => {
      for (const [change, fault] of [
        [{ created: 'now' }, 'created'], [{ created: undefined }, 'created'], [{ livemode: null }, 'livemode'],
        [{ object: 'client' }, 'object'], [{ address: [] }, 'address'], [{ metadata: { a: 1 } }, 'metadata'],
        [{ name: 'x'.repeat(6000) }, 'name'], [{ tax_exempt: 'maybe' }, 'tax_exempt'], [{ favourite_colour: 'red' }, 'favourite'],
      ]) {
        assert.match(faults(change).join(), new RegExp(fault), JSON.stringify(change));
      }
      for (const [path, form] of [
        ['/v1/customers', 'colour=red'], ['/v1/customers', 'address[planet]=x'], ['/v1/customers', 'balance=much'],
        ['/v1/payment_intents', 'currency=brl'], ['/v1/payment_intents', 'amount=1&currency=brl&capture_method=soon'],
        ['/v1/nothing', ''],
      ]) {
        assert.ok(spec.faultsOfRequest('POST', path, form).length > 0, `${path} ${form}`);
      }
      assert.ok(spec.faultsOfRequest('GET', '/v1/customers', 'limit=many').length > 0);
      assert.ok(spec.faultsOfRequest('GET', '/v1/customers', 'page=2').length > 0);
    });
  });
});

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { Gateway } from './harness/gateway.mjs';
import { GatewayProxy } from './harness/gateway_proxy.mjs';
import { assertProblem } from './harness/problem.mjs';
import { freePort } from './harness/process.mjs';
import { Receiver } from './harness/receiver.mjs';
import { newServer } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const oldSecret = 'whsec_the_one_that_is_being_replaced';
const secret = 'whsec_the_one_that_takes_its_place_';
const seconds = () => Math.floor(Date.now() / 1000);
const sign = (body, { at = seconds(), by = secret } = {}) =>
  `t=${at},v1=${createHmac('sha256', by).update(`${at}.${body}`).digest('hex')}`;

function permutations(list) {
  if (list.length < 2) return [list];
  return list.flatMap((first) => permutations(list.filter((one) => one !== first)).map((rest) => [first, ...rest]));
}

/** Does the work for each, eight at a time. */
async function each(list, work) {
  const left = [...list];
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** A Balcão and what its tests ask of it, given the gateway. */
class Shop {
  #keys = 0;

  constructor(server, gateway, user) {
    Object.assign(this, { server, gateway, user });
  }

  post(path, body, key = `events-${++this.#keys}`) {
    return this.server.api('POST', path, { token: this.user.token, headers: { 'idempotency-key': key }, body });
  }

  async get(path) {
    const response = await this.server.api('GET', path, { token: this.user.token });
    assert.equal(response.status, 200, response.text);
    return response.body;
  }

  async pay(payment_method, fields = {}) {
    const response = await this.post('/payments', { amount: 5000, payment_method, ...fields });
    assert.equal(response.status, 201, response.text);
    return response.body;
  }

  /** The payment, once it is so. */
  comesTo({ id }, fits, what) {
    return until(async () => {
      const payment = await this.get(`/payments/${id}`);
      return fits(payment) && payment;
    }, what);
  }

  /** What the books say of a payment: kind of source -> amounts. */
  async books({ id }) {
    const sql = `SELECT source, amount FROM ledger WHERE payment_id = '${id}' ORDER BY source`;
    const lines = (await this.server.query(sql, 'payments')).trim().split('\n').filter(Boolean);
    return lines.map((line) => line.split('|')).map(([source, amount]) => [source.split(':')[0], Number(amount)]);
  }
}

describe("the gateway's events, in any order and often", () => {
  const receiver = new Receiver();
  let gateway, proxy, server, shop;

  before(async () => {
    gateway = await new Gateway().start();
    proxy = await new GatewayProxy(gateway.url).start();
    server = newServer({ env: { STRIPE_WEBHOOK_SECRET: `${oldSecret},${secret}`, ...gateway.settings(proxy.url) } });
    await server.start();
    await receiver.start();
    shop = new Shop(server, gateway, await server.newUser());
    const endpoint = await shop.post('/webhook-endpoints', { url: receiver.url });
    assert.equal(endpoint.status, 201, endpoint.text);
  });
  after(async () => {
    await server?.close();
    await proxy?.close();
    await receiver.close();
    await gateway?.close();
  });

  const deliver = (event, { body = JSON.stringify(event), headers = { 'stripe-signature': sign(body) } } = {}) =>
    server.api('POST', '/stripe/webhook', { body, headers: { 'content-type': 'application/json', ...headers } });
  async function deliverOften(event, times = 10) {
    const answers = await Promise.all(Array.from({ length: times }, () => deliver(event)));
    for (const { status, text } of answers) assert.equal(status, 200, text);
  }
  /** An intent's events of these types, in the order of the types. */
  async function eventsOf(intent, types) {
    const events = await gateway.all('/v1/events', Object.fromEntries(types.map((type, i) => [`types[${i}]`, type])));
    const about = ({ data: { object } }) => [object.id, object.payment_intent].includes(intent);
    const found = types.map((type) => events.find((event) => event.type === type && about(event)));
    assert.ok(found.every(Boolean), `${intent} has ${events.filter(about).map(({ type }) => type)}`);
    return found;
  }
  const settled = () => until(async () =>
    (await server.query('SELECT COUNT(*) FROM gateway_events WHERE processed_at IS NULL', 'payments')).trim() === '0',
  'every event is seen to');
  /** What integrators were told of an object, each message once, however often it came. */
  function told(fits) {
    const messages = new Map(receiver.deliveries.map(({ headers, event }) => [headers['webhook-id'], event]));
    return [...messages.values()].filter(({ data }) => fits(data)).map(({ type }) => type).sort();
  }

  test("every order of a payment's events comes to the same", async () => {
    const types = ['payment_intent.created', 'payment_intent.requires_action', 'charge.succeeded', 'payment_intent.succeeded'];
    const orders = permutations(types);
    const paid = [];
    await each(orders, async (order) => {
      const payment = await shop.pay('pm_card_threeDSecure2Required', { return_url: 'https://shop.example/back' });
      assert.equal(payment.status, 'requires_action');
      await gateway.act(payment.gateway_id, 'succeed');
      for (const event of await eventsOf(payment.gateway_id, order)) await deliverOften(event);
      paid.push(await shop.comesTo(payment, ({ status }) => status === 'succeeded', `${order} comes to succeeded`));
    });
    await settled();
    const expected = ['payment.created', 'payment.requires_action', 'payment.succeeded'];
    await until(() => paid.every(({ id }) => told((data) => data.id === id).length >= expected.length), 'integrators are told');
    for (const payment of paid) {
      const [[, charged], [, fee], ...more] = await shop.books(payment);
      assert.deepEqual([payment.amount_captured, charged, more], [5000, 5000, []]);
      assert.ok(fee > 0);
      assert.deepEqual(told((data) => data.id === payment.id), expected);
    }
  });

  test('every order of the events of a capture and a refund comes to the same', async () => {
    const types = ['payment_intent.amount_capturable_updated', 'charge.captured', 'payment_intent.succeeded', 'charge.refunded', 'refund.created'];
    const paid = [];
    await each(permutations(types), async (order) => {
      const payment = await shop.pay('pm_card_visa', { capture: 'manual' });
      assert.equal(payment.status, 'requires_capture');
      await gateway.post(`/v1/payment_intents/${payment.gateway_id}/capture`);
      await gateway.post('/v1/refunds', { payment_intent: payment.gateway_id, amount: 1500 });
      for (const event of await eventsOf(payment.gateway_id, order)) await deliverOften(event);
      paid.push(payment);
    });
    await settled();
    for (const { id } of paid) {
      const payment = await shop.get(`/payments/${id}`);
      assert.deepEqual([payment.status, payment.amount_captured, payment.amount_refunded], ['succeeded', 5000, 1500]);
      const refunds = (await shop.get(`/payments/${id}/refunds`)).data;
      assert.deepEqual(refunds.map(({ status, amount }) => [status, amount]), [['succeeded', 1500]]);
      assert.deepEqual((await shop.books(payment)).filter(([kind]) => kind !== 'fee'), [['charge', 5000], ['refund', 1500]]);
    }
    const about = (id) => (data) => data.id === id || data.payment_id === id;
    const expected = ['payment.created', 'payment.requires_capture', 'payment.succeeded', 'refund.created'];
    await until(() => paid.every(({ id }) => told(about(id)).length >= expected.length), 'integrators are told');
    for (const { id } of paid) assert.deepEqual(told(about(id)), expected);
  });

  test('a dispute ends as the gateway has it, in any order', async () => {
    const types = ['charge.dispute.created', 'charge.dispute.funds_withdrawn', 'charge.dispute.closed', 'charge.dispute.funds_reinstated'];
    const disputed = [];
    await each(permutations(types), async (order) => {
      const payment = await shop.pay('pm_card_createDispute');
      const [dispute] = await gateway.all('/v1/disputes', { payment_intent: payment.gateway_id });
      await gateway.post(`/v1/disputes/${dispute.id}`, { 'evidence[uncategorized_text]': 'winning_evidence', submit: 'true' });
      for (const event of await eventsOf(payment.gateway_id, order)) await deliverOften(event);
      disputed.push(payment);
    });
    await settled();
    for (const payment of disputed) {
      const disputes = (await shop.get(`/payments/${payment.id}/disputes`)).data;
      assert.deepEqual(disputes.map(({ status, amount }) => [status, amount]), [['won', 5000]]);
      const books = (await shop.books(payment)).filter(([kind]) => kind !== 'fee');
      assert.deepEqual(books, [['charge', 5000], ['dispute', 5000], ['dispute_won', 5000]]);
    }
  });

  test('a refund of ours that is told of twice is booked once', async () => {
    const payment = await shop.pay('pm_card_visa');
    const refund = await shop.post(`/payments/${payment.id}/refunds`, { amount: 2000 });
    assert.equal(refund.status, 201, refund.text);
    for (const event of await eventsOf(payment.gateway_id, ['refund.created', 'charge.refunded'])) {
      await deliver(event);
      await deliverOften(event);
    }
    await settled();
    assert.equal((await shop.get(`/payments/${payment.id}`)).amount_refunded, 2000);
    assert.deepEqual((await shop.books(payment)).filter(([kind]) => kind === 'refund'), [['refund', 2000]]);
    assert.equal((await shop.get(`/payments/${payment.id}/refunds`)).data.length, 1);
  });

  test('an event that is quicker than the answer that there is an intent is no stranger', async (t) => {
    let release;
    const held = new Promise((hold) => {
      proxy.after = async ({ method, path, body }) => {
        if (release || method !== 'POST' || path !== '/v1/payment_intents') return;
        await new Promise((done) => {
          release = done;
          hold(body.id);
        });
      };
    });
    t.after(() => {
      release?.();
      proxy.after = async () => {};
    });
    const asked = shop.post('/payments', { amount: 5000, payment_method: 'pm_card_visa', description: 'Early' });
    const intent = await held;
    await gateway.post(`/v1/payment_intents/${intent}/confirm`, { payment_method: 'pm_card_visa' });
    for (const event of await eventsOf(intent, ['payment_intent.succeeded', 'charge.succeeded'])) await deliverOften(event);
    const { data: [payment] } = await shop.get('/payments?limit=1');
    assert.equal(payment.description, 'Early');
    await shop.comesTo(payment, ({ status }) => status === 'succeeded', 'the event is taken');
    release();
    const answer = await asked;
    assert.deepEqual([answer.status, answer.body.id, answer.body.status, answer.body.gateway_id], [201, payment.id, 'succeeded', intent]);
    assert.equal((await gateway.all('/v1/charges', { payment_intent: intent })).length, 1);
  });

  test('a decline that comes late does not undo the next card', async () => {
    const declined = await shop.post('/payments', { amount: 5000, payment_method: 'pm_card_chargeDeclined' });
    const { payment_id: id } = assertProblem(declined, 402, { code: 'payment_declined' });
    const paid = await shop.post(`/payments/${id}/confirm`, { payment_method: 'pm_card_visa' });
    assert.deepEqual([paid.status, paid.body.status, paid.body.decline], [200, 'succeeded', null], paid.text);
    for (const event of await eventsOf(paid.body.gateway_id, ['payment_intent.succeeded', 'payment_intent.payment_failed', 'charge.failed'])) {
      await deliverOften(event);
    }
    await settled();
    assert.equal((await shop.get(`/payments/${id}`)).status, 'succeeded');
    assert.deepEqual((await shop.books({ id })).map(([kind]) => kind), ['charge', 'fee']);
  });

  describe('a signature', () => {
    const event = { id: 'evt_forged', object: 'event', type: 'payment_intent.succeeded', created: seconds(), data: { object: { id: 'pi_forged', object: 'payment_intent' } } };
    const body = JSON.stringify(event);
    const forged = {
      'by nobody': undefined, 'empty': '', 'without a time': sign(body).replace(/^t=\d+,/, ''), 'without a hash': `t=${seconds()}`,
      'with another secret': sign(body, { by: 'whsec_of_somebody_else_altogether_' }), 'of another body': sign(`${body} `),
      'of old': sign(body, { at: seconds() - 400 }), 'of the future': sign(body, { at: seconds() + 400 }),
      'with its time changed': sign(body).replace(/t=\d+/, `t=${seconds() - 1}`), 'of another scheme': sign(body).replace('v1=', 'v0='),
      'cut short': sign(body).slice(0, -2), 'of the secret without its prefix': sign(body, { by: secret.slice(6) }),
    };
    for (const [name, signature] of Object.entries(forged)) {
      test(`${name} is refused, and nothing is stored`, async () => {
        const count = () => server.query('SELECT COUNT(*) FROM gateway_events', 'payments');
        const before = await count();
        const headers = signature === undefined ? {} : { 'stripe-signature': signature };
        assertProblem(await deliver(event, { headers }), 400, { code: 'invalid_signature' });
        assert.equal(await count(), before);
      });
    }

    test('with either of two secrets is good, and so is one of several', async () => {
      const good = { ...event, id: 'evt_good', type: 'plan.created' };
      const text = JSON.stringify(good);
      const several = `${sign(text, { by: 'whsec_unknown' })},${sign(text).split(',')[1]}`;
      for (const signature of [sign(text, { by: oldSecret }), sign(text, { by: secret }), several]) {
        assert.equal((await deliver(good, { headers: { 'stripe-signature': signature } })).status, 200);
      }
    });

    test('over what is no event is refused as that', async () => {
      for (const text of ['', 'x', '[]', '{}', '{"id":1}']) {
        assertProblem(await deliver({}, { body: text }), 400, { code: 'bad_request' });
      }
    });
  });
});

describe('a gateway that tells by itself', () => {
  let gateway, server, shop;

  before(async () => {
    const port = await freePort();
    gateway = await new Gateway({ webhook: { url: `http://127.0.0.1:${port}/stripe/webhook`, secret } }).start();
    server = newServer({ env: { PORT: String(port), STRIPE_WEBHOOK_SECRET: secret, ...gateway.settings() } });
    await server.start();
    shop = new Shop(server, gateway, await server.newUser());
  });
  after(async () => {
    await server?.close();
    await gateway?.close();
  });

  for (const fault of ['webhook_early', 'webhook_twice', 'webhook_reordered', 'webhook_bad_signature']) {
    test(`${fault}: 20 payments at once are made once each`, async () => {
      for (const match of ['POST /v1/payment_intents', 'POST /v1/payment_intents/*/confirm']) await gateway.fault(fault, match, { times: 20, delay_ms: 50 });
      const paid = await Promise.all(Array.from({ length: 20 }, () => shop.pay('pm_card_visa')));
      await gateway.clearFaults();
      for (const payment of paid) {
        assert.equal(payment.status, 'succeeded');
        assert.equal((await gateway.all('/v1/charges', { payment_intent: payment.gateway_id })).length, 1);
        assert.deepEqual((await shop.books(payment)).map(([kind]) => kind), ['charge', 'fee']);
      }
    });
  }

  test('a refund that is made there comes in, and one that fails later is taken back', async () => {
    const payment = await shop.pay('pm_card_visa');
    await gateway.fault('refund_fails_later', 'POST /v1/refunds');
    await gateway.post('/v1/refunds', { payment_intent: payment.gateway_id, amount: 1000 });
    const refunds = async () => (await shop.get(`/payments/${payment.id}/refunds`)).data.map(({ status, amount }) => [status, amount]);
    await until(async () => (await refunds())[0]?.[0] === 'failed', 'the refund has failed');
    await gateway.post('/v1/refunds', { payment_intent: payment.gateway_id, amount: 5000 });
    await until(async () => (await refunds())[0]?.[0] === 'succeeded', 'the refund is here');
    assert.deepEqual(await refunds(), [['succeeded', 5000], ['failed', 1000]]);
    assert.equal((await shop.get(`/payments/${payment.id}`)).amount_refunded, 5000);
    const sums = { refund: 0, refund_failed: 0 };
    for (const [kind, amount] of await shop.books(payment)) if (kind in sums) sums[kind] += amount;
    assert.equal(sums.refund - sums.refund_failed, 5000);
  });

  test('a page whose making the gateway answers with a failure that it keeps is made once', async () => {
    await gateway.fault('error_500_executed', 'POST /v1/checkout/sessions');
    const page = { amount: 4321, success_url: 'https://shop.example/ok', cancel_url: 'https://shop.example/no' };
    const unknown = await shop.post('/checkout', page, 'the-page');
    assert.equal(unknown.status, 202, unknown.text);
    assert.equal(unknown.body.status, 'unknown');
    const made = await shop.post('/checkout', page, 'the-page');
    assert.equal(made.status, 201, made.text);
    const sessions = (await gateway.all('/v1/checkout/sessions')).filter(({ amount_total }) => amount_total === 4321);
    assert.deepEqual(sessions.map(({ id }) => id), [made.body.gateway_id]);
  });

  test('a customer who is changed there is changed here', async () => {
    const made = await server.api('POST', '/stripe/clients', { token: shop.user.token, body: { email: 'ana@example.com', name: 'Ana' } });
    assert.ok(made.status < 300, made.text);
    const customer = await until(async () => (await gateway.all('/v1/customers', { email: 'ana@example.com' }))[0], 'the customer is there');
    await gateway.post(`/v1/customers/${customer.id}`, { name: 'Ana Conceição' });
    await until(async () => (await server.api('GET', '/stripe/clients', { token: shop.user.token })).body.data[0].name === 'Ana Conceição', 'the name is here');
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Gateway } from '../api/harness/gateway.mjs';
import { GatewayProxy } from '../api/harness/gateway_proxy.mjs';
import { freePort } from '../api/harness/process.mjs';
import { Shop, cardIsGood } from '../api/harness/shop.mjs';
import { chances, grouped, killer } from '../api/harness/storm.mjs';
import { newServer } from '../api/harness/suite.mjs';
import { until } from '../api/harness/wait.mjs';

const secret = 'whsec_of_the_tests_and_of_nobody_else';
const price = 1990;

/** A Balcão, a gateway that tells it what happens, and a product of which there are `stock` pieces. */
class Market extends Shop {
  static async open({ stock, env = {} }) {
    const port = await freePort();
    const gateway = await new Gateway({ webhook: { url: `http://127.0.0.1:${port}/stripe/webhook`, secret } }).start();
    const proxy = await new GatewayProxy(gateway.url).start();
    const server = newServer({
      env: { PORT: String(port), STRIPE_WEBHOOK_SECRET: secret, MAX_CONNECTIONS_PER_ADDRESS: '4096', UNPAID_ORDERS_PER_USER: '100000', ...gateway.settings(proxy.url), ...env },
    });
    await server.start();
    const market = Object.assign(new Market(server), { gateway, proxy, stock });
    market.buyers = await Promise.all(Array.from({ length: 8 }, async () => (await server.newUser()).token));
    market.token = market.buyers[0];
    market.administrator = (await server.newAdministrator()).token;
    market.piece = await server.newProduct(market.token, { price, stock });
    return market;
  }

  async close() {
    await this.server.close();
    await this.proxy.close();
    await this.gateway.close();
  }

  /** Stock and pieces that orders hold, of one moment; every order here is for one piece. */
  async count() {
    const sql = `SELECT (SELECT stock FROM products WHERE id = '${this.piece.id}'), (SELECT COUNT(*) FROM orders WHERE holds_stock)`;
    return (await this.server.query(sql, 'products')).trim().split('|').map(Number);
  }

  /** Looks again and again whether a piece is missing or there is one too many, until it is told to end. */
  watch() {
    const state = { looks: 0, done: false };
    state.ended = (async () => {
      while (!state.done) {
        const counted = await this.count().catch(() => undefined);  // the database may just be being opened
        if (counted) {
          const [stock, held] = counted;
          assert.ok(stock >= 0, `stock ${stock}`);
          assert.equal(stock + held, this.stock, `stock ${stock}, held ${held}`);
          ++state.looks;
        }
        await pause(50);
      }
    })();
    return state;
  }

  /** Asks with one key until the answer is final. */
  async insist(buyer, key, fields, ready = async () => {}) {
    const end = Date.now() + 150_000;
    for (;;) {
      await ready();
      const response = await this.order(this.piece, fields, { key, as: buyer }).catch(() => undefined);
      const isOpen = !response || response.status === 202 || response.status >= 500 || response.body?.code === 'idempotency_key_in_use';
      if (!isOpen) return response;
      assert.ok(Date.now() < end, `${key}: ${response?.status} ${response?.text}`);
      await pause(response ? 250 : 20);
    }
  }

  async allOrders(query = '') {
    const found = [];
    for (let cursor = ''; ;) {
      const { status, body, text } = await this.get(`/orders?limit=100${query}${cursor}`, this.administrator);
      assert.equal(status, 200, text);
      found.push(...body.data);
      if (!body.has_more) return found;
      cursor = `&cursor=${body.next_cursor}`;
    }
  }

  /** That so many are paid, once each, and nobody else is; and that the books say so. */
  async isPaid(times) {
    const paid = await this.allOrders('&status=paid');
    assert.equal(paid.length, times);
    const charges = (await this.gateway.all('/v1/charges')).filter(({ status }) => status === 'succeeded');
    assert.equal(charges.length, times);
    const intents = new Map((await this.gateway.all('/v1/payment_intents')).map((intent) => [intent.id, intent]));
    const charged = charges.map(({ payment_intent: id }) => intents.get(id).metadata.payment_id);
    assert.deepEqual(charged.sort(), paid.map(({ payment_id: id }) => id).sort());
    const sql = `SELECT COUNT(*), COALESCE(SUM(amount), 0) FROM ledger WHERE source LIKE 'charge:%'`;
    assert.equal((await this.server.query(sql, 'payments')).trim(), `${times}|${times * price}`);
  }
}

for (const [what, mostKills] of [['', 0], [', and the server is killed again and again', 6]]) {
  describe(`1,000 buyers want 100 pieces${what}`, () => {
    const seed = Number(process.env.BALCAO_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
    const chance = chances(seed);
    const buyers = 1000, pieces = 100;
    let market, answers;

    before(async () => (market = await Market.open({ stock: pieces })));
    after(() => market?.close());

    test(`100 get one, 900 are told that there is none left (BALCAO_TEST_SEED=${seed})`, async (t) => {
      const state = killer({ server: market.server, proxy: market.proxy, most: mostKills, between: () => 8 + Math.floor(chance() * 35) });
      const watch = market.watch();
      const began = Date.now();
      answers = await Promise.all(Array.from({ length: buyers }, (_, n) =>
        market.insist(market.buyers[n % market.buyers.length], `buyer-${seed}-${n}`, cardIsGood, () => state.back)));
      const took = (Date.now() - began) / 1000;
      await state.back;
      watch.done = true;
      await watch.ended;
      assert.ok(watch.looks > 0);
      const told = grouped(answers, ({ status, body }) => `${status} ${body.code ?? body.status}`);
      assert.deepEqual([...told].map(([key, list]) => [key, list.length]).sort(), [['201 paid', pieces], ['409 out_of_stock', buyers - pieces]]);
      if (mostKills) assert.ok(state.kills >= 3, `${state.kills} kills`);
      t.diagnostic(`${took.toFixed(1)} s, ${(buyers / took).toFixed(0)} answers/s, ${state.kills} kills, ${watch.looks} looks`);
    });

    test('there are 100 orders and 100 charges, and the stock is 0', async () => {
      assert.deepEqual(await market.count(), [0, pieces]);
      await market.isPaid(pieces);
      assert.equal((await market.allOrders()).length, pieces);
    });

    test('each is told the same again', async () => {
      for (let n = 0; n < buyers; n += 37) {
        const again = await market.insist(market.buyers[n % market.buyers.length], `buyer-${seed}-${n}`, cardIsGood);
        assert.equal(again.status, answers[n].status);
        if (again.status === 201) assert.equal(again.text, answers[n].text);
      }
    });
  });
}

describe('kill -9 at each step of an order', () => {
  // Which request to the gateway, and whether it or its answer is held up when the server is killed; `retried`: the buyer
  // asks again, or recovery is left alone with it.
  const cases = [['create', 'pm_card_visa'], ['confirm', 'pm_card_visa'], ['cancel', 'pm_card_chargeDeclined'], ['refund', 'pm_card_visa']]
    .flatMap(([request, method]) => ['before', 'after'].flatMap((step) => [true, false].map((retried) => ({
      request, method, step, retried, name: `${request}-${step}-${retried ? 'asked-again' : 'left-alone'}`,
    }))));
  const held = new Map();
  let market;

  const requestOf = ({ method, path }) => {
    if (method !== 'POST') return undefined;
    if (path === '/v1/refunds') return 'refund';
    return path === '/v1/payment_intents' ? 'create' : path.split('/').at(-1);
  };
  const orderOf = ({ form, path }, intents) => form.get('description') ?? intents.get(form.get('payment_intent') ?? path.split('/')[3]);

  before(async () => {
    market = await Market.open({ stock: 100 });
    const intents = new Map();
    const gate = (when) => async (exchange) => {
      if (when === 'after' && exchange.body.description) intents.set(exchange.body.id, exchange.body.description);
      const order = orderOf(exchange, intents);
      const one = cases.find(({ order: own }) => own && order?.endsWith(own));
      if (!one || one.held || one.request !== requestOf(exchange) || one.step !== when) return undefined;
      one.held = true;
      return new Promise((release) => held.set(one.name, release));
    };
    market.proxy.before = gate('before');
    market.proxy.after = gate('after');

    // The order's id is known to the gate before the gateway is asked: it is read from the database as soon as it is there.
    const asked = [];
    for (const one of cases) {
      const known = new Set((await market.allOrders()).map(({ id }) => id));
      const pending = new Promise((resolve) => (one.known = resolve));
      const hold = market.proxy.before;
      market.proxy.before = async (exchange) => {
        if (requestOf(exchange) === 'create') await pending;
        return hold(exchange);
      };
      const answer = market.order(market.piece, { payment_method: one.method }, { key: one.name }).catch(() => undefined);
      one.order = await until(async () => (await market.allOrders()).find(({ id }) => !known.has(id))?.id, 'the order is there');
      one.known();
      market.proxy.before = hold;
      if (one.request === 'refund') {
        await answer;
        asked.push(market.post(`/orders/${one.order}/cancel`, undefined, { as: market.administrator, key: null }).catch(() => undefined));
      } else {
        asked.push(answer);
      }
      await until(() => held.has(one.name), `${one.name} has come to its step`);
    }
    await market.server.kill();
    for (const release of held.values()) release(false);
    await Promise.all(asked);
    await market.server.restart();
  });
  after(async () => {
    for (const release of held.values()) release();
    await market?.close();
  });

  const ends = { create: 'paid', confirm: 'paid', cancel: 'failed', refund: 'refunded' };
  for (const one of cases) {
    test(one.name, async () => {
      if (one.retried && one.request !== 'refund') {
        const answer = await market.insist(market.token, one.name, { payment_method: one.method });
        assert.equal(answer.status, one.request === 'cancel' ? 402 : 201, answer.text);
      }
      const order = await until(async () => {
        const { body } = await market.get(`/orders/${one.order}`);
        return body.status === ends[one.request] && body;
      }, `it is ${ends[one.request]}`, 60_000);
      one.payment = order.payment_id;
    });
  }

  test('the gateway has done each once, and no piece is lost', async () => {
    const intents = grouped(await market.gateway.all('/v1/payment_intents'), ({ metadata }) => metadata.payment_id);
    const charges = grouped(await market.gateway.all('/v1/charges'), ({ payment_intent: intent }) => intent);
    for (const { name, payment, request } of cases) {
      assert.equal(intents.get(payment)?.length, 1, name);
      const [intent] = intents.get(payment);
      assert.deepEqual(charges.get(intent.id)?.map(({ status }) => status), [request === 'cancel' ? 'failed' : 'succeeded'], name);
      const refunds = await market.gateway.all('/v1/refunds', { payment_intent: intent.id });
      assert.deepEqual(refunds.map(({ amount }) => amount), request === 'refund' ? [price] : [], name);
    }
    const sold = cases.filter(({ request }) => ['create', 'confirm'].includes(request)).length;
    assert.deepEqual(await market.count(), [100 - sold, sold]);
  });
});

describe('an order that is paid just when it expires', () => {
  let market;

  before(async () => (market = await Market.open({ stock: 40, env: { ORDER_RESERVATION: '3' } })));
  after(() => market?.close());

  test('is paid or expired, here as at the gateway, and no piece is lost', async (t) => {
    const watch = market.watch();
    const orders = await Promise.all(Array.from({ length: 40 }, () => market.ordered(market.piece, { payment_method: 'pix' })));
    await Promise.all(orders.map(async (order, n) => {
      const { body: payment } = await market.get(`/payments/${order.payment_id}`);
      await pause(Math.max(0, Date.parse(order.expires_at) - Date.now() - 400 + n * 50));
      // The gateway refuses what is canceled by then.
      await fetch(`${market.gateway.url}/_sandbox/payment_intents/${payment.gateway_id}/succeed`, { method: 'POST' });
    }));
    const ended = await Promise.all(orders.map((order) => market.comesTo(order, 'paid', 'expired')));
    watch.done = true;
    await watch.ended;
    const intents = new Map((await market.gateway.all('/v1/payment_intents')).map((intent) => [intent.metadata.payment_id, intent.status]));
    for (const { status, payment_id: payment } of ended) {
      assert.equal(intents.get(payment), status === 'paid' ? 'succeeded' : 'canceled');
    }
    const paid = ended.filter(({ status }) => status === 'paid').length;
    assert.deepEqual(await market.count(), [40 - paid, paid]);
    await market.isPaid(paid);
    t.diagnostic(`${paid} paid, ${40 - paid} expired`);
  });
});

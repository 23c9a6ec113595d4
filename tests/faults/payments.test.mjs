import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Gateway } from '../api/harness/gateway.mjs';
import { GatewayProxy } from '../api/harness/gateway_proxy.mjs';
import { freePort } from '../api/harness/process.mjs';
import { chances, grouped, killer } from '../api/harness/storm.mjs';
import { newServer } from '../api/harness/suite.mjs';
import { until } from '../api/harness/wait.mjs';

const secret = 'whsec_of_the_tests_and_of_nobody_else';
const sum = (list, amount) => list.reduce((total, one) => total + amount(one), 0);

/** Of each account, what its debits come to less its credits. */
async function balances(server) {
  const sql = `SELECT debit_account, credit_account, SUM(amount) FROM ledger GROUP BY debit_account, credit_account`;
  const accounts = { gateway: 0, sales: 0, fees: 0, refunds: 0, disputes: 0 };
  for (const line of (await server.query(sql, 'payments')).trim().split('\n').filter(Boolean)) {
    const [debit, credit, amount] = line.split('|');
    accounts[debit] += Number(amount);
    accounts[credit] -= Number(amount);
  }
  return accounts;
}

/** Sources that are booked, of a kind. */
async function booked(server, kind) {
  const lines = await server.query(`SELECT source FROM ledger WHERE source LIKE '${kind}:%'`, 'payments');
  return lines.trim().split('\n').filter(Boolean);
}

describe('kill -9 at any moment, and a gateway with faults', () => {
  const seed = Number(process.env.BALCAO_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
  const chance = chances(seed);
  const total = 500, clients = 16, mostKills = 20;
  const payments = Array.from({ length: total }, (_, n) => ({
    n, key: `storm-${seed}-${n}`, amount: 100 + n, declines: chance() < 0.2, due: 0,
  }));
  let gateway, proxy, server, user;

  before(async () => {
    const port = await freePort();
    gateway = await new Gateway({ webhook: { url: `http://127.0.0.1:${port}/stripe/webhook`, secret } }).start();
    proxy = await new GatewayProxy(gateway.url).start();
    server = newServer({ env: { PORT: String(port), STRIPE_WEBHOOK_SECRET: secret, ...gateway.settings(proxy.url) } });
    await server.start();
    user = await server.newUser();
  });
  after(async () => {
    await server?.close();
    await proxy?.close();
    await gateway?.close();
  });

  const ask = ({ key, amount, declines, n }) => server.api('POST', '/payments', {
    token: user.token, headers: { 'idempotency-key': key },
    body: { amount, description: `Payment ${n}`, payment_method: declines ? 'pm_card_chargeDeclined' : 'pm_card_visa' },
  });

  async function switchFaultsOn() {
    const often = { delay: 0.05, close_before: 0.03, close_after: 0.05, conflict_409: 0.03, rate_limit_429: 0.02, error_500: 0.02, error_500_executed: 0.02 };
    for (const match of ['POST /v1/payment_intents', 'POST /v1/payment_intents/*/confirm']) {
      for (const [fault, probability] of Object.entries(often)) {
        const options = { probability, times: 1_000_000, seed: Math.floor(chance() * 2 ** 32) };
        await gateway.fault(fault, match, fault === 'delay' ? { ...options, delay_ms: 200 } : options);
      }
    }
  }

  test(`${total} payments are made exactly once each (BALCAO_TEST_SEED=${seed})`, async (t) => {
    const state = killer({ server, proxy, most: mostKills, between: () => 20 + Math.floor(chance() * 80) });
    await switchFaultsOn();
    const open = [...payments];
    let settled = 0;
    const end = Date.now() + 180_000;
    const next = () => {
      const found = open.findIndex(({ due }) => due <= Date.now());
      return found < 0 ? undefined : open.splice(found, 1)[0];
    };

    /** Asks with one key until the answer is final, and sees to other payments where it is told to wait. */
    async function client() {
      for (;;) {
        const payment = await until(() => (settled === total ? 'none' : next()), 'a payment can be gone on with', 60_000);
        if (payment === 'none') return;
        assert.ok(Date.now() < end, `payment ${payment.n} is not settled: ${payment.last}`);
        await state.back;
        const response = await ask(payment).catch(() => undefined);
        if (response?.status === 201 || response?.status === 402) {
          payment.answer = response;
          ++settled;
          continue;
        }
        const retried = !response || [202, 409, 429].includes(response.status) || response.status >= 500;
        assert.ok(retried, `payment ${payment.n}: ${response?.status} ${response?.text}`);
        if (response) payment.due = Date.now() + 500;
        payment.last = `${response?.status} ${response?.text}`;
        open.push(payment);
      }
    }
    await Promise.all(Array.from({ length: clients }, client));
    proxy.before = proxy.after = async () => {};
    await state.back;
    await gateway.clearFaults();
    assert.ok(state.kills >= 15, `${state.kills} kills`);
    t.diagnostic(`${state.kills} kills`);
  });

  test('each client has been told the truth, and is told the same again', async () => {
    for (const payment of payments) {
      const { answer, amount, declines, n } = payment;
      assert.equal(answer.status, declines ? 402 : 201, `payment ${n}: ${answer.text}`);
      payment.id = declines ? answer.body.payment_id : answer.body.id;
      if (!declines) assert.deepEqual([answer.body.status, answer.body.amount, answer.body.amount_captured], ['succeeded', amount, amount]);
      const again = await ask(payment);
      const kept = ({ text, body: { trace_id: id } }) => (id ? text.replace(id, '') : text);
      assert.equal(again.status, answer.status);
      assert.equal(kept(again), kept(answer));
    }
    assert.equal(new Set(payments.map(({ id }) => id)).size, total);
  });

  test('the gateway has one intent and one charge of each, and we agree with it', async () => {
    const intents = grouped(await gateway.all('/v1/payment_intents'), ({ metadata }) => metadata.payment_id);
    const charges = grouped(await gateway.all('/v1/charges'), ({ payment_intent: intent }) => intent);
    assert.deepEqual([...intents.keys()].sort(), payments.map(({ id }) => id).sort());
    for (const { id, amount, declines, n } of payments) {
      assert.equal(intents.get(id).length, 1, `intents of payment ${n}`);
      const [intent] = intents.get(id);
      assert.equal(charges.get(intent.id)?.length, 1, `charges of payment ${n}`);
      const [charge] = charges.get(intent.id);
      assert.deepEqual([charge.status, charge.amount], [declines ? 'failed' : 'succeeded', amount], `payment ${n}`);
      const { body } = await server.api('GET', `/payments/${id}`, { token: user.token });
      assert.deepEqual([body.gateway_id, body.status, body.amount], [intent.id, intent.status, amount], `payment ${n}`);
    }
  });

  test('the books have each charge once, and are balanced', async () => {
    const paid = payments.filter(({ declines }) => !declines);
    const captured = sum(paid, ({ amount }) => amount);
    assert.deepEqual((await booked(server, 'charge')).sort(), paid.map(({ id }) => `charge:${id}`).sort());
    assert.deepEqual((await booked(server, 'fee')).sort(), paid.map(({ id }) => `fee:${id}`).sort());
    const fees = sum(await gateway.all('/v1/balance_transactions', { type: 'charge' }), ({ fee }) => fee);
    assert.deepEqual(await balances(server), { gateway: captured - fees, sales: -captured, fees, refunds: 0, disputes: 0 });
  });

  test('nothing is left open', async () => {
    assert.equal((await server.query('SELECT COUNT(*) FROM attempts WHERE settled_at IS NULL', 'payments')).trim(), '0');
    const listed = [];
    for (let query = '?limit=100'; query;) {
      const { body } = await server.api('GET', `/payments${query}`, { token: user.token });
      listed.push(...body.data.map(({ id }) => id));
      query = body.has_more && `?limit=100&cursor=${body.next_cursor}`;
    }
    assert.deepEqual(listed.sort(), payments.map(({ id }) => id).sort());
  });
});

describe('kill -9 at each step', () => {
  // Which request to the gateway, and whether it or its answer is held up when the server is killed. `passed`: the answer
  // is let through with the kill. `late`: the request arrives after all, when the payment has long been settled.
  const steps = ['before', 'late', 'after', 'passed'];
  const cases = ['create', 'confirm', 'refund'].flatMap((request) => steps.flatMap((step) => [true, false].map((retried) => ({
    request, step, retried, name: `${request} ${step} ${retried ? 'asked again' : 'left alone'}`,
  }))));
  const of = (wanted) => cases.filter((one) => (one.request === 'refund') === wanted);
  const held = new Map();
  const names = new Map();  // of intents
  let gateway, proxy, server, user;

  const requestOf = ({ method, path }) => {
    if (method !== 'POST') return undefined;
    if (path === '/v1/refunds') return 'refund';
    return path.endsWith('/confirm') ? 'confirm' : 'create';
  };
  const nameOf = ({ path, form }) => form.get('description') ?? names.get(form.get('payment_intent') ?? path.split('/')[3]);

  const gate = (when) => async (exchange) => {
    if (when === 'after' && exchange.body.description) names.set(exchange.body.id, exchange.body.description);
    const found = cases.find(({ name, request }) => name === nameOf(exchange) && request === requestOf(exchange));
    const holds = found && !found.held && (when === 'before') === ['before', 'late'].includes(found.step);
    if (!holds) return undefined;
    found.held = true;
    return new Promise((release) => held.set(found.name, release));
  };
  const post = (path, key, body) => server.api('POST', path, { token: user.token, headers: { 'idempotency-key': key }, body });
  const pay = ({ name }) => post('/payments', `pay ${name}`.replaceAll(' ', '-'), { amount: 4200, description: name, payment_method: 'pm_card_visa' });
  const refund = ({ name, id }) => post(`/payments/${id}/refunds`, `refund ${name}`.replaceAll(' ', '-'), { amount: 1200 });
  const act = (one) => (one.request === 'refund' ? refund(one) : pay(one));

  /** As our own API shows it, whoever has settled it: the payment, or the refund. */
  async function shown({ name, id }) {
    if (id) return (await server.api('GET', `/payments/${id}/refunds`, { token: user.token })).body.data[0];
    const { body } = await server.api('GET', '/payments?limit=100', { token: user.token });
    return body.data.find(({ description }) => description === name);
  }

  before(async () => {
    gateway = await new Gateway().start();
    proxy = await new GatewayProxy(gateway.url).start();
    server = newServer({ env: { PORT: String(await freePort()), ...gateway.settings(proxy.url) } });
    await server.start();
    user = await server.newUser();
    proxy.after = gate('after');
    for (const one of of(true)) {
      const paid = await pay(one);
      assert.equal(paid.status, 201, paid.text);
      one.id = paid.body.id;
    }
    proxy.before = gate('before');
    const asked = cases.map((one) => act(one).catch(() => undefined));
    await until(() => held.size === cases.length, 'each has come to its step');
    for (const { name, step } of cases) if (step === 'passed') held.get(name)();
    await server.kill();
    for (const { name, step } of cases) if (['before', 'after'].includes(step)) held.get(name)(false);
    await Promise.all(asked);
    await server.restart();
  });
  after(async () => {
    for (const release of held.values()) release();
    await server?.close();
    await proxy?.close();
    await gateway?.close();
  });

  for (const one of cases) {
    test(one.name, async () => {
      if (one.retried) {
        const answer = await until(async () => {
          const response = await act(one);
          assert.ok([201, 202, 409].includes(response.status), response.text);
          return response.status === 201 && response;
        }, 'the same key gives the answer', 60_000);
        assert.equal(answer.body.status, 'succeeded');
        assert.equal((await act(one)).text, answer.text);
      }
      const found = await until(async () => {
        const now = await shown(one);
        return now.status === 'succeeded' && now;
      }, 'it is settled', 60_000);
      if (one.step === 'late') held.get(one.name)();
      one.intent = (await server.api('GET', `/payments/${found.payment_id ?? found.id}`, { token: user.token })).body.gateway_id;
    });
  }

  test('the gateway has done each once', async () => {
    await until(async () => (await gateway.all('/v1/payment_intents')).length >= cases.length, 'all intents are there');
    const intents = grouped(await gateway.all('/v1/payment_intents'), ({ description }) => description);
    const charges = grouped(await gateway.all('/v1/charges'), ({ payment_intent: intent }) => intent);
    const refunds = grouped(await gateway.all('/v1/refunds'), ({ payment_intent: intent }) => intent);
    for (const { name, request, intent } of cases) {
      assert.deepEqual(intents.get(name).map(({ id }) => id), [intent], name);
      assert.deepEqual(charges.get(intent).map(({ status, amount }) => [status, amount]), [['succeeded', 4200]], name);
      const given = (refunds.get(intent) ?? []).map(({ amount }) => amount);
      assert.deepEqual(given, request === 'refund' ? [1200] : [], name);
    }
  });

  test('the books have each once', async () => {
    const captured = 4200 * cases.length, refunded = 1200 * of(true).length;
    const fees = sum(await gateway.all('/v1/balance_transactions', { type: 'charge' }), ({ fee }) => fee);
    assert.deepEqual(await balances(server), {
      gateway: captured - fees - refunded, sales: -captured, fees, refunds: refunded, disputes: 0,
    });
  });
});

describe('a gateway that has done it, failed, and keeps that failure with the key', () => {
  let gateway, server, user, keys = 0;

  before(async () => {
    gateway = await new Gateway().start();
    server = newServer({ env: gateway.settings() });
    await server.start();
    user = await server.newUser();
  });
  after(async () => {
    await server?.close();
    await gateway?.close();
  });

  /** Asks with the same key until the answer is final. */
  async function insist(path, body) {
    const headers = { 'idempotency-key': `kept-${++keys}` };
    return until(async () => {
      const response = await server.api('POST', path, { token: user.token, headers, body });
      return response.status !== 202 && response;
    }, 'the answer is final');
  }
  const executed = (match) => gateway.fault('error_500_executed', match);

  for (const [card, status] of [['pm_card_visa', 201], ['pm_card_chargeDeclined', 402]]) {
    for (const match of ['POST /v1/payment_intents', 'POST /v1/payment_intents/*/confirm']) {
      test(`${match} with ${card} comes to ${status}`, async () => {
        await executed(match);
        const answer = await insist('/payments', { amount: 700, payment_method: card });
        assert.equal(answer.status, status, answer.text);
        const id = answer.body.id ?? answer.body.payment_id;
        const intents = (await gateway.all('/v1/payment_intents')).filter(({ metadata }) => metadata.payment_id === id);
        assert.equal(intents.length, 1);
        assert.equal((await gateway.all('/v1/charges', { payment_intent: intents[0].id })).length, 1);
      });
    }
  }

  test('a refund is given once', async () => {
    const { body } = await insist('/payments', { amount: 700, payment_method: 'pm_card_visa' });
    await executed('POST /v1/refunds');
    const answer = await insist(`/payments/${body.id}/refunds`, { amount: 300 });
    assert.deepEqual([answer.status, answer.body.status], [201, 'succeeded']);
    assert.equal((await gateway.all('/v1/refunds', { payment_intent: body.gateway_id })).length, 1);
  });
});

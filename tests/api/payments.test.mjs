import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const billing = {
  name: 'Ana Conceição', email: 'ana@example.com', tax_id: '529.982.247-25', line1: 'Rua Augusta, 1', city: 'São Paulo',
  state: 'SP', postal_code: '01305-000',
};

describe('payments', () => {
  const server = serverForSuite();
  let token;
  let other;
  let administrator;

  before(async () => {
    token = (await server.newUser()).token;
    other = (await server.newUser()).token;
    administrator = (await server.newAdministrator()).token;
  });

  const post = (path, body, { key = randomUUID(), as = token } = {}) =>
    server.api('POST', path, { token: as, body, headers: key ? { 'Idempotency-Key': key } : {} });
  const get = (path, as = token) => server.api('GET', path, { token: as });
  const pay = (fields = {}, options) => post('/payments', { amount: 1000, payment_method: 'pm_card_visa', ...fields }, options);
  const paid = async (fields) => {
    const made = await pay(fields);
    assert.equal(made.status, 201, made.text);
    return made.body;
  };
  /** The payment's rows in the ledger: which account is debited, which credited, by how much. */
  const ledger = async (payment) => {
    const rows = await server.query(
      `SELECT debit_account, credit_account, amount FROM ledger WHERE payment_id = '${payment}' ORDER BY id`, 'payments');
    return rows.split('\n').filter(Boolean).map((row) => {
      const [debit, credit, amount] = row.split('|');
      return { debit, credit, amount: Number(amount) };
    });
  };

  describe('with a card', () => {
    test('succeed, and are booked', async () => {
      const made = await pay({ description: 'A book', currency: 'brl' });
      assert.equal(made.status, 201, made.text);
      assert.equal(made.headers.get('location'), `/payments/${made.body.id}`);
      const { status, amount, currency, amount_captured, method, gateway_id, description } = made.body;
      assert.deepEqual(
        { status, amount, currency, amount_captured, method, description },
        { status: 'succeeded', amount: 1000, currency: 'BRL', amount_captured: 1000, method: 'card', description: 'A book' });
      assert.match(gateway_id, /^pi_/);
      assert.deepEqual((await get(`/payments/${made.body.id}`)).body, made.body);
      const [charge, fee] = await ledger(made.body.id);
      assert.deepEqual(charge, { debit: 'gateway', credit: 'sales', amount: 1000 });
      assert.equal(fee.debit, 'fees');
    });

    for (const [method, code, decline] of [
      ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
      ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
      ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
      ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined],
    ]) {
      test(`${method} is 402 with the gateway's code`, async () => {
        const declined = await pay({ payment_method: method });
        assertProblem(declined, 402, { code: 'payment_declined' });
        assert.equal(declined.body.gateway_code, code);
        if (decline) assert.equal(declined.body.decline_code, decline);
        const payment = (await get(`/payments/${declined.body.payment_id}`)).body;
        assert.equal(payment.status, 'requires_payment_method');
        assert.equal(payment.decline.code, code);
        assert.deepEqual(await ledger(payment.id), []);
      });
    }

    test('a decline does not block the next card', async () => {
      const declined = await pay({ payment_method: 'pm_card_chargeDeclined' });
      const path = `/payments/${declined.body.payment_id}`;
      assertProblem(await post(`${path}/confirm`, { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }), 402);
      const confirmed = await post(`${path}/confirm`, { payment_method: 'pm_card_visa' });
      assert.equal(confirmed.status, 200, confirmed.text);
      assert.equal(confirmed.body.status, 'succeeded');
      assert.equal(confirmed.body.decline, null);
      const attempts = (await get(`${path}/attempts`)).body.data;
      assert.deepEqual(attempts.map(({ kind, outcome }) => `${kind} ${outcome}`),
                       ['create done', 'confirm declined', 'confirm declined', 'confirm done']);
    });

    test('3-D Secure asks for an action', async () => {
      const made = await paid({ payment_method: 'pm_card_threeDSecure2Required', return_url: 'https://shop.example/back' });
      assert.equal(made.status, 'requires_action');
      assert.ok(made.next_action.type);
      assert.ok(!JSON.stringify(made).includes('client_secret'));
    });

    test('can be made first, and confirmed later', async () => {
      const made = await paid({ payment_method: undefined });
      assert.equal(made.status, 'requires_payment_method');
      assertProblem(await post(`/payments/${made.id}/confirm`, {}), 422);
      const confirmed = await post(`/payments/${made.id}/confirm`, { payment_method: 'pm_card_visa' });
      assert.equal(confirmed.body.status, 'succeeded', confirmed.text);
      assertProblem(await post(`/payments/${made.id}/confirm`, { payment_method: 'pm_card_visa' }), 409, { code: 'payment_unexpected_state' });
    });
  });

  describe('captured later', () => {
    test('whole', async () => {
      const made = await paid({ capture: 'manual' });
      assert.equal(made.status, 'requires_capture');
      assert.deepEqual(await ledger(made.id), []);
      const captured = await post(`/payments/${made.id}/capture`);
      assert.equal(captured.body.status, 'succeeded', captured.text);
      assert.equal(captured.body.amount_captured, 1000);
    });

    test('in part', async () => {
      const made = await paid({ capture: 'manual' });
      assertProblem(await post(`/payments/${made.id}/capture`, { amount: 1001 }), 422, { code: 'invalid_fields' });
      const captured = await post(`/payments/${made.id}/capture`, { amount: 400 });
      assert.equal(captured.body.amount_captured, 400, captured.text);
      assert.equal((await ledger(made.id))[0].amount, 400);
    });

    test('or canceled, and then not captured any more', async () => {
      const made = await paid({ capture: 'manual' });
      const canceled = await post(`/payments/${made.id}/cancel`);
      assert.equal(canceled.body.status, 'canceled', canceled.text);
      assert.equal((await post(`/payments/${made.id}/cancel`)).body.status, 'canceled');
      assertProblem(await post(`/payments/${made.id}/capture`), 409, { code: 'payment_unexpected_state' });
    });
  });

  describe('with Pix and boleto', () => {
    test('Pix shows a code to pay by, without anyone being named', async () => {
      const made = await paid({ payment_method: 'pix' });
      assert.equal(made.status, 'requires_action');
      assert.match(made.next_action.pix_display_qr_code.data, /br\.gov\.bcb\.pix/i);
    });

    test('a boleto needs who pays, and keeps nothing of him', async () => {
      assertProblem(await pay({ payment_method: 'boleto' }), 422, { code: 'invalid_fields' });
      assertProblem(await pay({ payment_method: 'boleto', billing: { ...billing, tax_id: '529.982.247-26' } }), 422);
      const made = await paid({ payment_method: 'boleto', billing });
      assert.equal(made.status, 'requires_action');
      assert.ok(made.next_action.boleto_display_details.number);
      const rows = await server.query('SELECT * FROM attempts', 'payments');
      assert.ok(!rows.includes('52998224725') && !rows.includes('ana@example.com'));
    });

    test('in another currency, or captured later, is refused', async () => {
      assertProblem(await pay({ payment_method: 'pix', currency: 'USD' }), 422, { code: 'invalid_fields' });
      assertProblem(await pay({ payment_method: 'pix', capture: 'manual' }), 422, { code: 'invalid_fields' });
    });

    test('paid by the customer, the payment succeeds by what the gateway tells', async () => {
      const made = await paid({ payment_method: 'pix' });
      const [sandbox] = server.processes.flatMap((process) => /the sandbox at (http[^\s,]+)/.exec(process.output())?.[1] ?? []);
      await fetch(`${sandbox}/_sandbox/payment_intents/${made.gateway_id}/succeed`, { method: 'POST' });
      await until(async () => (await get(`/payments/${made.id}`)).body.status === 'succeeded', 'it has succeeded');
    });
  });

  describe('refunds', () => {
    const refund = (payment, body, options) => post(`/payments/${payment}/refunds`, body, options);

    test('in parts until it is used up, two equal ones among them', async () => {
      const made = await paid();
      for (const amount of [300, 300]) {
        const refunded = await refund(made.id, { amount, reason: 'requested_by_customer' });
        assert.equal(refunded.status, 201, refunded.text);
        assert.deepEqual([refunded.body.status, refunded.body.amount], ['succeeded', amount]);
      }
      assertProblem(await refund(made.id, { amount: 401 }), 409, { code: 'refund_too_large' });
      assert.equal((await refund(made.id)).body.amount, 400);
      assertProblem(await refund(made.id), 409, { code: 'refund_too_large' });
      const payment = (await get(`/payments/${made.id}`)).body;
      assert.deepEqual([payment.amount_refunded, payment.status], [1000, 'succeeded']);
      const listed = (await get(`/payments/${made.id}/refunds`)).body.data;
      assert.deepEqual(listed.map(({ amount }) => amount), [400, 300, 300]);
      const given = (await ledger(made.id)).filter((row) => row.debit === 'refunds');
      assert.equal(given.reduce((sum, { amount }) => sum + amount, 0), 1000);
    });

    test('at once are never more than was captured', async () => {
      const made = await paid();
      const answers = await Promise.all(Array.from({ length: 10 }, () => refund(made.id, { amount: 300 })));
      assert.equal(answers.filter(({ status }) => status === 201).length, 3);
      assert.equal((await get(`/payments/${made.id}`)).body.amount_refunded, 900);
    });

    test('the same key is the same refund', async () => {
      const made = await paid();
      const key = randomUUID();
      const first = await refund(made.id, { amount: 100 }, { key });
      assert.equal((await refund(made.id, { amount: 100 }, { key })).text, first.text);
      assert.equal((await get(`/payments/${made.id}`)).body.amount_refunded, 100);
    });

    test('of what was not paid are refused', async () => {
      const made = await paid({ capture: 'manual' });
      assertProblem(await refund(made.id), 409, { code: 'payment_unexpected_state' });
    });
  });

  describe('the Idempotency-Key', () => {
    test('gives the same answer in the same bytes, in whatever notation it is asked', async () => {
      const key = randomUUID();
      const first = await pay({}, { key });
      assert.equal((await pay({}, { key })).text, first.text);
      const as = await fetch(`${server.url}/payments`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Idempotency-Key': key, 'Content-Type': 'application/json' },
        body: '{ "payment_method": "pm_card_visa", "amount": 1000 }',
      });
      assert.equal(await as.text(), first.text);
    });

    test('gives a decline again, and nothing is charged', async () => {
      const key = randomUUID();
      const first = await pay({ payment_method: 'pm_card_chargeDeclined' }, { key });
      const again = await pay({ payment_method: 'pm_card_chargeDeclined' }, { key });
      assert.deepEqual([again.status, again.body.payment_id], [402, first.body.payment_id]);
    });

    test('has 255 characters at most', async () => {
      assertProblem(await pay({}, { key: 'k'.repeat(256) }), 400, { code: 'bad_request' });
      assert.equal((await pay({}, { key: 'k'.repeat(255) })).status, 201);
    });

    test('is needed', async () => {
      assertProblem(await pay({}, { key: null }), 400, { code: 'idempotency_key_missing' });
    });

    test('belongs to one request, and to one user', async () => {
      const key = randomUUID();
      const first = await pay({}, { key });
      assertProblem(await pay({ amount: 1001 }, { key }), 422, { code: 'idempotency_key_reused' });
      const another = await pay({}, { key, as: other });
      assert.equal(another.status, 201, another.text);
      assert.notEqual(another.body.id, first.body.id);
    });

    test('twenty at once are one payment', async () => {
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 20 }, () => pay({ description: key }, { key })));
      for (const answer of answers) {
        if (answer.status !== 201) assertProblem(answer, 409, { code: 'idempotency_key_in_use' });
      }
      assert.equal(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size, 1);
      const made = (await get('/payments?limit=100')).body.data.filter(({ description }) => description === key);
      assert.equal(made.length, 1);
    });

    test('of what the gateway has refused can be used again', async () => {
      const key = randomUUID();
      const refused = await pay({ amount: 1 }, { key });
      assertProblem(refused, 422, { code: 'gateway_refused' });
      assert.equal(refused.body.gateway_code, 'amount_too_small');
      assertProblem(await get(`/payments/${refused.body.payment_id}`), 404);
      assert.equal((await pay({}, { key })).status, 201);
    });

    test('of a confirmation makes it safe to repeat', async () => {
      const made = await paid({ payment_method: undefined });
      const key = randomUUID();
      const first = await post(`/payments/${made.id}/confirm`, { payment_method: 'pm_card_visa' }, { key });
      assert.equal(first.status, 200, first.text);
      assert.equal((await post(`/payments/${made.id}/confirm`, { payment_method: 'pm_card_visa' }, { key })).text, first.text);
    });
  });

  describe('what is wrong is said, and nothing is half done', () => {
    for (const [what, fields, pointer] of [
      ['an amount of zero', { amount: 0 }, '/amount'],
      ['a negative amount', { amount: -5 }, '/amount'],
      ['an amount of nine digits', { amount: 100_000_000 }, '/amount'],
      ['half a cent', { amount: 10.5 }, '/amount'],
      ['a currency that is none', { currency: 'REAIS' }, '/currency'],
      ['a method that is none', { payment_method: 'cash' }, '/payment_method'],
      ['a foreign client', { client_id: randomUUID() }, '/client_id'],
      ['a field that nobody knows', { ammount: 1 }, '/ammount'],
      ['a confirmation without a method', { payment_method: undefined, confirm: true }, '/payment_method'],
    ]) {
      test(what, async () => {
        const refused = await pay(fields);
        assertProblem(refused, 422, { code: 'invalid_fields' });
        assert.equal(refused.body.errors[0].pointer, pointer);
      });
    }

    for (const field of ['description', 'payment_method', 'return_url']) {
      test(`a card's number in ${field}`, async () => {
        const refused = await pay({ [field]: '4242 4242 4242 4242' });
        assertProblem(refused, 422, { code: 'card_number_refused' });
        assert.doesNotMatch(refused.text, /42424242|4242[- ]4242/);
      });
    }

    test('a method that the gateway does not know', async () => {
      const refused = await pay({ payment_method: 'pm_bogus' });
      assertProblem(refused, 422, { code: 'gateway_refused' });
      assert.equal(refused.body.gateway_code, 'resource_missing');
    });
  });

  describe('whose they are', () => {
    test('others see none of it, an administrator all', async () => {
      const made = await paid();
      for (const path of ['', '/attempts', '/refunds', '/disputes']) {
        assertProblem(await get(`/payments/${made.id}${path}`, other), 404);
        assert.equal((await get(`/payments/${made.id}${path}`, administrator)).status, 200);
      }
      for (const path of ['/confirm', '/capture', '/cancel', '/refunds']) {
        assertProblem(await post(`/payments/${made.id}${path}`, {}, { as: other }), 404);
      }
      const ids = (list) => list.body.data.map(({ id }) => id);
      assert.ok(!ids(await get('/payments?limit=100', other)).includes(made.id));
      assert.ok(ids(await get('/payments?limit=1', administrator)).length === 1);
    });

    test('lists go page by page, and by client', async () => {
      const client = await server.api('POST', '/stripe/clients', { token, body: { email: 'c@example.com', name: 'C' } });
      const made = [];
      for (let n = 0; n < 3; ++n) made.push((await paid({ client_id: client.body.id })).id);
      const seen = [];
      for (let cursor = ''; ;) {
        const page = (await get(`/payments?client_id=${client.body.id}&limit=2${cursor}`)).body;
        seen.push(...page.data.map(({ id }) => id));
        if (!page.has_more) break;
        cursor = `&cursor=${page.next_cursor}`;
      }
      assert.deepEqual(seen, made.reverse());
    });

    test('GET /me shows the newest', async () => {
      const made = await paid();
      const me = (await get('/me')).body;
      assert.equal(me.payments[0].id, made.id);
      assert.equal(me.payments[0].status, 'succeeded');
    });

    test('erasing a person keeps the books', async () => {
      const user = await server.newUser();
      const made = await pay({}, { as: user.token });
      assert.equal((await server.api('DELETE', '/me', { token: user.token })).status, 204);
      const kept = await get(`/payments/${made.body.id}`, administrator);
      assert.deepEqual([kept.status, kept.body.amount, kept.body.status], [200, 1000, 'succeeded']);
    });
  });

  describe('on a page of the gateway', () => {
    const checkout = (fields, options) =>
      post('/checkout', { amount: 2500, success_url: 'https://shop.example/ok', cancel_url: 'https://shop.example/no', ...fields }, options);

    test('a checkout has an address to go to, once for each key', async () => {
      const key = randomUUID();
      const made = await checkout({}, { key });
      assert.equal(made.status, 201, made.text);
      assert.equal(made.body.status, 'open');
      assert.match(made.body.url, /^http/);
      assert.equal((await checkout({}, { key })).text, made.text);
      assert.deepEqual((await get(`/checkout/${made.body.id}`)).body, made.body);
      assertProblem(await get(`/checkout/${made.body.id}`, other), 404);
      assert.equal((await get(`/payments/${made.body.payment_id}`)).body.status, 'requires_payment_method');
    });

    test('canceling its payment closes it', async () => {
      const made = await checkout();
      const canceled = await post(`/payments/${made.body.payment_id}/cancel`);
      assert.equal(canceled.body.status, 'canceled', canceled.text);
      assert.equal((await get(`/checkout/${made.body.id}`)).body.status, 'expired');
    });

    test("is made by an administrator for another's customer, and for nobody who was deleted", async () => {
      const made = await server.api('POST', '/stripe/clients', { token, body: { email: 'c@example.com', name: 'C' } });
      const client_id = made.body.id;
      const page = await checkout({ client_id }, { as: administrator });
      assert.equal(page.status, 201, page.text);
      assertProblem(await checkout({ client_id }, { as: other }), 422, { pointers: ['/client_id'] });
      assert.equal((await server.api('DELETE', `/stripe/clients/${client_id}`, { token })).status, 204);
      assertProblem(await checkout({ client_id }), 422, { pointers: ['/client_id'] });
      assertProblem(await pay({ client_id }), 422, { pointers: ['/client_id'] });
    });

    test('lives for half an hour to a day', async () => {
      assertProblem(await checkout({ expires_in: 60 }), 422, { code: 'invalid_fields' });
      assertProblem(await checkout({ success_url: 'javascript:alert(1)' }), 422, { code: 'invalid_fields' });
    });
  });

  test('an event that nobody has signed is refused', async () => {
    const refused = await fetch(`${server.url}/stripe/webhook`, { method: 'POST', body: '{"id":"evt_1"}' });
    assert.equal(refused.status, 400);
    assert.equal((await refused.json()).code, 'invalid_signature');
  });
});

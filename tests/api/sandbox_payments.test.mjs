import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { Server } from './harness/server.mjs';
import { until } from './harness/wait.mjs';

const Stripe = (await import('stripe').catch(() => undefined))?.default;
const skip = Stripe ? false : 'the npm package could not be fetched (npm ci in tests/)';
const probe = '/_sandbox/faults';

/** Whether the check digits of a boleto's typeable line (FEBRABAN) are right. */
function isBoletoNumber(line) {
  const digits = [...line].map(Number);
  const mod10 = (field) => {
    const products = field.reverse().map((digit, i) => digit * (i % 2 ? 1 : 2)).map((n) => (n > 9 ? n - 9 : n));
    return (10 - (products.reduce((a, b) => a + b, 0) % 10)) % 10;
  };
  const fields = [[0, 9], [10, 20], [21, 31]];
  if (line.length !== 47 || fields.some(([from, to]) => mod10(digits.slice(from, to)) !== digits[to])) return false;
  const free = fields.flatMap(([from, to], i) => digits.slice(i ? from : from + 4, to));
  const barcode = [...digits.slice(0, 4), ...digits.slice(33), ...free].reverse();
  const check = 11 - (barcode.reduce((sum, digit, i) => sum + digit * (2 + (i % 8)), 0) % 11);
  return digits[32] === (check > 9 ? 1 : check);
}

describe("the sandbox's payments under Stripe's SDK", { skip }, () => {
  const server = new Server({ command: (port) => ['sandbox', '--port', port] });
  const stripe = () => new Stripe('sk_test_123', {
    host: '127.0.0.1', port: server.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false,
  });
  const thrown = (promise) => promise.then(() => assert.fail('nothing was thrown'), (error) => error);
  const newIntent = (options) => stripe().paymentIntents.create({
    amount: 1000, currency: 'brl', payment_method_types: ['card', 'pix', 'boleto'], ...options,
  });
  const pay = (payment_method, options) => newIntent({ payment_method, confirm: true, ...options });
  /** What the customer or the bank does: succeed, fail, expire. */
  const act = async ({ id }, action) => {
    const response = await fetch(`${server.url}/_sandbox/payment_intents/${id}/${action}`, { method: 'POST' });
    assert.equal(response.status, 200, await response.clone().text());
    return response.json();
  };
  const all = async (list) => {
    const found = [];
    for await (const object of list) found.push(object);
    return found;
  };
  const boleto = {
    type: 'boleto',
    boleto: { tax_id: '529.982.247-25' },
    billing_details: {
      name: 'Ana Conceição', email: 'ana@example.com',
      address: { line1: 'Rua 1', city: 'Recife', state: 'PE', postal_code: '50000-000', country: 'BR' },
    },
  };

  before(() => server.start(probe));
  after(() => server.close());
  beforeEach(() => fetch(server.url + probe, { method: 'DELETE' }));

  describe('an intent', () => {
    test('is created, confirmed and retrieved with what belongs to it', async () => {
      const { customers, paymentIntents } = stripe();
      const customer = await customers.create({ name: 'Ana' });
      const made = await paymentIntents.create({
        amount: 1999, currency: 'BRL', customer: customer.id, description: 'Chá', metadata: { order: '7' },
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' }, receipt_email: 'ana@example.com',
        statement_descriptor_suffix: 'CHA', shipping: { name: 'Ana', address: { line1: 'Rua 1', city: 'Recife' } },
      });
      assert.equal(made.status, 'requires_payment_method');
      assert.equal(made.currency, 'brl');
      assert.match(made.client_secret, new RegExp(`^${made.id}_secret_[0-9A-Za-z]{25}$`));

      const expand = ['latest_charge.balance_transaction', 'payment_method', 'customer'];
      const paid = await paymentIntents.confirm(made.id, { payment_method: 'pm_card_visa', expand });
      assert.equal(paid.status, 'succeeded');
      assert.equal(paid.amount_received, 1999);
      assert.equal(paid.customer.name, 'Ana');
      assert.equal(paid.payment_method.card.last4, '4242');
      assert.equal(paid.latest_charge.metadata.order, '7');
      assert.equal(paid.latest_charge.balance_transaction.net, 1999 - paid.latest_charge.balance_transaction.fee);

      const retrieved = await paymentIntents.retrieve(made.id, { expand });
      assert.deepEqual(JSON.parse(JSON.stringify(retrieved)), JSON.parse(JSON.stringify(paid)));
      const final = await thrown(paymentIntents.cancel(made.id));
      assert.deepEqual([final.statusCode, final.code], [400, 'payment_intent_unexpected_state']);
      assert.equal(final.payment_intent.status, 'succeeded');
    });

    test('is captured in part, or whole, or released', async () => {
      const { charges, paymentIntents } = stripe();
      const reserve = () => pay('pm_card_mastercard', { capture_method: 'manual' });
      const part = await reserve();
      assert.deepEqual([part.status, part.amount_capturable], ['requires_capture', 1000]);
      const tooMuch = await thrown(paymentIntents.capture(part.id, { amount_to_capture: 1001 }));
      assert.equal(tooMuch.code, 'amount_too_large');
      const captured = await paymentIntents.capture(part.id, { amount_to_capture: 400 });
      assert.deepEqual([captured.status, captured.amount_received], ['succeeded', 400]);
      const charge = await charges.retrieve(captured.latest_charge);
      assert.deepEqual([charge.amount_captured, charge.amount_refunded, charge.refunded], [400, 600, false]);
      assert.equal((await paymentIntents.capture((await reserve()).id)).amount_received, 1000);
      const released = await paymentIntents.cancel((await reserve()).id, { cancellation_reason: 'abandoned' });
      assert.deepEqual([released.status, released.cancellation_reason], ['canceled', 'abandoned']);
    });

    test('is listed by customer page by page, and searched for', async () => {
      const { customers, paymentIntents } = stripe();
      const customer = (await customers.create()).id;
      const made = [];
      for (let i = 0; i < 5; ++i) made.push((await newIntent({ customer, metadata: { shop: customer } })).id);
      const listed = await all(paymentIntents.list({ customer, limit: 2 }));
      assert.deepEqual(listed.map(({ id }) => id), [...made].reverse());
      const found = await all(paymentIntents.search({ query: `metadata['shop']:'${customer}'`, limit: 2 }));
      assert.equal(found.length, 5);
      assert.deepEqual(await all(paymentIntents.list({ customer, created: { lt: 1 } })), []);
    });

    test('is paid once however many confirm it', async () => {
      const intent = await newIntent({ payment_method: 'pm_card_visa' });
      const confirmed = await Promise.allSettled(
        Array.from({ length: 8 }, () => stripe().paymentIntents.confirm(intent.id)));
      const refused = confirmed.filter(({ status }) => status === 'rejected');
      assert.equal(refused.length, 7);
      for (const { reason } of refused) assert.equal(reason.code, 'payment_intent_unexpected_state');
      assert.equal((await all(stripe().charges.list({ payment_intent: intent.id }))).length, 1);
    });
  });

  describe('a card', () => {
    const declines = {
      pm_card_chargeDeclined: ['card_declined', 'generic_decline'],
      pm_card_chargeDeclinedInsufficientFunds: ['card_declined', 'insufficient_funds'],
      pm_card_chargeDeclinedLostCard: ['card_declined', 'lost_card'],
      pm_card_chargeDeclinedStolenCard: ['card_declined', 'stolen_card'],
      pm_card_chargeDeclinedExpiredCard: ['expired_card', 'expired_card'],
      pm_card_chargeDeclinedIncorrectCvc: ['incorrect_cvc', 'incorrect_cvc'],
      pm_card_chargeDeclinedProcessingError: ['processing_error', 'processing_error'],
    };
    for (const [card, [code, declineCode]] of Object.entries(declines)) {
      test(`${card.slice('pm_card_'.length)} is declined, and another may follow`, async () => {
        const { paymentIntents, charges } = stripe();
        const { id } = await newIntent();
        const error = await thrown(paymentIntents.confirm(id, { payment_method: card }));
        assert.ok(error instanceof Stripe.errors.StripeCardError);
        assert.deepEqual([error.statusCode, error.code, error.decline_code], [402, code, declineCode]);
        assert.equal(error.payment_intent.status, 'requires_payment_method');
        assert.equal(error.payment_intent.last_payment_error.code, code);
        const charge = await charges.retrieve(error.raw.charge);
        assert.deepEqual([charge.status, charge.paid, charge.failure_code], ['failed', false, code]);
        const paid = await paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
        assert.deepEqual([paid.status, paid.last_payment_error], ['succeeded', null]);
      });
    }

    test('that is declined is declined again under the same key, and charged under a new one', async () => {
      const { id } = await newIntent();
      const confirm = (payment_method, idempotencyKey) =>
        stripe().paymentIntents.confirm(id, { payment_method }, { idempotencyKey });
      const first = await thrown(confirm('pm_card_chargeDeclined', `${id}-1`));
      const replayed = await thrown(confirm('pm_card_chargeDeclined', `${id}-1`));
      assert.equal(replayed.headers['idempotent-replayed'], 'true');
      assert.deepEqual(replayed.raw.charge, first.raw.charge);
      assert.equal((await confirm('pm_card_visa', `${id}-2`)).status, 'succeeded');
    });

    test('with 3-D Secure asks the customer, who agrees or does not', async () => {
      const agreed = await pay('pm_card_threeDSecure2Required', { return_url: 'https://shop.example/back' });
      assert.equal(agreed.status, 'requires_action');
      assert.equal(agreed.next_action.redirect_to_url.return_url, 'https://shop.example/back');
      assert.equal(agreed.next_action.redirect_to_url.url, `${server.url}/_sandbox/pay/${agreed.id}`);
      assert.equal((await act(agreed, 'succeed')).status, 'succeeded');

      const refused = await pay('pm_card_authenticationRequired');
      assert.equal(refused.next_action.type, 'use_stripe_sdk');
      const failed = await act(refused, 'fail');
      assert.equal(failed.status, 'requires_payment_method');
      assert.equal(failed.last_payment_error.code, 'payment_intent_authentication_failure');
      const absent = await thrown(pay('pm_card_authenticationRequired', { off_session: true }));
      assert.deepEqual([absent.statusCode, absent.code], [402, 'authentication_required']);
      const later = await pay('pm_card_authenticationRequired', { capture_method: 'manual' });
      assert.equal((await act(later, 'succeed')).status, 'requires_capture');
    });

    test('is kept for a customer, and let go', async () => {
      const { customers, paymentMethods } = stripe();
      const customer = (await customers.create()).id;
      const kept = await paymentMethods.attach('pm_card_visa', { customer });
      const made = await paymentMethods.create({ type: 'card', card: { token: 'tok_mastercard' } });
      await paymentMethods.attach(made.id, { customer });
      assert.deepEqual((await all(paymentMethods.list({ customer, type: 'card' }))).map(({ id }) => id), [made.id, kept.id]);
      assert.equal((await pay(kept.id, { customer })).status, 'succeeded');
      assert.equal((await thrown(pay(kept.id))).param, 'payment_method');
      assert.equal((await paymentMethods.detach(made.id)).customer, null);
      assert.equal((await customers.listPaymentMethods(customer)).data.length, 1);
    });
  });

  describe('Pix and boleto', () => {
    const payNow = (payment_method_data, options) => newIntent({ payment_method_data, confirm: true, ...options });

    test('a Pix shows a code, and is paid or expires', async () => {
      const shown = await payNow({ type: 'pix' }, { payment_method_options: { pix: { expires_after_seconds: 600 } } });
      const code = shown.next_action.pix_display_qr_code;
      assert.match(code.data, /^000201.*br\.gov\.bcb\.pix.*6304[0-9A-F]{4}$/s);
      assert.equal(code.image_url_svg, `${server.url}/_sandbox/pix/${shown.id}.svg`);
      assert.ok(Math.abs(code.expires_at - shown.created - 600) <= 1);
      const paid = await act(shown, 'succeed');
      assert.equal(paid.status, 'succeeded');
      const charge = await stripe().charges.retrieve(paid.latest_charge, { expand: ['balance_transaction'] });
      assert.equal(charge.balance_transaction.fee, 12);
      assert.equal((await stripe().refunds.create({ payment_intent: paid.id })).status, 'succeeded');

      const expired = await act(await payNow({ type: 'pix' }), 'expire');
      assert.equal(expired.last_payment_error.code, 'payment_intent_payment_attempt_expired');
    });

    test('the billing address says what becomes of it', async () => {
      const billing_details = { email: 'ana_succeed_immediately@example.com' };
      const { id } = await payNow({ type: 'pix', billing_details });
      await until(async () => (await stripe().paymentIntents.retrieve(id)).status === 'succeeded', 'the Pix is paid');
    });

    test('a boleto has a number, is processed and then paid', async () => {
      const shown = await payNow(boleto);
      const { number } = shown.next_action.boleto_display_details;
      assert.ok(isBoletoNumber('00190500954014481606906809350314337370000000100'), 'an example of the Banco do Brasil');
      assert.ok(isBoletoNumber(number), number);
      assert.equal(number.slice(-10), '0000001000');
      assert.equal((await act(shown, 'succeed')).status, 'processing');
      await until(async () => (await stripe().paymentIntents.retrieve(shown.id)).status === 'succeeded', 'it is cleared');
      assert.equal((await thrown(stripe().refunds.create({ payment_intent: shown.id }))).code, 'charge_not_refundable');
      const nobody = await thrown(payNow({ type: 'boleto', boleto: boleto.boleto }));
      assert.deepEqual([nobody.code, nobody.param], ['parameter_missing', 'payment_method_data[billing_details][name]']);
    });

    test('neither is captured by hand', async () => {
      for (const method of [{ type: 'pix' }, boleto]) {
        assert.equal((await thrown(payNow(method, { capture_method: 'manual' }))).param, 'capture_method');
      }
    });
  });

  describe('money goes back', () => {
    test('in parts, until there is no more', async () => {
      const { refunds } = stripe();
      const { id, latest_charge: charge } = await pay('pm_card_visa');
      const made = [await refunds.create({ payment_intent: id, amount: 300, reason: 'duplicate', metadata: { our: '1' } })];
      made.push(await refunds.create({ charge, amount: 300 }));
      assert.equal((await thrown(refunds.create({ charge, amount: 401 }))).param, 'amount');
      made.push(await refunds.create({ charge }));
      assert.equal((await thrown(refunds.create({ charge }))).code, 'charge_already_refunded');
      const listed = await all(refunds.list({ payment_intent: id, limit: 1 }));
      assert.deepEqual(listed.map((refund) => refund.id), made.map((refund) => refund.id).reverse());
      assert.equal((await refunds.update(made[0].id, { metadata: { our: '2' } })).metadata.our, '2');
      const booked = await all(stripe().balanceTransactions.list({ source: made[2].id }));
      assert.deepEqual(booked.map(({ type, amount }) => [type, amount]), [['refund', -400]]);
    });

    test('later, or not in the end', async () => {
      const { refunds, charges, events } = stripe();
      const slow = await refunds.create({ payment_intent: (await pay('pm_card_pendingRefund')).id });
      assert.equal(slow.status, 'pending');
      const failing = await refunds.create({ payment_intent: (await pay('pm_card_refundFail')).id });
      assert.equal(failing.status, 'succeeded');
      await until(async () => (await refunds.retrieve(slow.id)).status === 'succeeded', 'the slow refund is done');
      await until(async () => (await refunds.retrieve(failing.id)).status === 'failed', 'the other fails');
      assert.equal((await charges.retrieve(failing.charge)).amount_refunded, 0);
      const told = await events.list({ type: 'refund.failed' });
      assert.equal(told.data[0].data.object.id, failing.id);
    });

    test('where the customer disputes, and comes again if the evidence wins', async () => {
      const { disputes } = stripe();
      const disputeOf = async () => {
        const { id } = await pay('pm_card_createDispute');
        const [dispute] = await all(disputes.list({ payment_intent: id }));
        assert.equal(dispute.status, 'needs_response');
        return dispute.id;
      };
      const answer = async (uncategorized_text) => disputes.update(await disputeOf(), { evidence: { uncategorized_text } });
      const won = await answer('winning_evidence');
      assert.deepEqual([won.status, won.balance_transactions.length], ['won', 2]);
      assert.equal((await answer('losing_evidence')).status, 'lost');
      assert.equal((await disputes.close(await disputeOf())).status, 'lost');
    });
  });

  test('the balance is the sum of what was booked', async () => {
    await pay('pm_card_visa');
    const booked = await all(stripe().balanceTransactions.list({ currency: 'brl', limit: 100 }));
    const sum = booked.reduce((total, { net }) => total + net, 0);
    assert.equal((await stripe().balance.retrieve()).available[0].amount, sum);
  });

  test('a close after a confirmation loses the answer and nothing else', async () => {
    const { id } = await newIntent();
    await fetch(server.url + probe, {
      method: 'POST', body: JSON.stringify({ match: 'POST /v1/payment_intents/*/confirm', fault: 'close_after' }),
    });
    const client = new Stripe('sk_test_123', {
      host: '127.0.0.1', port: server.port, protocol: 'http', maxNetworkRetries: 2, telemetry: false,
    });
    const paid = await client.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' });
    assert.equal(paid.lastResponse.headers['idempotent-replayed'], 'true');
    assert.equal((await all(client.charges.list({ payment_intent: id }))).length, 1);
  });
});

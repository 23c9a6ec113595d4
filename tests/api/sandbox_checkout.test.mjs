import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';

import { Receiver } from './harness/receiver.mjs';
import { Server } from './harness/server.mjs';
import { until } from './harness/wait.mjs';

const Stripe = (await import('stripe').catch(() => undefined))?.default;
const jsqr = (await import('jsqr').catch(() => undefined))?.default;
const skip = Stripe && jsqr ? false : 'the npm packages could not be fetched (npm ci in tests/)';
const probe = '/_sandbox/faults';
const shop = 'http://shop.example';

/** The pixels of a grey PNG of one bit, as the gateway makes them. */
function pixelsOf(png) {
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  const width = png.readUInt32BE(16);
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const size = png.readUInt32BE(at);
    if (png.subarray(at + 4, at + 8).toString() === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + size));
  }
  const rows = inflateSync(Buffer.concat(parts));
  const rgba = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let y = 0; y < width; ++y) {
    for (let x = 0; x < width; ++x) {
      const white = (rows[y * (width / 8 + 1) + 1 + (x >> 3)] >> (7 - (x & 7))) & 1;
      rgba.fill(white * 255, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { rgba, width };
}

describe("the sandbox's checkout under Stripe's SDK", { skip }, () => {
  const receiver = new Receiver();
  const server = new Server({ command: (port) => ['sandbox', '--port', port, '--webhook-url', receiver.url] });
  let stripe;
  const heard = async (type, id) => (await receiver.heard((event) => event.type === type && event.data.object.id === id))[0].event.data.object;

  const open = (options = {}) => stripe.checkout.sessions.create({
    mode: 'payment', success_url: `${shop}/thanks?session={CHECKOUT_SESSION_ID}`, cancel_url: `${shop}/cart`,
    line_items: [
      { quantity: 2, price_data: { currency: 'brl', unit_amount: 1050, product_data: { name: 'Café & <b>pão</b>' } } },
      { quantity: 1, price_data: { currency: 'brl', unit_amount: 400, product_data: { name: 'Bolo' } } },
    ],
    ...options,
  });
  const page = async (url, language = 'en') => {
    const response = await fetch(new URL(url, server.url), { headers: { 'Accept-Language': language }, redirect: 'manual' });
    return { status: response.status, headers: response.headers, html: await response.text() };
  };
  /** Presses a button of a page; gives where that leads. */
  const press = async (url, name, value) => {
    const response = await fetch(new URL(url, server.url), { method: 'POST', body: new URLSearchParams({ [name]: value }), redirect: 'manual' });
    assert.equal(response.status, 303, await response.text());
    return response.headers.get('location');
  };

  before(async () => {
    await receiver.start();
    await server.start(probe);
    stripe = new Stripe('sk_test_123', { host: '127.0.0.1', port: server.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
  });
  after(async () => {
    await server.close();
    await receiver.close();
  });
  beforeEach(() => fetch(server.url + probe, { method: 'DELETE' }));

  describe('a session', () => {
    test('shows what is sold, and has no intent before it is paid', async () => {
      const session = await open({ metadata: { order: '1' }, client_reference_id: 'r1', expand: ['line_items'] });
      assert.match(session.id, /^cs_test_\w{58}$/);
      assert.equal(session.url, `${server.url}/_sandbox/checkout/${session.id}`);
      assert.deepEqual([session.status, session.payment_status, session.payment_intent], ['open', 'unpaid', null]);
      assert.deepEqual([session.amount_total, session.currency, session.mode], [2500, 'brl', 'payment']);
      assert.deepEqual(session.payment_method_types, ['card', 'boleto', 'pix']);
      assert.equal(session.expires_at - session.created, 24 * 60 * 60);
      assert.deepEqual(session.line_items.data.map(({ amount_total }) => amount_total), [2100, 400]);

      assert.equal((await stripe.checkout.sessions.retrieve(session.id)).line_items, undefined);
      const items = [];
      for await (const item of stripe.checkout.sessions.listLineItems(session.id, { limit: 1 })) items.push(item.description);
      assert.deepEqual(items, ['Café & <b>pão</b>', 'Bolo']);
      assert.equal((await stripe.checkout.sessions.list({ limit: 1 })).data[0].id, session.id);
    });

    test('refuses what cannot be sold', async () => {
      const now = Math.floor(Date.now() / 1000);
      for (const [options, param] of [
        [{ line_items: [] }, 'line_items'], [{ mode: 'subscription' }, 'mode'], [{ success_url: 'javascript:alert(1)' }, 'success_url'],
        [{ cancel_url: 'shop' }, 'cancel_url'], [{ expires_at: now + 60 }, 'expires_at'], [{ expires_at: now + 90_000 }, 'expires_at'],
        [{ customer: 'cus_unknown' }, 'customer'], [{ colour: 'red' }, 'colour'],
        [{ payment_intent_data: { capture_method: 'never' } }, 'capture_method'],
        [{ line_items: [{ quantity: 1, price_data: { currency: 'brl', unit_amount: 1, product_data: { name: 'a' } } }] }, 'amount'],
      ]) {
        await assert.rejects(open(options), (error) => error.statusCode === 400 && error.param === param, param);
      }
    });

    test('can be ended while it is open', async () => {
      const session = await open();
      const ended = await stripe.checkout.sessions.expire(session.id);
      assert.deepEqual([ended.status, ended.url], ['expired', null]);
      assert.equal((await heard('checkout.session.expired', session.id)).status, 'expired');
      await assert.rejects(stripe.checkout.sessions.expire(session.id), Stripe.errors.StripeInvalidRequestError);
      assert.equal((await page(session.url)).status, 410);
      await press(session.url, 'method', 'card');
      assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_intent, null);
    });
  });

  describe('the page', () => {
    test('says in both languages what is sold, and runs nothing', async () => {
      const { url } = await open();
      const english = await page(url);
      assert.equal(english.status, 200);
      assert.match(english.html, /<html lang="en">[^]*Test mode[^]*R\$\u00a025\.00[^]*Café &amp; &lt;b&gt;pão&lt;\/b&gt; × 2/);
      assert.match((await page(url, 'pt-BR')).html, /<html lang="pt-BR">[^]*Modo de teste[^]*R\$\u00a025,00[^]*Pagar com Pix/);
      assert.doesNotMatch(english.html, /<script|<input|onclick/);
      const policy = english.headers.get('content-security-policy');
      assert.match(policy, /^default-src 'none'; .*form-action 'self' http:\/\/shop\.example; frame-ancestors 'none'; base-uri 'none'$/);
      assert.equal((await page('/_sandbox/checkout/cs_test_unknown')).status, 404);
      assert.equal((await page('/_sandbox/pay/pi_unknown')).status, 404);
      assert.equal((await page('/_sandbox/pix/pi_unknown.svg')).status, 404);
    });

    test('takes a card, and what was said of the intent', async () => {
      const customer = await stripe.customers.create({ name: 'Ana' });
      const session = await open({ customer: customer.id, payment_intent_data: { metadata: { payment: '7' }, description: 'Cesta' } });
      assert.equal(await press(session.url, 'method', 'card'), `${shop}/thanks?session=${session.id}`);
      const told = await heard('checkout.session.completed', session.id);
      assert.deepEqual([told.status, told.payment_status, told.url], ['complete', 'paid', null]);
      const intent = await stripe.paymentIntents.retrieve(told.payment_intent);
      assert.deepEqual([intent.status, intent.amount_received, intent.metadata.payment, intent.description, intent.customer],
        ['succeeded', 2500, '7', 'Cesta', customer.id]);
      assert.deepEqual((await stripe.checkout.sessions.list({ payment_intent: intent.id })).data.map(({ id }) => id), [session.id]);

      await press(session.url, 'method', 'card');
      assert.equal((await stripe.paymentIntents.list({ customer: customer.id })).data.length, 1);
      assert.match((await page(session.url)).html, /Paid/);
    });

    test('takes another card after one that is declined, with the same intent', async () => {
      const session = await open();
      assert.equal(await press(session.url, 'method', 'card_insufficient_funds'), new URL(session.url).pathname);
      assert.match((await page(session.url)).html, /role="alert">The card has insufficient funds/);
      const open1 = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
      assert.deepEqual([open1.status, open1.payment_intent.status], ['open', 'requires_payment_method']);
      assert.equal(await press(session.url, 'method', 'card'), `${shop}/thanks?session=${session.id}`);
      const done = await stripe.checkout.sessions.retrieve(session.id);
      assert.deepEqual([done.status, done.payment_status, done.payment_intent], ['complete', 'paid', open1.payment_intent.id]);
    });

    test('reserves money that is captured later', async () => {
      const session = await open({ payment_intent_data: { capture_method: 'manual' } });
      assert.deepEqual(session.payment_method_types, ['card']);
      await press(session.url, 'method', 'card');
      const told = await heard('checkout.session.completed', session.id);
      assert.equal(told.payment_status, 'unpaid');
      await stripe.paymentIntents.capture(told.payment_intent);
      assert.equal((await stripe.checkout.sessions.retrieve(session.id)).payment_status, 'paid');
    });

    test('asks the bank, which refuses and then approves', async () => {
      const session = await open();
      const bank = await press(session.url, 'method', 'card_authentication');
      assert.match((await page(bank)).html, /3-D Secure[^]*Approve/);
      assert.equal((await page(session.url)).headers.get('location'), bank);
      assert.equal(await press(bank, 'action', 'fail'), bank);
      assert.equal((await page(bank)).headers.get('location'), new URL(session.url).pathname);
      assert.match((await page(session.url)).html, /role="alert"/);
      await press(session.url, 'method', 'card_authentication');
      assert.equal(await press(bank, 'action', 'succeed'), `${shop}/thanks?session=${session.id}`);
      assert.equal((await heard('checkout.session.completed', session.id)).payment_status, 'paid');
    });

    test('shows a Pix, whose picture says the same as its code', async () => {
      const session = await open();
      const pay = await press(session.url, 'method', 'pix');
      const { html } = await page(pay, 'pt-BR');
      const [, code] = html.match(/<textarea[^>]*>([^<]+)</);
      assert.match(code, /^000201.*br\.gov\.bcb\.pix.*540525\.00.*6304[0-9A-F]{4}$/);
      const open1 = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
      assert.equal(open1.status, 'open');
      const shown = open1.payment_intent.next_action.pix_display_qr_code;
      assert.equal(shown.data, code);
      const png = await fetch(shown.image_url_png);
      assert.equal(png.headers.get('content-type'), 'image/png');
      const { rgba, width } = pixelsOf(Buffer.from(await png.arrayBuffer()));
      assert.equal(jsqr(rgba, width, width)?.data, code);
      assert.match(await (await fetch(shown.image_url_svg)).text(), /^<svg/);

      assert.equal(await press(pay, 'action', 'succeed'), `${shop}/thanks?session=${session.id}`);
      assert.equal((await heard('checkout.session.completed', session.id)).payment_status, 'paid');
      assert.equal((await fetch(shown.image_url_png)).status, 404);
    });

    test('a Pix that has expired can be paid otherwise', async () => {
      const session = await open();
      const pay = await press(session.url, 'method', 'pix');
      await press(pay, 'action', 'expire');
      assert.equal(await press(session.url, 'method', 'card'), `${shop}/thanks?session=${session.id}`);
    });

    test('completes with a boleto, which is paid or not afterwards', async () => {
      for (const [action, type, paid] of [
        ['succeed', 'checkout.session.async_payment_succeeded', 'paid'], ['expire', 'checkout.session.async_payment_failed', 'unpaid'],
      ]) {
        const session = await open();
        const pay = await press(session.url, 'method', 'boleto');
        const told = await heard('checkout.session.completed', session.id);
        assert.deepEqual([told.status, told.payment_status], ['complete', 'unpaid']);
        assert.match((await page(pay)).html, /<textarea[^>]*>\d{47}</);
        await press(pay, 'action', action);
        assert.equal((await heard(type, session.id)).payment_status, paid);
      }
    });
  });

  test('the page of an intent leads back to the shop with its outcome', async () => {
    const confirm = (options) => stripe.paymentIntents.create({
      amount: 1000, currency: 'brl', confirm: true, payment_method: 'pm_card_threeDSecure2Required', payment_method_types: ['card'], ...options,
    });
    const intent = await confirm({ return_url: `${shop}/done?order=1` });
    const { url } = intent.next_action.redirect_to_url;
    const back = new URL(await press(url, 'action', 'succeed'));
    assert.equal(back.origin + back.pathname, `${shop}/done`);
    assert.deepEqual(Object.fromEntries(back.searchParams), {
      order: '1', payment_intent: intent.id, payment_intent_client_secret: intent.client_secret, redirect_status: 'succeeded',
    });
    assert.match((await page(url)).html, /Paid/);
    const refused = await confirm({ return_url: `${shop}/done` });
    const failed = new URL(await press(refused.next_action.redirect_to_url.url, 'action', 'fail'));
    assert.equal(failed.searchParams.get('redirect_status'), 'failed');
    assert.equal(await press(url, 'action', 'succeed'), new URL(url).pathname, 'what is over stays so');
  });

  test('webhook_reordered, the events of one call come last one first', async () => {
    const body = JSON.stringify({ match: 'POST /v1/payment_intents', fault: 'webhook_reordered' });
    assert.equal((await fetch(server.url + probe, { method: 'POST', body })).status, 200);
    const intent = await stripe.paymentIntents.create({
      amount: 1000, currency: 'brl', confirm: true, payment_method: 'pm_card_visa', payment_method_types: ['card'],
    });
    const about = ({ data: { object } }) => object.id === intent.id || object.payment_intent === intent.id;
    const events = (await stripe.events.list({ limit: 20 })).data.filter(about).map(({ id }) => id);
    const order = (await receiver.heard(about, events.length)).map(({ event }) => event.id);
    assert.ok(events.length >= 3);
    assert.deepEqual(order, events);  // a list has the newest first too
  });

  test('refund_fails_later, a refund succeeds and fails afterwards', async () => {
    const body = JSON.stringify({ match: 'POST /v1/refunds', fault: 'refund_fails_later' });
    assert.equal((await fetch(server.url + probe, { method: 'POST', body })).status, 200);
    const intent = await stripe.paymentIntents.create({
      amount: 1000, currency: 'brl', confirm: true, payment_method: 'pm_card_visa', payment_method_types: ['card'],
    });
    const refund = await stripe.refunds.create({ payment_intent: intent.id });
    assert.equal(refund.status, 'succeeded');
    await until(async () => (await stripe.refunds.retrieve(refund.id)).status === 'failed', 'the refund fails');
    await heard('refund.failed', refund.id);
  });
});

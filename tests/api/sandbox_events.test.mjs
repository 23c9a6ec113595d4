import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { freePort } from './harness/process.mjs';
import { Receiver } from './harness/receiver.mjs';
import { Server } from './harness/server.mjs';
import { until } from './harness/wait.mjs';

const Stripe = (await import('stripe').catch(() => undefined))?.default;
const skip = Stripe ? false : 'the npm package could not be fetched (npm ci in tests/)';
const probe = '/_sandbox/faults';
const ownSecret = 'whsec_of_the_command_line_and_long_enough';

describe("the sandbox's events under Stripe's SDK", { skip }, () => {
  const own = new Receiver();
  const server = new Server({
    command: (port) => ['sandbox', '--port', port, '--webhook-url', own.url],
    env: { STRIPE_WEBHOOK_SECRET: ownSecret },
  });
  const client = () => new Stripe('sk_test_123', {
    host: '127.0.0.1', port: server.port, protocol: 'http', maxNetworkRetries: 0, telemetry: false,
  });
  const fault = async (name, options = {}) => {
    const body = JSON.stringify({ match: 'POST /v1/customers', fault: name, ...options });
    const response = await fetch(server.url + probe, { method: 'POST', body });
    assert.equal(response.status, 200, await response.text());
  };
  /** Another receiver, which hears of customers through an endpoint of the API. */
  const receiverWithEndpoint = async (t, events = ['customer.created', 'customer.updated', 'customer.deleted']) => {
    const receiver = await new Receiver().start();
    const endpoint = await client().webhookEndpoints.create({ url: receiver.url, enabled_events: events });
    t.after(async () => {
      await client().webhookEndpoints.del(endpoint.id);
      await receiver.close();
    });
    return { receiver, endpoint };
  };
  const about = (customer) => (event) => event.data.object.id === customer.id;
  const verified = ({ body, headers }, secret) =>
    client().webhooks.constructEvent(body, headers['stripe-signature'], secret);

  before(async () => {
    await own.start();
    await server.start(probe);
  });
  after(async () => {
    await server.close();
    await own.close();
  });
  beforeEach(() => fetch(server.url + probe, { method: 'DELETE' }));

  test('are listed page by page, each once, and filtered', async () => {
    const stripe = client();
    const made = [];
    for (let i = 0; i < 7; ++i) made.push((await stripe.customers.create({ name: `Listed ${i}` })).id);
    await stripe.customers.del(made[0]);
    const listed = [];
    for await (const event of stripe.events.list({ type: 'customer.created', limit: 3 })) listed.push(event.data.object.id);
    assert.deepEqual(listed.slice(0, 7), [...made].reverse());
    assert.equal(new Set(listed).size, listed.length);
    const both = await stripe.events.list({ types: ['customer.created', 'customer.deleted'], limit: 2 });
    assert.deepEqual(both.data.map(({ type }) => type), ['customer.deleted', 'customer.created']);
    assert.deepEqual(await stripe.events.retrieve(both.data[0].id).then(({ id, type }) => [id, type]), [both.data[0].id, 'customer.deleted']);
  });

  test('reach the receiver of the command line, signed with the secret of the settings', async () => {
    const customer = await client().customers.create({ name: 'João' }, { idempotencyKey: `told-${process.pid}` });
    const [delivery] = await own.heard(about(customer));
    const event = verified(delivery, ownSecret);
    assert.equal(event.type, 'customer.created');
    assert.equal(event.data.object.name, 'João');
    assert.equal(event.request.idempotency_key, `told-${process.pid}`);
    assert.equal(event.request.id, customer.lastResponse.requestId);
    assert.equal(event.api_version, '2026-10-28.endive');
    assert.throws(() => verified(delivery, 'whsec_another'), Stripe.errors.StripeSignatureVerificationError);
    await until(async () => (await client().events.retrieve(event.id)).pending_webhooks === 0, 'nobody is left to hear it');
  });

  test('reach an endpoint of the API, those that it asked for', async (t) => {
    const { receiver, endpoint } = await receiverWithEndpoint(t, ['customer.updated']);
    assert.match(endpoint.secret, /^whsec_\w{32}$/);
    assert.equal((await client().webhookEndpoints.retrieve(endpoint.id)).secret, undefined);
    assert.deepEqual((await client().webhookEndpoints.list()).data.map(({ id }) => id), [endpoint.id]);

    const customer = await client().customers.create({ name: 'Ana' });
    await client().customers.update(customer.id, { name: 'Bia' });
    const [delivery] = await receiver.heard(about(customer));
    const event = verified(delivery, endpoint.secret);
    assert.equal(event.type, 'customer.updated');
    assert.deepEqual(event.data.previous_attributes, { name: 'Ana' });
    await own.heard(about(customer), 2);
    assert.equal(receiver.deliveries.length, 1);

    await client().webhookEndpoints.update(endpoint.id, { disabled: true });
    await client().customers.update(customer.id, { name: 'Clara' });
    await own.heard(about(customer), 3);
    assert.equal(receiver.deliveries.length, 1);
  });

  test('are sent again until they are taken', async (t) => {
    const { receiver } = await receiverWithEndpoint(t);
    receiver.statuses = [500, 503];
    const customer = await client().customers.create({});
    const deliveries = await receiver.heard(about(customer), 3);
    assert.equal(new Set(deliveries.map(({ event }) => event.id)).size, 1);
  });

  test('reach a receiver that comes back, even if the sandbox was killed meanwhile', async (t) => {
    const port = await freePort();
    const endpoint = await client().webhookEndpoints.create({ url: `http://127.0.0.1:${port}/hook`, enabled_events: ['*'] });
    await fault('webhook_late', { delay_ms: 1500 });  // so that no attempt is under way when it is killed
    const customer = await client().customers.create({});
    await server.kill();
    await server.restart(probe);
    const receiver = await new Receiver().start(port);
    t.after(async () => {
      await client().webhookEndpoints.del(endpoint.id);
      await receiver.close();
    });
    const [delivery] = await receiver.heard(about(customer));
    assert.equal(verified(delivery, endpoint.secret).type, 'customer.created');
  });

  describe('with a fault', () => {
    test('webhook_twice, come twice', async (t) => {
      const { receiver } = await receiverWithEndpoint(t);
      await fault('webhook_twice');
      const deliveries = await receiver.heard(about(await client().customers.create({})), 2);
      assert.equal(deliveries[0].event.id, deliveries[1].event.id);
    });

    test('webhook_late, come after later ones', async (t) => {
      const { receiver } = await receiverWithEndpoint(t);
      await fault('webhook_late', { delay_ms: 1500 });
      const late = await client().customers.create({});
      const next = await client().customers.create({});
      const heard = await receiver.heard((event) => about(late)(event) || about(next)(event), 2);
      assert.deepEqual(heard.map(({ event }) => event.data.object.id), [next.id, late.id]);
    });

    test('webhook_early, come before the reply', async (t) => {
      const { receiver } = await receiverWithEndpoint(t);
      await fault('webhook_early');
      const customer = await client().customers.create({});
      assert.equal(receiver.deliveries.filter(({ event }) => about(customer)(event)).length, 1);
    });

    test('webhook_bad_signature, come first with a signature that is refused', async (t) => {
      const { receiver, endpoint } = await receiverWithEndpoint(t);
      await fault('webhook_bad_signature');
      receiver.statuses = [400];
      const [bad, good] = await receiver.heard(about(await client().customers.create({})), 2);
      assert.throws(() => verified(bad, endpoint.secret), Stripe.errors.StripeSignatureVerificationError);
      assert.equal(verified(good, endpoint.secret).id, bad.event.id);
    });
  });
});

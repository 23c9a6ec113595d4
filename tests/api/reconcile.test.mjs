import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Gateway } from './harness/gateway.mjs';
import { newServer } from './harness/suite.mjs';

describe('balcao reconcile', () => {
  const gateway = new Gateway();
  let server;
  let token;

  before(async () => {
    await gateway.start();
    server = await newServer({ env: gateway.settings() }).start();
    token = (await server.newUser()).token;
  });
  after(async () => {
    await server?.close();
    await gateway.close();
  });

  let keys = 0;
  const post = async (path, body) => {
    const made = await server.api('POST', path, { token, headers: { 'idempotency-key': `reconcile-${++keys}` }, body });
    assert.ok([200, 201].includes(made.status), made.text);
    return made.body;
  };
  const pay = (fields) => post('/payments', { amount: 1000, payment_method: 'pm_card_visa', ...fields });
  const reconcile = async () => {
    const { code, stdout, stderr } = await server.run('reconcile', '--days', '2');
    const [, drifts] = /: (\d+) drifts$/m.exec(stdout) ?? assert.fail(stdout + stderr);
    return { code, stdout, drifts: Number(drifts) };
  };

  test('finds nothing where all agree: paid, declined upon, captured in part, refunded, canceled', async () => {
    await pay();
    await post(`/payments/${(await pay({ capture: 'manual' })).id}/capture`, { amount: 400 });
    await post(`/payments/${(await pay()).id}/refunds`, { amount: 300 });
    await post(`/payments/${(await pay({ capture: 'manual' })).id}/cancel`);
    await pay({ payment_method: 'pix' });
    const found = await reconcile();
    assert.deepEqual([found.code, found.drifts], [0, 0], found.stdout);
    assert.match(found.stdout, /5 payments, 5 intents/);
  });

  test('takes over what nobody has told of', async () => {
    const made = await pay({ payment_method: 'pix' });
    await gateway.act(made.gateway_id, 'succeed');
    assert.equal((await reconcile()).drifts, 0);
    assert.equal((await server.api('GET', `/payments/${made.id}`, { token })).body.status, 'succeeded');
  });

  test('names an intent of ours that we do not know, and one that is there twice', async () => {
    const lost = await gateway.post('/v1/payment_intents', {
      amount: 700, currency: 'brl', 'metadata[payment_id]': '01a20000-0000-7000-8000-000000000000',
    });
    const made = await pay();
    const doubled = await gateway.post('/v1/payment_intents', {
      amount: 1000, currency: 'brl', 'metadata[payment_id]': made.id,
    });
    const found = await reconcile();
    assert.deepEqual([found.code, found.drifts], [1, 2], found.stdout);
    assert.match(found.stdout, new RegExp(`missing_here +${lost.id}`));
    assert.match(found.stdout, new RegExp(`double +${doubled.id} +payment ${made.id}`));
    const kept = await server.query('SELECT count(*) FROM drifts WHERE resolved_at IS NULL', 'payments');
    await reconcile();
    assert.equal(await server.query('SELECT count(*) FROM drifts WHERE resolved_at IS NULL', 'payments'), kept, 'each once');
  });

  test('says what is missing where the gateway is the sandbox inside the server', async () => {
    const alone = newServer();
    try {
      await alone.start();
      const { code, stderr } = await alone.run('reconcile');
      assert.equal(code, 78);
      assert.match(stderr, /STRIPE_SECRET_KEY/);
    } finally {
      await alone.close();
    }
  });
});

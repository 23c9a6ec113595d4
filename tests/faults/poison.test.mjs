import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Receiver } from '../api/harness/receiver.mjs';
import { newServer } from '../api/harness/suite.mjs';
import { until } from '../api/harness/wait.mjs';

const deaths = 5;

describe('a webhook with which the process dies each time', () => {
  const guilty = new Receiver();
  const healthy = new Receiver();
  let server, user, guiltyId, healthyId;

  before(async () => {
    await Promise.all([guilty.start(), healthy.start()]);
    server = newServer();
    await server.start();
    user = await server.newUser();
    [guiltyId, healthyId] = await Promise.all([guilty.url, healthy.url].map(async (url) => {
      const made = await call('POST', '', { url });
      assert.equal(made.status, 201, made.text);
      return made.body.id;
    }));
  });
  after(async () => {
    await server?.close();
    await Promise.all([guilty.close(), healthy.close()]);
  });

  const call = (method, path, body) => server.api(method, `/webhook-endpoints${path}`, { token: user.token, body });
  const send = async (id) => {
    const told = await call('POST', `/${id}/test`);
    assert.ok(told.status < 300, told.text);
    return told.body.id;
  };
  const aside = async () => {
    const ready = await server.api('GET', '/readyz?verbose');
    assert.equal(ready.status, 200, ready.text);
    return ready.body.checks.find(({ name }) => name === 'set aside');
  };
  /** As if the leases of the dead process had run out. */
  const endLeases = () => {
    const long_ago = server.backing.postgres ? `'2000-01-01'` : '0';
    return server.query(`UPDATE webhook_deliveries SET leased_until = ${long_ago}, next_at = ${long_ago}
      WHERE leased_until IS NOT NULL AND next_at IS NOT NULL`, 'payments');
  };

  test('is set aside after some deaths, and the others are delivered all the while', async () => {
    guilty.answer = () => new Promise(() => {});
    const poison = await send(guiltyId);
    for (let death = 1; death <= deaths; ++death) {
      await until(() => guilty.deliveries.length === death, `attempt ${death} is under way`);
      await send(healthyId);
      await healthy.heard(() => true, death);
      assert.equal((await aside()).status, 'ok', `after ${death - 1} deaths`);
      await server.kill();
      await endLeases();
      await server.restart();
    }
    const check = await until(async () => {
      const found = await aside();
      return found.status === 'degraded' && found;
    }, 'it is set aside');
    assert.equal(check.detail, 'webhook delivery: 1');
    assert.match(server.output(), /error.*set aside/);
    const { body } = await call('GET', `/${guiltyId}/deliveries/${poison}`);
    assert.equal(body.status, 'failed');
    assert.match(body.error, /set aside/);
    assert.equal(guilty.deliveries.length, deaths, 'it was not sent again');
    await send(healthyId);
    await healthy.heard(() => true, deaths + 1);

    guilty.answer = () => ({ status: 200 });
    const again = await call('POST', `/${guiltyId}/deliveries/${poison}/replay`);
    assert.ok(again.status < 300, again.text);
    await until(async () => (await call('GET', `/${guiltyId}/deliveries/${poison}`)).body.status === 'delivered', 'it is delivered');
    assert.equal((await aside()).status, 'ok');
  });
});

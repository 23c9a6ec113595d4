import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { doors } from '../api/harness/doors.mjs';
import { Fleet } from '../api/harness/fleet.mjs';
import { Trap } from '../api/harness/trap.mjs';
import { until } from '../api/harness/wait.mjs';

describe('Payments and Products start before Auth', () => {
  const fleet = new Fleet();
  after(() => fleet.close());

  test('once it is there they serve, and live through logouts and changes of products', async () => {
    await fleet.prepare();
    const early = fleet.processes.filter((one) => one !== fleet.auth);
    const away = await new Trap().start(Number(fleet.auth.env.PORT));
    await Promise.all(early.map((one) => one.start('/livez')));
    await until(() => away.connections >= 4 * early.length, 'each has asked for Auth several times');
    await away.close();

    await fleet.auth.start();
    const isReady = async (one) => (await one.api('GET', '/readyz')).status === 200;
    for (const one of early) await until(() => isReady(one), `${one.services} is ready`);

    const user = await fleet.newUser();
    const product = await fleet.newProduct(user.token);
    const seen = async (one) => (await one.api('GET', `/products/${product.id}`)).body;
    for (const one of fleet.products) assert.deepEqual(await seen(one), product);
    for (let n = 1; n <= 20; ++n) {
      const session = await fleet.newSession(user.username);
      await fleet.logout(session.token);
      const body = { price: 1000 + n };
      const changed = await fleet.api('PATCH', `/products/${product.id}`, { token: user.token, body });
      assert.equal(changed.status, 200, changed.text);
      for (const door of doors(fleet)) await until(async () => (await door.status(session.token)) === 401, `${door.name} refuses`);
      for (const one of fleet.products) await until(async () => (await seen(one)).price === body.price, 'the price is known');
    }
    for (const one of fleet.processes) assert.equal(one.process.ended, undefined, one.output());
  });
});

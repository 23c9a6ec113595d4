import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from '../api/harness/problem.mjs';
import { serverForSuite } from '../api/harness/suite.mjs';
import { until } from '../api/harness/wait.mjs';

describe('kill -9', () => {
  const server = serverForSuite();

  test('50 acknowledged products are there again, and so is who was logged in and who was not', async () => {
    const seller = await server.newUser();
    const gone = await server.newUser();
    assert.equal((await server.api('POST', '/logout', { body: { Token: gone.token } })).status, 204);
    const acknowledged = [];
    for (let n = 0; n < 50; ++n) acknowledged.push(await server.newProduct(seller.token, { name: `Kept ${n}`, price: n }));

    await server.kill();
    await server.restart();

    const found = await server.allProducts();
    for (const product of acknowledged) assert.deepEqual(found.get(product.id), product);
    assert.equal((await server.api('GET', '/me', { token: seller.token })).status, 200, 'an old token is still good');
    assertProblem(await server.api('GET', '/me', { token: gone.token }), 401);
    const refreshed = await server.api('POST', '/refresh', { body: { refresh_token: seller.refreshToken } });
    assert.equal(refreshed.status, 200, refreshed.text);
    assertProblem(await server.api('POST', '/refresh', { body: { refresh_token: gone.refreshToken } }), 401);
    await server.newProduct(seller.token, { name: 'And on it goes' });
  });

  for (const round of [1, 2, 3]) {
    test(`while 16 write: every acknowledged product is there, round ${round}`, async () => {
      const { token } = await server.newUser();
      const acknowledged = [];
      const enough = 100 * round;
      let killed = false;

      async function write(writer) {
        for (let n = 0; !killed; ++n) {
          const body = { name: `Round ${round}, writer ${writer}, ${n}`, price: n };
          const response = await server.api('POST', '/products', { token, body }).catch((fault) => {
            if (!killed) throw fault;
          });
          if (response?.status === 201) acknowledged.push(response.body);
          else assert.ok(killed, response?.text);
        }
      }
      const writers = Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
      await Promise.race([writers, until(() => acknowledged.length >= enough, `${enough} products are acknowledged`)]);
      killed = true;
      await server.kill();
      await writers;

      await server.restart();
      const found = await server.allProducts();
      const lost = acknowledged.filter((product) => !found.has(product.id));
      assert.deepEqual(lost, [], `of ${acknowledged.length} acknowledged`);
    });
  }
});

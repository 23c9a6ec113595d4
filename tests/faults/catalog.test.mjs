import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, describe, test } from 'node:test';

import { serverForSuite } from '../api/harness/suite.mjs';
import { until } from '../api/harness/wait.mjs';

/** A way to Redis on which news of the catalog gets lost. */
async function lossyWayTo(port) {
  const server = net.createServer((client) => {
    const redis = net.connect({ port, host: '127.0.0.1' });
    const end = () => [client, redis].forEach((socket) => socket.destroy());
    client.on('data', (bytes) => /PUBLISH[^]*catalog-changed/.test(bytes.toString('latin1')) || redis.write(bytes));
    redis.on('data', (bytes) => client.write(bytes));
    [client, redis].forEach((socket) => socket.on('close', end).on('error', end));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a products process dies between the commit of a write and the news of it', () => {
  const fleet = serverForSuite();
  let way;
  after(() => way?.close());

  test('the other one shows the change within seconds, though it is asked all the time', async (t) => {
    const [writer, reader] = fleet.products;
    const seller = await fleet.newUser();
    const { id } = await fleet.newProduct(seller.token, { name: 'Changed by the dead', price: 1 });
    way = await lossyWayTo(fleet.backing.redis.port);
    await writer.stop();
    writer.env.REDIS_URL = writer.env.REDIS_URL.replace(/:\d+$/, `:${way.address().port}`);
    await writer.restart();

    const price = async () => (await reader.api('GET', `/products/${id}`)).body.price;
    const priceInList = async () => (await reader.api('GET', '/products?sort=-created_at')).body.data
      .find((product) => product.id === id).price;
    assert.deepEqual([await price(), await priceInList()], [1, 1]);
    const changed = await writer.api('PUT', `/products/${id}`, { token: seller.token, body: { price: 2 } });
    assert.equal(changed.status, 200, changed.text);
    await writer.kill();
    const since = performance.now();
    await until(async () => await price() === 2 && await priceInList() === 2, 'the change shows', 10_000);
    t.diagnostic(`after ${Math.round(performance.now() - since)} ms`);
    await writer.restart();
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { RawConnection } from './harness/raw.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const isFleet = process.env.BALCAO_TEST_ENGINE === 'fleet';

describe('what is kept of public reads', () => {
  const server = serverForSuite();
  let seller;
  before(async () => { seller = await server.newUser(); });

  const create = (product) => server.newProduct(seller.token, product);
  const change = async (id, body) => {
    const response = await server.api('PUT', `/products/${id}`, { token: seller.token, body });
    assert.equal(response.status, 200, response.text);
    return response;
  };
  const read = (path) => server.api('GET', path);
  /** A process shows its own writes at once, and another's a few milliseconds later. */
  const shows = (condition, what) => (isFleet
    ? until(async () => await condition() && await condition() && await condition(), what)
    : condition().then((holds) => assert.ok(holds, what)));

  test('follows every change of a product, whoever reads it', async () => {
    const { id } = await create({ name: 'Followed', price: 1 });
    for (let price = 2; price < 12; ++price) {
      const { headers } = await change(id, { price });
      await shows(async () => {
        const one = await read(`/products/${id}`);
        return one.body.price === price && one.headers.get('etag') === headers.get('etag');
      }, `the product shows ${price}`);
      await shows(async () => {
        const { body } = await read('/products?sort=-created_at');
        return body.data.find((product) => product.id === id)?.price === price;
      }, `the list shows ${price}`);
    }
  });

  test('has the same tag as what the owner is shown, so that it can be changed by it', async () => {
    const { id } = await create({ name: 'Tagged', price: 1 });
    await read(`/products/${id}`);
    const kept = await read(`/products/${id}`);
    const owners = await server.api('GET', `/products/${id}`, { token: seller.token });
    assert.equal(kept.headers.get('etag'), owners.headers.get('etag'));
    assert.equal(kept.headers.get('vary'), 'Authorization');
    assert.equal(kept.headers.get('cache-control'), 'public, no-cache');
    assert.equal(owners.headers.get('cache-control'), null);
    const unchanged = await server.api('GET', `/products/${id}`, { headers: { 'if-none-match': kept.headers.get('etag') } });
    assert.deepEqual([unchanged.status, unchanged.text], [304, '']);
  });

  test('hides at once what is no longer for sale, and what is gone', async () => {
    const { id } = await create({ name: 'Withdrawn', price: 1 });
    assert.equal((await read(`/products/${id}`)).status, 200);
    await change(id, { active: false });
    await shows(async () => (await read(`/products/${id}`)).status === 404, 'it is hidden');
    assert.equal((await server.api('GET', `/products/${id}`, { token: seller.token })).status, 200);
    await change(id, { active: true });
    await shows(async () => (await read(`/products/${id}`)).status === 200, 'it is back');
    assert.equal((await server.api('DELETE', `/products/${id}`, { token: seller.token })).status, 204);
    await shows(async () => (await read(`/products/${id}`)).status === 404, 'it is gone');
    assertProblem(await read(`/products/${id}`), 404);
  });

  test('is one product however its address is written', async () => {
    const { id } = await create({ name: 'Shouted', price: 1 });
    const addresses = [id, id.toUpperCase(), `${id}?`, id.replace('-', '%2D')];
    for (const address of addresses) {
      const { status, text } = await read(`/products/${address}`);
      assert.equal(status, 200, `${address}: ${text}`);
    }
    await change(id, { price: 7 });
    for (const address of addresses) {
      await shows(async () => (await read(`/products/${address}`)).body.price === 7, `${address} shows the change`);
    }
  });

  test('is bounded, however many lists are asked for, and however often', async (t) => {
    const [{ process }] = server.products ?? server.processes;
    const port = (server.products?.[0] ?? server).port;
    const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.child.pid}/status`, 'utf8'))[1]) / 1024;
    const description = 'é'.repeat(5000);
    await Promise.all(Array.from({ length: 30 }, (_, i) => create({ name: `Listed ${i}`, price: 1, description })));
    const ask = (connection, n) => connection
      .send(`HEAD /products?limit=30&sort=-created_at&max_price=${1000 + n} HTTP/1.1\r\nHost: shop\r\n\r\n`)
      .response({ bodyless: true });
    const connection = await RawConnection.open(port);
    try {
      const first = await ask(connection, 0);
      assert.equal(first.status, 200);
      assert.ok(Number(first.headers.get('content-length')) > 300_000);
      const before = resident();
      // Everything that may be kept is asked for again between the new ones; 500 answers of 300 KB.
      for (let n = 0; n < 500; ++n) {
        assert.equal((await ask(connection, n)).status, 200);
        if (n % 15 !== 0) continue;
        for (let again = 0; again < n; ++again) connection.send(`HEAD /products?limit=30&sort=-created_at&max_price=${1000 + again} HTTP/1.1\r\nHost: shop\r\n\r\n`);
        for (let again = 0; again < n; ++again) await connection.response({ bodyless: true });
      }
      const grown = Math.round(resident() - before);
      t.diagnostic(`grown by ${grown} MiB`);
      assert.ok(grown < 60, `grown by ${grown} MiB`);
    } finally {
      connection.destroy();
    }
  });
});

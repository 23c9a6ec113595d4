import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

describe('the search for products', () => {
  const server = serverForSuite();
  const find = async (query) => {
    const response = await server.api('GET', `/products?limit=100&${new URLSearchParams(query)}`);
    assert.equal(response.status, 200, response.text);
    return response.body.data.map((product) => product.name);
  };

  test('finds what was just made, and forgives case and accents', async () => {
    const { token } = await server.newUser();
    await server.newProduct(token, { name: 'Café torrado', price: 300, description: 'Moído na hora' });
    await server.newProduct(token, { name: 'Cafeteira italiana', price: 100 });
    assert.deepEqual(await find({ q: 'CAFÉ' }), ['Cafeteira italiana', 'Café torrado']);
    assert.deepEqual(await find({ q: 'cafe' }), ['Cafeteira italiana', 'Café torrado']);
    assert.deepEqual(await find({ q: 'moido cafe' }), ['Café torrado']);
    assert.deepEqual(await find({ q: 'cafe', sort: 'price' }), ['Cafeteira italiana', 'Café torrado']);
    assert.deepEqual(await find({ q: 'cafe', min_price: 200 }), ['Café torrado']);
    assert.deepEqual(await find({ q: 'chaleira' }), []);
  });

  test('forgives spelling, once it has learned the word', async () => {
    const found = await until(async () => {
      const names = await find({ q: 'cafateria' });
      return names.length > 0 && names;
    }, 'the word is learned');
    assert.deepEqual(found, ['Cafeteira italiana']);
  });

  test('takes every text for text', async () => {
    for (const q of ['"', '*', '-', "'", 'NEAR(', '!&|():*', '%', '_', '\\', '☕', '<->', '😀'.repeat(100)]) assert.deepEqual(await find({ q }), [], q);
    for (const q of ['"café"', 'torrado*', '-torrado', "torrado' OR 1=1 --", 'torrado & café']) {
      assert.deepEqual(await find({ q }), q.includes('OR') ? [] : q === '"café"' ? ['Cafeteira italiana', 'Café torrado'] : ['Café torrado'], q);
    }
  });

  test('walks what it finds, each once, in every order with ties, while others are added', async () => {
    const { token } = await server.newUser();
    const made = new Set();
    for (let n = 0; n < 60; ++n) made.add((await server.newProduct(token, { name: `Prato ${n % 3}`, price: n % 4 })).id);
    for (const sort of ['created_at', '-created_at', 'price', '-price', 'name', '-name']) {
      for (const q of ['prato', undefined]) {
        const seen = new Map();
        let cursor;
        do {
          const query = new URLSearchParams({ limit: 7, sort, ...(q && { q }), ...(cursor && { cursor }) });
          const [response] = await Promise.all([
            server.api('GET', `/products?${query}`),
            server.newProduct(token, { name: `Prato ${seen.size % 3}`, price: seen.size % 4 }),
          ]);
          assert.equal(response.status, 200, response.text);
          for (const { id } of response.body.data) seen.set(id, (seen.get(id) ?? 0) + 1);
          cursor = response.body.next_cursor;
          assert.ok(seen.size < 2000, 'the walk ends');
        } while (cursor);
        for (const id of made) assert.equal(seen.get(id), 1, `${sort} ${q}`);
      }
    }
  });
});

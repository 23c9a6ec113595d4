import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';

import { RawConnection } from './harness/raw.mjs';
import { serverForSuite } from './harness/suite.mjs';

const sorts = ['-created_at', 'created_at', 'price', '-price', 'name', '-name'];

/** Every subset of `values`, joined to a query. */
const subsets = (values) => values.reduce((all, value) => [...all, ...all.map((some) => some + value)], ['']);

describe('lists of very many shapes', () => {
  const server = serverForSuite();
  let sought;
  before(async () => {
    const seller = await server.newUser();
    // 1, 4, 8, 16 and 32 words begin with a, b, c, d and e: a search's statement is as long as it has words. The
    // conditions hold for more products, so that each list goes by its words.
    const words = Object.entries({ a: 1, b: 4, c: 8, d: 16, e: 32 })
      .flatMap(([letter, count]) => Array.from({ length: count }, (_, i) => `${letter}w${i}`));
    sought = await server.newProduct(seller.token, { name: 'Sought', price: 1, description: `${words.join(' ')} misspelling` });
    await Promise.all(Array.from({ length: 40 }, (_, i) => server.newProduct(seller.token, { name: `Other ${i}`, price: 2 })));
  });

  test('keep a bounded number of prepared statements', async (t) => {
    const [{ process }] = server.products ?? server.processes;
    const port = (server.products?.[0] ?? server).port;
    const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.child.pid}/status`, 'utf8'))[1]) / 1024;
    const cursors = new Map(await Promise.all(sorts.map(async (sort) => {
      const { body } = await server.api('GET', `/products?limit=1&sort=${sort}`);
      return [sort, body.next_cursor];
    })));
    assert.ok([...cursors.values()].every(Boolean), JSON.stringify([...cursors]));

    // A misspelt word has several patterns, and so makes another statement.
    const others = ['', ' e', ' e ew', ' e ew ew1', ' e ew ew1 ew2 ew3'];
    const texts = ['', ...['a', 'b', 'c', 'd', 'e'].flatMap((first) => others.flatMap((more) => [first + more, `${first}${more} mispselling`]))];
    const conditions = subsets([`&currency=${sought.currency}`, '&min_price=1', `&owner=${sought.owner_id}`]);
    const lists = [];
    for (const text of texts) {
      for (const condition of conditions) {
        for (const sort of sorts) {
          for (const cursor of ['', `&cursor=${cursors.get(sort)}`]) {
            lists.push(`limit=1&sort=${sort}${condition}${cursor}${text && `&q=${encodeURIComponent(text)}`}`);
          }
        }
      }
    }
    const connection = await RawConnection.open(port);
    try {
      const ask = async (some) => {
        for (const list of some) connection.send(`GET /products?${list} HTTP/1.1\r\nHost: shop\r\n\r\n`);
        for (const list of some) assert.equal((await connection.response()).status, 200, list);
      };
      let lowest = resident();
      for (let i = 0; i < lists.length; i += 16) {
        await ask(lists.slice(i, i + 16));
        lowest = Math.min(lowest, resident());  // what starting has left is given back meanwhile
      }
      const grown = Math.round(resident() - lowest);
      t.diagnostic(`${lists.length} lists: grown by ${grown} MiB, from ${Math.round(lowest)}`);
      assert.ok(grown < 30, `grown by ${grown} MiB`);
    } finally {
      connection.destroy();
    }
  });
});

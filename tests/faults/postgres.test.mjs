import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { assertProblem } from '../api/harness/problem.mjs';
import { serverForSuite } from '../api/harness/suite.mjs';
import { patience, until, within } from '../api/harness/wait.mjs';

// Several for each writer, and not so many that a slow disk makes it a matter of time.
const enough = 64;

describe('PostgreSQL crashes and comes back, while 16 write', () => {
  const server = serverForSuite({ durable: true });

  for (const round of [1, 2, 3]) {
    test(`nothing acknowledged is lost, and service returns by itself, round ${round}`, async (t) => {
      const { postgres } = server.backing;
      const { token } = await server.newUser();
      const acknowledged = [];
      const refused = [];
      let over = false;

      async function write(writer) {
        for (let n = 0; !over; ++n) {
          const body = { name: `Round ${round}, writer ${writer}, ${n}`, price: n };
          const response = await within(server.api('POST', '/products', { token, body }), 'a write is answered');
          if (response.status === 201) {
            acknowledged.push({ ...response.body, at: performance.now() });
            continue;
          }
          assertProblem(response, 503);
          assert.match(response.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
          refused.push(performance.now());
          await pause(5);
        }
      }
      const writers = Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
      const whileWriting = (condition, what) => Promise.race([writers, until(condition, what)]);
      try {
        await whileWriting(() => acknowledged.length >= enough, 'the load runs');
        await postgres.crash();
        await whileWriting(() => refused.length >= enough, 'writes are refused');
        assert.equal((await server.api('GET', '/livez')).status, 200);
        await postgres.start();
        const back = performance.now();
        const before = acknowledged.length;
        const first = await whileWriting(() => acknowledged[before], 'writes succeed again');
        t.diagnostic(`the first good write ${Math.round(first.at - back)} ms after the database accepts connections`);
        await whileWriting(() => acknowledged.length >= before + enough, 'the load runs on');
      } finally {
        over = true;
        await within(writers, 'the writers end', 2 * patience);
        if (postgres.process.ended) await postgres.start();
      }

      // One event loop may still wait for its next try to connect when the other is back.
      const found = await until(() => server.allProducts().catch(() => undefined), 'the products are read');
      const lost = acknowledged.filter((product) => !found.has(product.id));
      assert.deepEqual(lost, [], `of ${acknowledged.length} acknowledged`);
      t.diagnostic(`${acknowledged.length} writes acknowledged, ${refused.length} refused, none lost`);
    });
  }
});

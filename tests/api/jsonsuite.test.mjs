import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { serverForSuite } from './harness/suite.mjs';

/** Outside data: it is not part of the project. */
const folder = new URL('../../../shared/vectors/JSONTestSuite/test_parsing/', import.meta.url);

const skip = existsSync(folder) ? false : 'there is no ../shared/vectors/JSONTestSuite';

describe("JSONTestSuite's documents as bodies", () => {
  const server = skip ? undefined : serverForSuite();

  /** The documents whose names start so, and those whose answer is not as `expected`. */
  async function send(prefix, expected) {
    const { token } = await server.newUser();
    const names = readdirSync(folder).filter((name) => name.startsWith(prefix)).sort();
    const wrong = [];
    for (const name of names) {
      const body = readFileSync(new URL(encodeURIComponent(name), folder));
      const response = await server.api('POST', '/products', { token, body, headers: { 'content-type': 'application/json' } });
      if (!expected(response)) wrong.push(`${name}: ${response.status} ${response.body?.code}`);
    }
    return { total: names.length, wrong };
  }

  const verdicts = [
    ['y_', 'accepted', (response) => response.status < 500 && response.body.code !== 'invalid_json'],
    ['n_', 'refused', (response) => response.status === 400 && response.body.code === 'invalid_json'],
    ['i_', 'answered', (response) => response.status >= 400 && response.status < 500],
  ];
  for (const [prefix, verdict, expected] of verdicts) {
    test(`${prefix}* is ${verdict}`, { skip }, async (t) => {
      const { total, wrong } = await send(prefix, expected);
      t.diagnostic(`${total - wrong.length}/${total} ${verdict}`);
      assert.ok(total > 0, `no document begins with ${prefix}`);
      assert.deepEqual(wrong, []);
      assert.equal((await server.api('GET', '/livez')).status, 200);
    });
  }
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { serverForSuite } from './harness/suite.mjs';
import { walkTour } from './harness/tour.mjs';

describe('the tour', () => {
  const server = serverForSuite();

  test('goes from start to end, twice in a row', async () => {
    for (const round of ['the first time', 'the second time']) {
      const { code, stdout, stderr } = await walkTour(server.url);
      assert.equal(code, 0, `${round}: ${stdout}${stderr}`);
      assert.equal(stderr, '');
      assert.match(stdout, /everything was as it should be\.\n$/);
    }
  });

  test('shows no token and no password', async () => {
    const { stdout } = await walkTour(server.url);
    assert.doesNotMatch(stdout, /ey[\w-]+\.[\w-]+\.[\w-]+|green parrots/);
  });

  test('ends at the first surprise and names it', async () => {
    const impostor = createServer((_, response) => response.end('{"version":"0"}')).listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const url = `http://127.0.0.1:${impostor.address().port}`;
    const { code, stderr } = await walkTour(url);
    impostor.close();
    assert.equal(code, 1);
    assert.match(stderr, /^Surprise: POST \/register answered 200, not 201/m);

    const nobody = await walkTour(url);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /^Surprise: no answer from http.*\.\/run/m);
  });
});

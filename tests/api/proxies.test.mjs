import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, test } from 'node:test';

import { balcao } from './harness/process.mjs';
import { serverForSuite } from './harness/suite.mjs';

const attemptsPerAddress = 100;

describe('a client behind a proxy', () => {
  // One process, so that nothing stands between. Every 127.x.y.z is a place to call from; one of them is the proxy's.
  const proxy = '127.0.0.2';
  const server = serverForSuite({ engine: 'sqlite', env: { TRUSTED_PROXIES: `${proxy}, 10.0.0.0/8` } });
  let names = 0;

  /** A login that fails, of a name never used before; gives the status. */
  function guess(localAddress, forwardedFor) {
    const body = JSON.stringify({ username: `nobody-${++names}`, password: 'not the password' });
    return new Promise((resolve, reject) => {
      http.request(`${server.url}/login`, {
        method: 'POST', localAddress, agent: false,
        headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
      }, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', reject).end(body);
    });
  }

  /** Uses up what one address is allowed, a few at a time; `forwardedFor(i)` is what the i-th request says. */
  async function useUp(localAddress, forwardedFor) {
    for (let i = 0; i < attemptsPerAddress; i += 10) {
      const batch = Array.from({ length: 10 }, (_, k) => guess(localAddress, forwardedFor(i + k)));
      assert.deepEqual(await Promise.all(batch), Array(10).fill(401));
    }
  }

  test('is limited by its own address, whatever it makes up, and others are not', async () => {
    await useUp(proxy, (i) => [`192.0.2.${i}`, '203.0.113.7, 10.0.0.9']);
    assert.equal(await guess(proxy, '203.0.113.7'), 429);
    assert.equal(await guess(proxy, '198.51.100.1, 203.0.113.7'), 429);
    assert.equal(await guess(proxy, '203.0.113.7, 203.0.113.8'), 401);
  });

  test('is not believed where the proxy is not trusted', async () => {
    await useUp('127.0.0.3', (i) => `192.0.2.${i}`);
    assert.equal(await guess('127.0.0.3', '192.0.2.200'), 429);
    assert.equal(await guess('127.0.0.4', '192.0.2.200'), 401);
  });

  test('needs a list of proxies that can be read', async () => {
    const { code, stderr } = await balcao(['check'], { env: { TRUSTED_PROXIES: '10.0.0.1, proxy.test' }, cwd: server.home });
    assert.equal(code, 78);
    assert.match(stderr, /TRUSTED_PROXIES: 'proxy\.test' is not an address or a network/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { RawConnection } from './harness/raw.mjs';
import { serverForSuite } from './harness/suite.mjs';

describe('who is too slow', () => {
  const server = serverForSuite({ env: { HEADER_TIMEOUT: '1', BODY_TIMEOUT: '1', IDLE_TIMEOUT: '2' } });

  async function slow(bytes) {
    const connection = await RawConnection.open(server.port);
    connection.send(bytes);
    return connection;
  }

  test('with the header gets 408, and the connection closes', async () => {
    const connection = await slow('GET /livez HTTP/1.1\r\nHost: x\r\n');
    const response = await connection.response();
    assertProblem(response, 408, { code: 'request_timeout' });
    await connection.end();
    connection.destroy();
  });

  test('with the header, a drop now and then does not help', async () => {
    const connection = await slow('GET /livez HTTP/1.1\r\nHost: x\r\n');
    const drip = setInterval(() => connection.closed || connection.send('X-A: b\r\n'), 50);
    try {
      assertProblem(await connection.response(), 408);
    } finally {
      clearInterval(drip);
      connection.destroy();
    }
  });

  test('with the body gets 408', async () => {
    const connection = await slow('POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
    assertProblem(await connection.response(), 408);
    await connection.end();
    connection.destroy();
  });

  test('to ask at all is left without a word', async () => {
    const connection = await slow('');
    assert.equal(await connection.end(), '');
    connection.destroy();
  });

  test('does not keep others waiting: 500 of them, and an answer', async () => {
    const connections = await Promise.all(Array.from({ length: 500 }, () => slow('GET /livez HTTP/1.1\r\nHost:')));
    assert.equal((await server.api('GET', '/livez')).status, 200);
    for (const connection of connections) connection.destroy();
  });
});

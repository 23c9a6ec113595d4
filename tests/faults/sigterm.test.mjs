import assert from 'node:assert/strict';
import http from 'node:http';
import { after, describe, test } from 'node:test';

import { password } from '../api/harness/client.mjs';
import { RawConnection } from '../api/harness/raw.mjs';
import { serverForSuite } from '../api/harness/suite.mjs';
import { until } from '../api/harness/wait.mjs';

describe('SIGTERM', () => {
  const server = serverForSuite();

  test('finishes what was accepted, ends the rest in order, exits 0', async () => {
    const { token } = await server.newUser();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
    after(() => agent.destroy());
    const body = JSON.stringify({ name: 'Under load', price: 1 });
    const answered = [];
    const cut = [];
    let stopping = false;

    // A request that was written on a connection just being closed, or on a new one, was never accepted; what broke
    // after the first byte of an answer was.
    const post = () => new Promise((resolve) => {
      let response;
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': body.length };
      const request = http.request(`${server.url}/products`, { method: 'POST', agent, headers }, (incoming) => {
        response = incoming;
        let text = '';
        incoming.setEncoding('utf8').on('data', (part) => (text += part));
        incoming.on('end', () => resolve(answered.push({ status: incoming.statusCode, text })));
        incoming.on('aborted', () => resolve(cut.push('an answer was cut short')));
      });
      request.on('error', (fault) => {
        const neverAccepted = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(fault.code) && stopping && !response;
        resolve(neverAccepted ? undefined : cut.push(String(fault)));
      });
      request.end(body);
    });
    const load = Promise.all(Array.from({ length: 16 }, async () => {
      while (!stopping) await post();
    }));
    await until(() => answered.length >= 200, 'the load runs');
    stopping = true;
    await server.stop();
    await load;

    assert.deepEqual(cut, []);
    const failed = answered.filter((answer) => answer.status !== 201);
    assert.deepEqual(failed, []);

    await server.restart();
    const found = await server.allProducts();
    const lost = answered.filter((answer) => !found.has(JSON.parse(answer.text).id));
    assert.deepEqual(lost, []);
  });

  test('a request under way is answered, and its connection closed', async () => {
    const { username } = await server.newUser();
    const connection = await RawConnection.open(server.port);
    const body = JSON.stringify({ username, password });
    // Its body is still to come when the signal arrives.
    connection.send(`POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
      `Expect: 100-continue\r\n\r\n`);
    assert.equal((await connection.response()).status, 100);
    const stopped = server.stop();
    connection.send(body);
    const response = await connection.response();
    assert.equal(response.status, 200, response.text);
    assert.equal(response.headers.get('connection'), 'close');
    await connection.end();
    connection.destroy();
    await stopped;
    await server.restart();
  });

  test('idle connections do not hold it up', async () => {
    const idle = await Promise.all(Array.from({ length: 50 }, () => RawConnection.open(server.port)));
    const used = idle[0].send('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal((await used.response()).status, 200);
    await server.stop();
    for (const connection of idle) await connection.end();
    await server.restart();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';

import { Server } from './harness/server.mjs';
import { until } from './harness/wait.mjs';

const withoutEnd = 256 * 1024 * 1024;

/** Takes a webhook and answers `start`, then `again` without end, or one byte of it each `pause` milliseconds. */
class HostileReceiver {
  written = 0;
  connections = 0;
  #sockets = new Set();

  constructor({ start = '', again, pause }) {
    this.server = createServer((socket) => {
      ++this.connections;
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      socket.once('data', () => {
        socket.write(start);
        if (pause) this.#drip(socket, again, pause);
        else this.#flood(socket, Buffer.from(again.repeat(Math.ceil(65536 / again.length))));
      });
    });
  }

  #flood(socket, block) {
    while (!socket.destroyed && this.written < withoutEnd) {
      this.written += block.length;
      if (!socket.write(block)) return void socket.once('drain', () => this.#flood(socket, block));
    }
  }

  #drip(socket, again, pause) {
    let at = 0;
    const timer = setInterval(() => socket.write(again[at++ % again.length]), pause);
    socket.on('close', () => clearInterval(timer));
  }

  async start() {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}/hook`;
    return this;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }
}

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const receivers = [
  ['an endless chunk extension', { start: `${chunked}1;`, again: 'a' }, /chunk's extensions are too long/],
  ['an endless trailer', { start: `${chunked}0\r\n`, again: 'A: b\r\n' }, /trailer is too long/],
  ['an endless trailer field', { start: `${chunked}0\r\nA: `, again: 'b' }, /trailer is too long/],
  ['endless chunks', { start: chunked, again: '1\r\na\r\n' }, /body is too long/],
  ['endless interim responses', { again: 'HTTP/1.1 102 Processing\r\n\r\n' }, /too many interim responses/],
  ['an endless status line', { start: 'HTTP/1.1 200 ', again: 'a' }, /header is too long/],
  ['endless fields', { start: 'HTTP/1.1 200 OK\r\n', again: 'A: b\r\n' }, /header/],
  ['an endless body', { start: 'HTTP/1.1 200 OK\r\n\r\n', again: 'a' }, /body is too long/],
  ['a byte now and then', { start: 'HTTP/1.1 200 OK\r\nA: ', again: 'a', pause: 200 }, /in time/],
];

describe('a webhook receiver that sends', () => {
  const server = new Server();
  let user;
  before(async () => {
    await server.start();
    user = await server.newUser();
    await attack(receivers[0][1]); // what the process needs for any delivery
  });
  after(() => server.close());

  const call = async (method, path, body) => {
    const response = await server.api(method, path, { token: user.token, body });
    assert.ok(response.status < 300, response.text);
    return response.body;
  };
  const memory = async () => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${server.process.child.pid}/status`, 'utf8'))[1]) * 1024;

  /** One attempt; what it came to, and what it cost meanwhile. */
  async function attack(behaviour) {
    const receiver = await new HostileReceiver(behaviour).start();
    try {
      const { id } = await call('POST', '/webhook-endpoints', { url: receiver.url });
      const before = await memory();
      await call('POST', `/webhook-endpoints/${id}/test`);
      let grown = 0, slowest = 0;
      const delivery = await until(async () => {
        grown = Math.max(grown, await memory() - before);
        const asked = performance.now();
        await call('GET', '/me');
        slowest = Math.max(slowest, performance.now() - asked);
        if (grown > withoutEnd) throw new Error(`the process has grown by ${grown} bytes`);
        const { data } = await call('GET', `/webhook-endpoints/${id}/deliveries`);
        return data[0].error && data[0];
      }, 'the attempt has failed', 40_000);
      await call('DELETE', `/webhook-endpoints/${id}`);
      return { delivery, grown, slowest, written: receiver.written };
    } finally {
      await receiver.close();
    }
  }

  for (const [what, behaviour, error] of receivers) {
    test(`${what} fails its delivery and harms nobody else`, async (t) => {
      const { delivery, grown, slowest, written } = await attack(behaviour);
      t.diagnostic(`grown by ${grown >> 10} KiB, slowest other request ${slowest.toFixed()} ms, ${written >> 10} KiB written`);
      assert.match(delivery.error, error);
      assert.deepEqual([delivery.status, delivery.answer, delivery.attempts], ['pending', null, 1]);
      assert.ok(grown < 8 * 1024 * 1024, `the process has grown by ${grown} bytes`);
      assert.ok(written < withoutEnd / 8, `${written} bytes were written`);
      assert.ok(slowest < 5000, `another request took ${slowest} ms`);
    });
  }
});

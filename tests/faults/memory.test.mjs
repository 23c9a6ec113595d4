import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';

import { MemoryCgroup, noCgroups } from '../api/harness/cgroup.mjs';
import { newServer } from '../api/harness/suite.mjs';
import { until, within } from '../api/harness/wait.mjs';

const mebibyte = 1024 * 1024;

/** Sends `bytes` on a connection of its own; gives the socket and the head of the answer, once there is one. */
async function send(port, ...bytes) {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const sending = { socket, answer: '', closed: false };
  socket.on('data', (part) => (sending.answer += part.toString('latin1')));
  socket.on('error', () => {});
  for (const event of ['end', 'close', 'error']) socket.on(event, () => (sending.closed = true));
  await within(once(socket, 'connect'), 'the connection opens');
  for (const part of bytes) socket.write(part);
  return sending;
}

const limited = { skip: noCgroups };

describe('under a memory limit of 384 MB', () => {
  let group;
  let server;
  before(async () => {
    if (noCgroups) return;
    group = new MemoryCgroup(384 * mebibyte);
    server = newServer({ under: group.under });
    await server.start();
  });
  after(async () => {
    await server?.close();
    group?.remove();
  });

  /** Whether a user is served, and how long that took, in milliseconds. */
  async function asUser(user) {
    const begun = performance.now();
    assert.equal((await server.api('GET', '/me', { token: user.token })).status, 200);
    return performance.now() - begun;
  }

  /** Says and checks how much memory there was in use at most, in MiB. */
  function assertPeak(t, most) {
    const peak = Math.round(group.peak / mebibyte);
    t.diagnostic(`${peak} MiB in use at most`);
    assert.ok(peak < most, `${peak} MiB in use at most`);
  }

  // The first: what others have freed would hide what is held.
  test('connections that have asked something hold little while they wait', limited, async (t) => {
    const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.child.pid}/status`, 'utf8'))[1]);
    const request = `GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(12_000)}\r\n\r\n`;
    const asked = async () => {
      const sending = await send(server.port, request);
      await until(() => sending.answer.endsWith('}'), 'the answer');
      return sending.socket;
    };
    const sockets = await Promise.all(Array.from({ length: 50 }, asked));
    const before = resident();
    try {
      for (let n = 0; n < 2000; n += 50) sockets.push(...(await Promise.all(Array.from({ length: 50 }, asked))));
      const each = (resident() - before) / 2000;
      t.diagnostic(`${each.toFixed(1)} KiB each`);
      assert.ok(each <= 8, `${each} KiB each`);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  test('675 logins whose bodies do not end are refused at once, and others are served', limited, async (t) => {
    const user = await server.newUser();
    const head = `POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${mebibyte}\r\n\r\n`;
    const body = Buffer.alloc(mebibyte - 10, ' ');
    const sending = [];
    try {
      for (let n = 0; n < 675; ++n) {
        sending.push(await send(server.port, head, body));
        if (n % 100 === 0) await asUser(user);
      }
      await until(() => sending.every(({ closed }) => closed), 'each has its answer');
      for (const { answer } of sending) assert.match(answer, /^HTTP\/1\.1 413 /);
      await asUser(user);
    } finally {
      for (const { socket } of sending) socket.destroy();
    }
    assertPeak(t, 200);
  });

  test('675 bodies that a login may have and that do not end take little memory', limited, async (t) => {
    const user = await server.newUser();
    const head = 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16384\r\n\r\n';
    const body = Buffer.alloc(16_384 - 10, ' ');
    const sending = await Promise.all(Array.from({ length: 675 }, () => send(server.port, head, body)));
    try {
      for (let n = 0; n < 20; ++n) await asUser(user);
      assertPeak(t, 200);
    } finally {
      for (const { socket } of sending) socket.destroy();
    }
  });

  test('a user whose uploads do not end takes a share of the memory, and others are served', limited, async (t) => {
    const [greedy, user] = [await server.newUser(), await server.newUser()];
    const head = `POST /products HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${greedy.token}\r\nContent-Type: application/json\r\nContent-Length: ${mebibyte}\r\n\r\n`;
    const body = Buffer.alloc(mebibyte - 10, ' ');
    const sending = [];
    try {
      for (let n = 0; n < 500; ++n) sending.push(await send(server.port, head, body));
      await until(() => sending.some(({ answer }) => answer.startsWith('HTTP/1.1 503 ')), 'one is refused');
      for (const { answer } of sending) if (answer) assert.match(answer, /\r\nRetry-After: 1\r\n/i);
      for (let n = 0; n < 20; ++n) await asUser(user);
      await server.login(user.username);
    } finally {
      for (const { socket } of sending) socket.destroy();
    }
    assertPeak(t, 300);
  });

  test('answers that are asked for and not read take a share of the memory', limited, async (t) => {
    const user = await server.newUser();
    const requests = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(600);
    const sending = [];
    try {
      for (let n = 0; n < 800; ++n) {
        const socket = net.connect({ port: server.port, host: '127.0.0.1' });
        socket.on('error', () => {}).pause();
        await within(once(socket, 'connect'), 'the connection opens');
        socket.write(requests);
        sending.push(socket);
        if (n % 100 === 0) await asUser(user);
      }
      for (let n = 0; n < 20; ++n) await asUser(user);
    } finally {
      for (const socket of sending) socket.destroy();
    }
    assertPeak(t, 300);
  });
});

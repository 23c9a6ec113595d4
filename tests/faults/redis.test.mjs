import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { password } from '../api/harness/client.mjs';
import { doors } from '../api/harness/doors.mjs';
import { serverForSuite } from '../api/harness/suite.mjs';
import { patience, until, within } from '../api/harness/wait.mjs';

// What a logged-out token may still be accepted by another process (reliability.md: everywhere within a second).
const bound = 1000;

describe('Redis is killed and comes back', () => {
  const server = serverForSuite();
  const everyProcess = async (condition) => (await Promise.all(server.processes.map(condition))).every(Boolean);
  const isDegraded = async (one) => /degraded/.test((await one.api('GET', '/readyz?verbose')).text);
  const redis = () => server.backing.redis;

  async function killRedis() {
    await redis().kill();
    await until(() => everyProcess(isDegraded), 'every process has noticed');
  }

  async function restartRedis() {
    await redis().start();
    await until(() => everyProcess(async (one) => !(await isDegraded(one))), 'all is well by itself');
  }

  test('reads live, an ended session stays ended, the others go on', async (t) => {
    const member = await server.newUser();
    const product = await server.newProduct(member.token);
    const faults = [];
    const ended = [];
    const counts = { reads: 0, refusals: 0, latest: 0, admissions: 0, unsure: 0 };
    let over = false;

    async function endSession() {
      const { token } = await server.newSession(member.username);
      await server.logout(token);
      ended.push({ token, at: performance.now() });
    }
    const loop = async (work) => {
      while (!over) {
        await work();
        await pause(1);
      }
    };

    async function read() {
      for (const path of ['/products', `/products/${product.id}`]) {
        const { status, text } = await server.api('GET', path);
        if (status !== 200) faults.push(`GET ${path}: ${status} ${text}`);
        ++counts.reads;
      }
    }

    async function tryEnded(door) {
      for (const { token, at } of ended) {
        const begun = performance.now();
        const status = await door.status(token);
        ++counts.refusals;
        if (status === 401 || status === 503) continue;
        counts.latest = Math.max(counts.latest, begun - at);
        if (begun - at > bound) faults.push(`${door.name} accepted a session ${Math.round(begun - at)} ms after its end: ${status}`);
      }
    }

    async function tryLive(door) {
      const status = await door.status(member.token);
      if (status === 503) ++counts.unsure;
      else if (status === 401 || status >= 500) faults.push(`${door.name} refused a session that lives: ${status}`);
      else ++counts.admissions;
    }

    const load = Promise.all([
      loop(read), loop(read), ...doors(server).flatMap((door) => [loop(() => tryEnded(door)), loop(() => tryLive(door))]),
    ]);
    const whileLoaded = (work) => Promise.race([load, work]);
    const more = async (name, amount) => {
      const enough = counts[name] + amount;
      await until(() => counts[name] >= enough, `${amount} more ${name}`);
    };
    try {
      await whileLoaded((async () => {
        for (let n = 0; n < 3; ++n) await endSession();
        await redis().kill();
        for (let n = 0; n < 3; ++n) await endSession();
        await until(() => everyProcess(isDegraded), 'every process has noticed');
        assert.ok(await everyProcess(async (one) => (await one.api('GET', '/readyz')).status === 200), 'ready nevertheless');
        await endSession();
        for (const name of ['reads', 'refusals', 'admissions']) await more(name, 50);
        await restartRedis();
        for (let n = 0; n < 3; ++n) await endSession();
        for (const name of ['reads', 'refusals', 'admissions']) await more(name, 50);
      })());
    } finally {
      over = true;
      await within(load, 'the load ends', 2 * patience);
      if (redis().process.ended) await redis().start();
    }
    assert.deepEqual([...new Set(faults)].slice(0, 20), [], `${faults.length} faults`);
    t.diagnostic(`${counts.reads} reads; ${counts.refusals} requests with ended sessions, the last one let in ` +
      `${Math.round(counts.latest)} ms after the logout; ${counts.admissions} with a live one, and ${counts.unsure} times 503`);
  });

  test('guessing passwords stays limited', async () => {
    const { username } = await server.newUser();
    await killRedis();
    try {
      const guess = (n) => server.api('POST', '/login', { body: { username, password: `wrong guess ${n}` } });
      let refused;
      for (let n = 0; n < 200 && !refused; ++n) {
        const response = await guess(n);
        if (response.status !== 401) refused = response;
      }
      assert.equal(refused?.status, 429, refused?.text ?? 'no limit within 200 wrong guesses');
    } finally {
      await restartRedis();
    }
  });

  const ends = {
    'a logout': async (user) => server.logout(user.token),
    'a password change': async (user) => {
      const { token } = await server.newSession(user.username);
      const body = { current_password: password, new_password: 'another unlikely phrase' };
      return server.api('PUT', '/me/password', { token, body });
    },
    'a disabling': async (user, administrator) =>
      server.api('PATCH', `/users/${user.id}`, { token: administrator.token, body: { disabled: true } }),
    'the end of all sessions': async (user, administrator) =>
      server.api('DELETE', `/users/${user.id}/sessions`, { token: administrator.token }),
  };
  for (const [what, end] of Object.entries(ends)) {
    test(`while it is away, ${what} is known to every process within a second`, async () => {
      const administrator = await server.newAdministrator();
      const user = await server.newUser();
      await killRedis();
      try {
        const response = await end(user, administrator);
        assert.ok(!response || response.status < 300, response?.text);
        const answered = performance.now();
        for (const door of doors(server)) {
          const begun = performance.now();
          const status = await door.status(user.token);
          assert.ok([401, 503].includes(status) || begun - answered < bound, `${door.name}: ${status}`);
        }
        await Promise.all(doors(server).map((door) =>
          until(async () => (await door.status(user.token)) === 401, `${door.name} refuses`, bound)));
      } finally {
        await restartRedis();
      }
    });
  }

  test('once it is back, a logout reaches every process at once', async (t) => {
    await killRedis();
    await restartRedis();
    const { username } = await server.newUser();
    const delays = [];
    for (let n = 0; n < 10; ++n) {
      const { token } = await server.newSession(username);
      for (const door of doors(server)) assert.ok(![401, 503].includes(await door.status(token)), door.name);
      await server.logout(token);
      const begin = performance.now();
      await Promise.all(doors(server).map((door) => until(async () => (await door.status(token)) === 401, `${door.name} refuses`, bound)));
      delays.push(performance.now() - begin);
    }
    t.diagnostic(`refused everywhere at most ${Math.ceil(Math.max(...delays))} ms after the logout`);
  });
});

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { MemoryCgroup, noCgroups } from '../api/harness/cgroup.mjs';
import { password } from '../api/harness/client.mjs';
import { balcao } from '../api/harness/process.mjs';
import { newServer } from '../api/harness/suite.mjs';
import { until, within } from '../api/harness/wait.mjs';

const mebibyte = 1024 * 1024;
const limit = 256 * mebibyte;
/** 60 is what is promised; a short run shows only that the process lives and serves. */
const seconds = Number(process.env.BALCAO_ATTACK_SECONDS ?? 10);
const isWholeRun = seconds >= 60;
/** Names of files in attacks/, separated by commas, to see what one of them does alone. */
const only = process.env.BALCAO_ATTACKS?.split(',');

const costly = '$2a$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
const imported = Array.from({ length: 400 }, (_, n) => `imported-${n}`);

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const figures = (times) => {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round);
  return `${sorted.length} answers, p50 ${at(sorted, 0.5)} ms, p99 ${at(sorted, 0.99)} ms, max ${sorted.at(-1)} ms`;
};

/** One request on a connection that is kept: {status, time}; status 0 where there is no answer. */
function timed(agent, url, { method = 'GET', token, body } = {}) {
  const begun = performance.now();
  return new Promise((resolve) => {
    const done = (status) => resolve({ status, time: performance.now() - begun });
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) };
    const request = http.request(url, { method, agent, headers, timeout: 20_000 }, (response) => {
      response.resume().on('end', () => done(response.statusCode)).on('error', () => done(0));
    });
    request.on('error', () => done(0)).on('timeout', () => request.destroy());
    request.end(body && JSON.stringify(body));
  });
}

describe('strangers and users who attack, all at once, under 256 MB', { timeout: (seconds + 180) * 1000 }, () => {
  let group, server, attackers, normal, target;
  before(async () => {
    if (noCgroups) return;
    group = new MemoryCgroup(limit);
    // The attackers come through a proxy that says who they are; the normal user comes by himself.
    server = newServer({ under: group.under, env: { TRUSTED_PROXIES: '127.0.0.2' } });
    await server.start();
    const rows = imported.map((username) => JSON.stringify({ username, password_hash: costly })).join('\n');
    const { code, stderr } = await balcao(['user', 'import', '-'], { env: server.env, cwd: server.home, input: rows });
    assert.equal(code, 0, stderr);
    const seller = await server.newUser();
    for (let n = 0; n < 40; ++n) await server.newProduct(seller.token, { description: 'd'.repeat(5000) });
    normal = await server.newUser();
    const users = {};
    for (const name of ['receivers', 'slow', 'dripping', 'unread']) users[name] = (await server.newUser()).token;
    target = { port: server.port, url: server.url, imported, users, only };
    attackers = fork(fileURLToPath(new URL('attacks/process.mjs', import.meta.url)));
  });
  after(async () => {
    attackers?.kill('SIGKILL');
    if (server) {
      await server.kill();
      await server.close();
    }
    group?.remove();
  });

  const resident = () => {
    const status = readFileSync(`/proc/${server.process.child.pid}/status`, 'utf8');
    return Number(status.match(/^VmHWM:\s+(\d+) kB$/m)[1]) / 1024;
  };

  /** Uses the shop as one user does until `end`; gives what `GET /me` and the logins were answered. */
  async function use(end) {
    const agents = [];
    const answers = { me: [], logins: [] };
    const lane = (into, every, url, options) => {
      const agent = new http.Agent({ keepAlive: true });
      agents.push(agent);
      return (async () => {
        while (Date.now() < end && !server.process.ended) {
          into.push(await timed(agent, server.url + url, options));
          await pause(every);
        }
      })();
    };
    const credentials = { username: normal.username, password };
    await Promise.all([
      ...Array.from({ length: 4 }, () => lane(answers.me, 50, '/me', { token: normal.token })),
      lane(answers.logins, 1000, '/login', { method: 'POST', body: credentials }),
    ]);
    for (const agent of agents) agent.destroy();
    return answers;
  }

  test(`a normal user is served for ${seconds} s, and the process lives`, { skip: noCgroups }, async (t) => {
    attackers.send(target);
    const [started] = await within(once(attackers, 'message'), 'the attackers start');
    assert.equal(started, 'started');
    const { me, logins } = await use(Date.now() + seconds * 1000);

    const ended = server.process.ended;
    const most = ended ? undefined : resident();
    attackers.send('stop');
    const [report] = await within(once(attackers, 'message'), 'the attackers stop');
    const times = (answers) => answers.filter(({ status }) => status === 200).map(({ time }) => time);
    t.diagnostic(`GET /me: ${figures(times(me))}; login: ${figures(times(logins))}`);
    t.diagnostic(`memory: at most ${Math.round(group.peak / mebibyte)} MiB of ${limit / mebibyte} in the group, ${Math.round(most)} MiB resident`);
    for (const [name, answers] of Object.entries(report)) t.diagnostic(`${name}: ${JSON.stringify(answers)}`);

    assert.equal(group.kills, 0, 'the kernel kills nobody');
    assert.equal(ended, undefined, `the process lives\n${server.output().slice(-4000)}`);
    assert.deepEqual(me.filter(({ status }) => status !== 200), []);
    assert.deepEqual(logins.filter(({ status }) => status !== 200), []);
    assert.ok(me.length > 0 && logins.length > 0);
    if (!isWholeRun) return;
    const sorted = times(me).toSorted((a, b) => a - b);
    assert.ok(at(sorted, 0.99) < 500, 'GET /me has a p99 under 500 ms');
    assert.ok(Math.max(...times(logins)) < 2000, 'every login takes less than 2 s');
  });

  test('when they are gone, everything is as ever', { skip: noCgroups }, async () => {
    await until(async () => (await server.api('GET', '/readyz')).status === 200, 'it is ready');
    const { token } = await server.newSession(normal.username);
    await server.newProduct(token, { name: 'After the attack' });
    await server.stop();
    await server.restart();
    assert.equal((await server.api('GET', '/me', { token })).status, 200);
  });
});

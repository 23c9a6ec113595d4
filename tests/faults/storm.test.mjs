import assert from 'node:assert/strict';
import http from 'node:http';
import { after, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { PostgresAndRedis } from '../api/harness/backing.mjs';
import { password } from '../api/harness/client.mjs';
import { doors } from '../api/harness/doors.mjs';
import { Fleet } from '../api/harness/fleet.mjs';
import { chances } from '../api/harness/storm.mjs';
import { patience, until, within } from '../api/harness/wait.mjs';
import { Weather } from '../api/harness/weather.mjs';

const seconds = Number(process.env.BALCAO_STORM_SECONDS ?? 20);
const seed = Number(process.env.BALCAO_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
// What an answer may take at most, and after which an ended session is let in nowhere. Both are less by far in calm
// weather; here sanitizers and a loaded machine are to have their time.
const longestAnswer = 60_000;
const longestEcho = 10_000;

/** What users do meanwhile. They may be refused, or cut off; what was acknowledged counts. */
class Traffic {
  over = false;
  faults = [];
  ended = [];  // {token, at}
  prices = new Map();  // id -> the last one that was acknowledged; none after one whose outcome is not known
  counts = { logouts: 0, changes: 0, imports: 0, exports: 0, reads: 0, refusals: 0, away: 0 };

  constructor(fleet, seller, products) {
    this.fleet = fleet;
    this.seller = seller;
    this.products = products;
  }

  /** An answer, or nothing where there was none. */
  async ask(server, ...request) {
    const answer = await within(server.api(...request).catch(() => undefined), `${request[0]} ${request[1]} is answered`, longestAnswer)
      .catch((fault) => void this.faults.push(String(fault)));
    if (!answer || answer.status >= 500) ++this.counts.away;
    return answer;
  }

  async endSession({ username }) {
    const session = await this.ask(this.fleet, 'POST', '/login', { body: { username, password } });
    if (session?.status !== 200) return;
    const token = session.body.access_token;
    const answer = await this.ask(this.fleet, 'POST', '/logout', { body: { Token: token } });
    if (answer?.status !== 204) return;
    ++this.counts.logouts;
    this.ended.push({ token, at: Date.now() });
  }

  async changeProduct(id, price) {
    this.prices.delete(id);
    const answer = await this.ask(this.fleet, 'PATCH', `/products/${id}`, { token: this.seller.token, body: { price } });
    if (answer?.status !== 200) return;
    ++this.counts.changes;
    this.prices.set(id, price);
  }

  async tryEnded() {
    const { token, at } = this.ended[Math.floor(Math.random() * this.ended.length)] ?? {};
    const all = doors(this.fleet);
    const door = all[Math.floor(Math.random() * all.length)];
    const begun = Date.now();
    const status = token && await within(door.status(token).catch(() => undefined), 'an answer', longestAnswer)
      .catch((fault) => void this.faults.push(`${door.name}: ${fault}`));
    if (!status) return;
    ++this.counts.refusals;
    if (status !== 401 && status !== 503 && begun - at > longestEcho) {
      this.faults.push(`${door.name} let in a session ${begun - at} ms after its end: ${status}`);
    }
  }

  async read() {
    if ((await this.ask(this.fleet, 'GET', '/products'))?.status === 200) ++this.counts.reads;
  }

  /** A file that is sent piece by piece to one process, and its results read. */
  importSlowly(server) {
    const headers = { authorization: `Bearer ${this.seller.token}`, 'content-type': 'application/x-ndjson' };
    const done = new Promise((resolve) => {
      const request = http.request(`${server.url}/products/import`, { method: 'POST', headers }, (answer) => {
        answer.on('end', () => resolve(answer.statusCode === 200)).on('error', () => resolve(false)).resume();
      });
      request.on('error', () => resolve(false));
      (async () => {
        for (let n = 0; n < 20 && !request.destroyed; ++n) {
          request.write(`${JSON.stringify({ name: `Imported ${n}`, price: n })}\n`.repeat(5));
          await pause(20);
        }
        request.end();
      })();
    });
    return within(done, 'an import ends', longestAnswer).catch((fault) => void this.faults.push(String(fault)));
  }

  async transfer() {
    const server = this.fleet.products[Math.floor(Math.random() * this.fleet.products.length)];
    if (await this.importSlowly(server)) ++this.counts.imports;
    if ((await this.ask(server, 'GET', '/products/export', { token: this.seller.token }))?.status === 200) ++this.counts.exports;
  }

  async flow(users) {
    const loop = async (work) => {
      for (let n = 0; !this.over; ++n) {
        await work(n);
        await pause(20);
      }
    };
    await Promise.all([
      ...users.map((user) => loop(() => this.endSession(user))),
      ...this.products.map((id, i) => loop((n) => this.changeProduct(id, 1 + n * this.products.length + i))),
      loop(() => this.tryEnded()), loop(() => this.tryEnded()), loop(() => this.read()), loop(() => this.transfer()),
    ]);
  }
}

describe('six processes are started, killed and restarted at random', () => {
  const fleet = new Fleet({
    services: ['auth', 'auth', 'payments', 'payments', 'products', 'products'],
    backing: new PostgresAndRedis({ durable: true }),
    env: { STARTUP_TIMEOUT: '3600', SHUTDOWN_TIMEOUT: '5', ACCESS_TOKEN_LIFETIME: '3600' },
  });
  const weather = new Weather(fleet, chances(seed));
  after(async () => {
    await weather.calm();
    await fleet.close();
  });

  const readiness = async (one) => (await one.api('GET', '/readyz?verbose').catch(() => undefined));
  const allIsWell = () => Promise.all(fleet.processes.map((one) => until(async () => {
    assert.deepEqual(weather.faults, []);
    const answer = await readiness(one);
    return answer?.status === 200 && !/degraded|failing/.test(answer.text);
  }, `${one.services} at ${one.url} is ready`, patience).catch(async (fault) => {
    throw new Error(`${fault.message}\n${(await readiness(one))?.text}\n${one.output().slice(-4000)}`);
  })));

  test(`none dies, none hangs, and all is well by itself afterwards (BALCAO_TEST_SEED=${seed})`, async (t) => {
    await fleet.prepare();
    await weather.calm();
    await allIsWell();
    const seller = await fleet.newUser();
    const users = [await fleet.newUser(), await fleet.newUser(), await fleet.newUser()];
    const products = [];
    for (let n = 0; n < 4; ++n) products.push((await fleet.newProduct(seller.token)).id);

    const traffic = new Traffic(fleet, seller, products);
    const flowing = traffic.flow(users);
    await weather.rage(seconds);
    traffic.over = true;
    await flowing;
    await weather.calm();
    await allIsWell();
    assert.deepEqual(traffic.faults, []);
    t.diagnostic(`${JSON.stringify(weather.counts)} ${JSON.stringify(traffic.counts)}`);

    for (const [id, price] of traffic.prices) {
      assert.equal(await fleet.query(`SELECT price FROM products WHERE id = '${id}'`, 'products'), String(price), 'an acknowledged price is kept');
    }
    await everyProcessKnows(traffic, seller, users[0]);
    assert.deepEqual(weather.faults, []);
  });

  async function everyProcessKnows({ ended, products }, seller, user) {
    const { token } = await fleet.newSession(user.username);
    for (const door of doors(fleet)) {
      const status = await door.status(token);
      assert.ok(status !== 401 && status < 500, `${door.name} answers ${status} to a session that lives`);
    }
    await fleet.logout(token);
    for (const one of [...ended.slice(-100), { token }]) {
      for (const door of doors(fleet)) {
        await until(async () => (await door.status(one.token)) === 401, `${door.name} refuses an ended session`, longestEcho);
      }
    }
    for (const id of products) {
      const changed = await fleet.api('PATCH', `/products/${id}`, { token: seller.token, body: { price: 999_999 } });
      assert.equal(changed.status, 200, changed.text);
      for (const one of fleet.products) {
        const isNew = async () => (await one.api('GET', `/products/${id}`)).body.price === 999_999;
        await until(isNew, `${one.url} knows the new price`, longestEcho);
      }
    }
  }
});

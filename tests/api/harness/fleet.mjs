import { randomBytes } from 'node:crypto';

import { PostgresAndRedis } from './backing.mjs';
import { Client } from './client.mjs';
import { FrontProxy } from './front_proxy.mjs';
import { freePort } from './process.mjs';
import { Server } from './server.mjs';

const all = (servers, work) => Promise.all(servers.map(work));

/** Balcão as four processes on one PostgreSQL and one Redis, two of them products, behind a proxy that is its `url`. */
export class Fleet extends Client {
  processes = [];
  serviceKey = randomBytes(32).toString('hex');

  constructor({ env = {}, backing = new PostgresAndRedis() } = {}) {
    super();
    this.env = env;
    this.backing = backing;
  }

  async start() {
    if (!this.proxy) await this.#compose();
    await all(this.processes, (server) => server.start());
    return this;
  }

  async #compose() {
    const settings = await this.backing.start();
    const names = ['auth', 'payments', 'products', 'products'];
    const ports = [];
    for (const _ of names) ports.push(await freePort());
    const [AUTH_URL, PAYMENTS_URL, PRODUCTS_URL] = ports.map((port) => `http://127.0.0.1:${port}`);
    const common = {
      ...settings, AUTH_URL, PAYMENTS_URL, PRODUCTS_URL, SERVICE_KEY: this.serviceKey, TRUSTED_PROXIES: '127.0.0.1',
      ...this.env,
    };
    this.processes = names.map((name, i) => new Server({ services: [name], env: { ...common, PORT: String(ports[i]) } }));
    [this.auth, this.payments, ...this.products] = this.processes;
    this.proxy = new FrontProxy({ auth: [this.auth], payments: [this.payments], products: this.products });
    await this.proxy.start();
    this.url = this.proxy.url;
  }

  async stop() {
    await all(this.processes, (server) => server.stop());
  }

  async kill() {
    await all(this.processes, (server) => server.kill());
  }

  /** Starts again where it was: the same data, the same ports. */
  restart() {
    return this.start();
  }

  async close() {
    await this.proxy?.close();
    await all(this.processes, (server) => server.close());
    await this.backing.close();
  }

  run(...args) {
    return this.auth.run(...args);
  }

  query(sql, schema) {
    return this.backing.query(sql, schema);
  }

  output() {
    return this.processes.map((server) => server.output()).join('\n');
  }
}

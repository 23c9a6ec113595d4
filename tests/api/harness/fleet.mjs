import { randomBytes } from 'node:crypto';

import { PostgresAndRedis } from './backing.mjs';
import { Balancer } from './balancer.mjs';
import { Client } from './client.mjs';
import { FrontProxy } from './front_proxy.mjs';
import { freePort } from './process.mjs';
import { Server } from './server.mjs';

const all = (servers, work) => Promise.all(servers.map(work));

/**
 * Balcão as several processes on one PostgreSQL and one Redis, behind a proxy that is its `url`. `services`: what each
 * process runs. Where several run one service, the others reach it through a balancer.
 */
export class Fleet extends Client {
  processes = [];
  #balancers = [];
  serviceKey = randomBytes(32).toString('hex');

  constructor({ env = {}, backing = new PostgresAndRedis(), services = ['auth', 'payments', 'products', 'products'] } = {}) {
    super();
    this.env = env;
    this.services = services;
    this.backing = backing;
  }

  async start() {
    await this.prepare();
    await all(this.processes, (server) => server.start());
    return this;
  }

  /** What must be there before the first process: database, Redis, ports, proxies. */
  async prepare() {
    if (this.proxy) return;
    const settings = await this.backing.start();
    const ports = [];
    for (const _ of this.services) ports.push(await freePort());
    const common = { ...settings, SERVICE_KEY: this.serviceKey, TRUSTED_PROXIES: '127.0.0.1' };
    for (const name of new Set(this.services)) {
      common[`${name.toUpperCase()}_URL`] = await this.#addressOf(ports.filter((_, i) => this.services[i] === name));
    }
    const env = { ...common, ...this.env };
    this.processes = this.services.map((name, i) => new Server({ services: [name], env: { ...env, PORT: String(ports[i]) } }));
    this.processes.forEach((server, i) => (server.url = `http://127.0.0.1:${ports[i]}`));
    const running = (name) => this.processes.filter((server) => server.services.includes(name));
    [this.auth] = running('auth');
    [this.payments] = running('payments');
    this.products = running('products');
    this.proxy = new FrontProxy(Object.fromEntries(this.services.map((name) => [name, running(name)])));
    await this.proxy.start();
    this.url = this.proxy.url;
  }

  async #addressOf(ports) {
    if (ports.length === 1) return `http://127.0.0.1:${ports[0]}`;
    const balancer = await new Balancer(ports).start();
    this.#balancers.push(balancer);
    return balancer.url;
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
    await all(this.#balancers, (balancer) => balancer.close());
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

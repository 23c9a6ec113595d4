import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';

import { Balcao, balcao } from './process.mjs';
import { until } from './wait.mjs';

export const password = 'an unlikely counter phrase';

// What each engine needs besides the data directory.
const engines = { sqlite: {} };
const engine = process.env.BALCAO_TEST_ENGINE ?? 'sqlite';
assert.ok(engine in engines, `BALCAO_TEST_ENGINE is one of ${Object.keys(engines)}, not '${engine}'`);

let users = 0;

/** `balcao serve` on a free port and a data directory of its own, which outlives stop, kill and restart. */
export class Server {
  constructor({ command = () => ['serve'], env = {} } = {}) {
    this.command = command;
    this.home = mkdtempSync(join(tmpdir(), 'balcao-test-'));
    this.dataDir = join(this.home, 'data');
    process.on('exit', () => rmSync(this.home, { recursive: true, force: true }));
    this.env = {
      HOST: '127.0.0.1', PORT: '0', ADMIN_ADDRESS: '127.0.0.1:0', DATA_DIR: this.dataDir, ...engines[engine], ...env,
    };
  }

  async start(probe = '/readyz') {
    this.process = new Balcao(this.command(this.env.PORT), { env: this.env, cwd: this.home });
    const still = (what) => assert.ok(!this.process.ended, `balcao ended before ${what}\n${this.process.output()}`);
    this.url = await until(() => {
      still('it printed its address');
      return this.process.stdout.match(/http:\/\/127\.0\.0\.1:[1-9]\d*/)?.[0];
    }, 'balcao prints its address');
    this.port = Number(new URL(this.url).port);
    await until(async () => {
      still('it was ready');
      return (await fetch(this.url + probe).catch(() => undefined))?.status === 200;
    }, `${probe} is 200`);
    return this;
  }

  /** SIGTERM, as an operator stops it. */
  async stop() {
    const ended = await this.process.signal('SIGTERM');
    assert.deepEqual(ended, { code: 0, signal: null }, this.process.output());
  }

  kill() {
    return this.process.signal('SIGKILL');
  }

  /** Starts again where it was: the same data, the same port. */
  restart(probe) {
    this.env.PORT = String(this.port);
    return this.start(probe);
  }

  async close() {
    if (this.process && !this.process.ended) await this.stop();
  }

  /** Another command of the program beside the running server, with the same settings. */
  run(...args) {
    return balcao(args, { env: this.env, cwd: this.home });
  }

  async api(method, path, { body, token, headers = {} } = {}) {
    const sent = { ...headers };
    if (token) sent.authorization = `Bearer ${token}`;
    if (body !== undefined && !isRaw(body)) {
      sent['content-type'] ??= 'application/json';
      body = JSON.stringify(body);
    }
    const response = await fetch(this.url + path, { method, body, headers: sent, redirect: 'manual' });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  async login(username, secret = password) {
    const response = await this.api('POST', '/login', { body: { username, password: secret } });
    assert.equal(response.status, 200, response.text);
    return response.body;
  }

  /** A new user with a session: {id, username, token, refreshToken, sessionId}. */
  async newUser(username = `guest-${process.pid}-${++users}`) {
    const registered = await this.api('POST', '/register', { body: { username, password } });
    assert.equal(registered.status, 201, registered.text);
    return { id: registered.body.id, username, ...(await this.newSession(username)) };
  }

  async newSession(username) {
    const session = await this.login(username);
    return { token: session.access_token, refreshToken: session.refresh_token, sessionId: session.session_id };
  }

  async newAdministrator() {
    const user = await this.newUser();
    const promoted = await this.run('user', 'promote', user.username);
    assert.equal(promoted.code, 0, promoted.stderr);
    return { ...user, ...(await this.newSession(user.username)) };
  }

  async newProduct(token, fields = {}) {
    const response = await this.api('POST', '/products', { token, body: { name: 'Café', price: 1990, ...fields } });
    assert.equal(response.status, 201, response.text);
    return response.body;
  }

  /** The whole catalog, page by page: id -> product. */
  async allProducts() {
    const products = new Map();
    for (let query = '?limit=100'; query;) {
      const { status, text, body } = await this.api('GET', `/products${query}`);
      assert.equal(status, 200, text);
      for (const product of body.data) products.set(product.id, product);
      query = body.has_more && `?limit=100&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
    return products;
  }
}

// A string, bytes or a form goes out as it is.
function isRaw(body) {
  return typeof body === 'string' || body instanceof Uint8Array || body instanceof URLSearchParams;
}

/** A server for the suite that calls this: started before its tests, stopped after them, whatever happened. */
export function serverForSuite(options) {
  const server = new Server(options);
  before(() => server.start());
  after(() => server.close());
  return server;
}

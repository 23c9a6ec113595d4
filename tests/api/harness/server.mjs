import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Embedded } from './backing.mjs';
import { Client } from './client.mjs';
import { Balcao, balcao } from './process.mjs';
import { until } from './wait.mjs';

/** `balcao serve` on a free port and a data directory of its own, which outlives stop, kill and restart. */
export class Server extends Client {
  constructor({ services = [], command = () => ['serve', ...services], env = {}, backing = new Embedded(), under = [] } = {}) {
    super();
    this.services = services.length > 0 ? services : ['auth', 'payments', 'products'];
    this.command = command;
    this.backing = backing;
    this.under = under;
    this.home = mkdtempSync(join(tmpdir(), 'balcao-test-'));
    this.dataDir = join(this.home, 'data');
    process.on('exit', () => rmSync(this.home, { recursive: true, force: true }));
    this.env = { HOST: '127.0.0.1', PORT: '0', ADMIN_ADDRESS: '127.0.0.1:0', DATA_DIR: this.dataDir, ...env };
  }

  /** The processes that it consists of. */
  get processes() {
    return [this];
  }

  /** What commands can work on before the server has been started. */
  async prepare() {
    this.env = { ...(await this.backing.start()), ...this.env };
  }

  /** Starts the process, and waits for nothing. */
  launch() {
    this.process = new Balcao(this.command(this.env.PORT), { env: this.env, cwd: this.home, under: this.under });
    return this.process;
  }

  async start(probe = '/readyz') {
    await this.prepare();
    this.launch();
    [this.url] = await this.process.says(/http:\/\/127\.0\.0\.1:[1-9]\d*/);
    this.port = Number(new URL(this.url).port);
    await until(async () => {
      assert.ok(!this.process.ended, `balcao ended before it was ready\n${this.output()}`);
      return (await fetch(this.url + probe).catch(() => undefined))?.status === 200;
    }, `${probe} is 200`);
    return this;
  }

  /** SIGTERM, as an operator stops it. */
  async stop() {
    const ended = await this.process.signal('SIGTERM');
    assert.deepEqual(ended, { code: 0, signal: null }, this.output());
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
    await this.backing.close();
  }

  /** Another command of the program beside the running server, with the same settings. */
  run(...args) {
    return balcao(args, { env: this.env, cwd: this.home });
  }

  /** What a statement answers from a service's schema, past the program. */
  query(sql, schema) {
    return this.backing.query(sql, schema, this.dataDir);
  }

  /** All that is stored, to compare. */
  contents() {
    return this.backing.contents(this.dataDir);
  }

  /** All that it has written since it was started. */
  output() {
    return this.process.output();
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { secret } from './postgres.mjs';
import { Program, freePort } from './process.mjs';

/** A Redis server of one's own, on a port that it keeps; it stores nothing, so it comes back empty. */
export class Redis {
  constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'balcao-redis-'));
    process.on('exit', () => rmSync(this.home, { recursive: true, force: true }));
  }

  /** Resolves when it accepts connections. */
  async start() {
    this.port ??= await freePort();
    const settings = [`port ${this.port}`, 'bind 127.0.0.1', `requirepass "${secret}"`, 'save ""', 'appendonly no', `dir ${this.home}`];
    this.process = new Program('redis-server', ['-'], { env: { PATH: process.env.PATH }, input: settings.join('\n') });
    await this.process.says(/Ready to accept connections/);
    this.process.unref();
    return this;
  }

  url(password = secret) {
    return `redis://:${encodeURIComponent(password)}@127.0.0.1:${this.port}`;
  }

  kill() {
    return this.process.signal('SIGKILL');
  }

  async close() {
    if (this.process && !this.process.ended) await this.kill();
  }
}

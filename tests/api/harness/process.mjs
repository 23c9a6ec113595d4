import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { within } from './wait.mjs';

export const binary = process.env.BALCAO_BIN ?? fileURLToPath(new URL('../../../build/release/balcao', import.meta.url));

const alive = new Set();
process.on('exit', () => alive.forEach((child) => child.kill('SIGKILL')));

/** A running `balcao`, its environment holding only what a test gives it, in a working directory of the test's own. */
export class Balcao {
  stdout = '';
  stderr = '';

  constructor(args, { env = {}, cwd }) {
    const kept = Object.entries(process.env).filter(([name]) => name === 'PATH' || name.endsWith('SAN_OPTIONS'));
    this.child = spawn(binary, args, { cwd, env: { ...Object.fromEntries(kept), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    alive.add(this.child);
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        alive.delete(this.child);
        this.ended = { code, signal };
        resolve(this.ended);
      });
    });
    this.exited.catch(() => {});
  }

  signal(name) {
    this.child.kill(name);
    return within(this.exited, `balcao ends on ${name}\n${this.output()}`);
  }

  output() {
    return `--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`;
  }
}

/** Runs one command to its end. */
export async function balcao(args, options) {
  const run = new Balcao(args, options);
  const { code, signal } = await within(run.exited, `balcao ${args.join(' ')} ends`);
  return { code, signal, stdout: run.stdout, stderr: run.stderr };
}

import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

import { until, within } from './wait.mjs';

export const binary = process.env.BALCAO_BIN ?? fileURLToPath(new URL('../../../build/release/balcao', import.meta.url));

const alive = new Set();
process.on('exit', () => alive.forEach((program) => program.child.kill(program.lastSignal)));

const isRoot = process.getuid() === 0;
const idOf = (option, user) => execFileSync('id', [option, user], { encoding: 'utf8' }).trim();

/** Who else runs what refuses to run as root: {uid, gid}, or undefined where we are not root ourselves. */
export function otherUser(name) {
  return isRoot ? { uid: Number(idOf('-u', name)), gid: Number(idOf('-g', name)) } : undefined;
}

/**
 * A program that runs beside the test and dies with it, however the test ends; `lastSignal` is what it dies by. Its
 * standard input is `input`; with null it is left open, for the test to write to. `under` is a command line that starts
 * what follows it.
 */
export class Program {
  stdout = '';
  stderr = '';

  constructor(command, args, { env, cwd, user, input = '', lastSignal = 'SIGKILL', under = [] } = {}) {
    this.command = command;
    this.lastSignal = lastSignal;
    const asUser = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
    const [program, ...underUs] = [...under, 'setpriv', `--pdeathsig=${lastSignal.replace('SIG', '')}`, ...asUser, command, ...args];
    this.child = spawn(program, underUs, { cwd, env, stdio: 'pipe' });
    alive.add(this);
    this.child.stdin.on('error', () => {});
    if (input !== null) this.child.stdin.end(input);
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        alive.delete(this);
        this.ended = { code, signal };
        resolve(this.ended);
      });
    });
    this.exited.catch(() => {});
  }

  signal(name) {
    this.child.kill(name);
    return within(this.exited, `${this.command} ends on ${name}\n${this.output()}`);
  }

  /** The first match in what it writes. */
  says(pattern) {
    return until(() => {
      if (this.ended) throw new Error(`${this.command} ended before it said ${pattern}\n${this.output()}`);
      return this.output().match(pattern);
    }, `${this.command} says ${pattern}`);
  }

  output() {
    return `--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`;
  }

  /** Lets our process end while this one runs, which it then takes along. */
  unref() {
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) handle.unref();
  }
}

/** A running `balcao`, its environment holding only what a test gives it, in a working directory of the test's own. */
export class Balcao extends Program {
  constructor(args, { env = {}, cwd, input, under }) {
    const kept = Object.entries(process.env).filter(([name]) => name === 'PATH' || name.endsWith('SAN_OPTIONS'));
    super(binary, args, { cwd, input, under, env: { ...Object.fromEntries(kept), ...env } });
  }
}

/** Runs one command to its end. */
export async function balcao(args, options) {
  const run = new Balcao(args, options);
  const { code, signal } = await within(run.exited, `balcao ${args.join(' ')} ends`);
  return { code, signal, stdout: run.stdout, stderr: run.stderr };
}

/**
 * A port that nobody listens on, for a server that must come back on it. It is below those that Linux gives to outgoing
 * connections, one of which could otherwise take it meanwhile.
 */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const probe = createServer();
    const free = await new Promise((resolve) => probe.on('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (!free) continue;
    await new Promise((closed) => probe.close(closed));
    return port;
  }
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';

import { Client } from '../api/harness/client.mjs';
import { Program, binary, freePort } from '../api/harness/process.mjs';
import { until, within } from '../api/harness/wait.mjs';

const home = mkdtempSync(join(tmpdir(), 'balcao-output-'));
after(() => rmSync(home, { recursive: true, force: true }));
let made = 0;

/** A pipe whose reader is this test: it reads when it is told to, and not before. */
class Pipe {
  path = join(home, `pipe-${++made}`);

  constructor() {
    execFileSync('mkfifo', [this.path]);
    this.reader = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    after(() => this.leave());
  }

  /** Until not even a byte fits. */
  fill() {
    const writer = openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK);
    for (const bytes of ['x'.repeat(4096), 'x']) {
      try {
        for (;;) writeSync(writer, bytes);
      } catch (fault) {
        assert.equal(fault.code, 'EAGAIN');
      }
    }
    closeSync(writer);
    return this;
  }

  /** What is in it now. */
  read() {
    const bytes = Buffer.alloc(1 << 20);
    try {
      return bytes.toString('utf8', 0, readSync(this.reader, bytes));
    } catch (fault) {
      assert.equal(fault.code, 'EAGAIN');
      return '';
    }
  }

  leave() {
    if (this.reader !== undefined) closeSync(this.reader);
    this.reader = undefined;
  }
}

/** `balcao serve` whose outputs are as the shell's `redirection` says. */
async function serve(redirection, ...paths) {
  const port = await freePort();
  const env = {
    PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), DATA_DIR: join(home, `data-${++made}`), LOG_LEVEL: 'debug',
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.endsWith('SAN_OPTIONS'))),
  };
  const program = new Program('sh', ['-c', `exec "$0" serve ${redirection}`, binary, ...paths], { env, cwd: home });
  after(() => program.ended ?? program.signal('SIGKILL'));
  const client = new Client();
  client.url = `http://127.0.0.1:${port}`;
  const isReady = async () => (await fetch(`${client.url}/readyz`).catch(() => undefined))?.status === 200;
  await until(() => {
    assert.ok(!program.ended, `it ended: ${JSON.stringify(program.ended)}\n${program.output()}`);
    return within(isReady(), 'an answer of /readyz');
  }, 'it is ready');
  return { client, program };
}

async function worksAndEnds({ client, program }) {
  const { token } = await client.newUser();
  await client.newProduct(token);
  assert.deepEqual(await program.signal('SIGTERM'), { code: 0, signal: null });
}

describe('serve answers, and ends on SIGTERM, while', () => {
  for (const [name, redirection] of [['standard error', '2>"$1"'], ['standard output', '>"$1"'], ['both', '>"$1" 2>&1']]) {
    test(`nobody reads ${name}, which is full`, async () => {
      await worksAndEnds(await serve(redirection, new Pipe().fill().path));
    });

    test(`the reader of ${name} is gone`, async () => {
      const pipe = new Pipe();
      const served = await serve(redirection, pipe.path);
      pipe.leave();
      await worksAndEnds(served);
    });
  }

  for (const redirection of ['2>&-', '>&-', '>&- 2>&-', '<&- >&- 2>&-']) {
    test(`it was started with ${redirection}`, async () => worksAndEnds(await serve(redirection)));
  }

  test('nobody has read its log for a while: what it kept is there once somebody does', async () => {
    const pipe = new Pipe().fill();
    const { program } = await serve('2>"$1"', pipe.path);
    let text = '';
    await until(() => (text += pipe.read()).includes('schemas brought up to date'), 'the line of the start is there');
    program.child.kill('SIGTERM');
    await until(() => (text += pipe.read()).includes('shutting down'), 'the line of the end is there');
    assert.deepEqual(await within(program.exited, 'it ends'), { code: 0, signal: null });
  });

  test('no file, socket or database takes the place of an output that is closed', async () => {
    const { client, program } = await serve('<&- >&- 2>&-');
    const open = execFileSync('ls', ['-l', `/proc/${program.child.pid}/fd`], { encoding: 'utf8' });
    for (const line of open.split('\n').filter((one) => / [012] -> /.test(one))) assert.match(line, /-> \/dev\/null$/);
    await worksAndEnds({ client, program });
  });
});

describe('a command whose reader is gone', () => {
  const shell = (script) => new Program('bash', ['--norc', '-c', script, binary], { env: { PATH: process.env.PATH, DATA_DIR: join(home, `data-${++made}`) }, cwd: home });

  test('ends quietly', async () => {
    const program = shell('set -o pipefail; "$0" openapi | head -c 10 >/dev/null; echo "${PIPESTATUS[0]}"');
    await within(program.exited, 'it ends');
    assert.equal(program.stderr, '');
    assert.equal(program.stdout.trim(), String(128 + 13), 'by SIGPIPE, as other programs do');
  });

  test('and says that it could not write where that is an error', async () => {
    const exported = 'cd "$(mktemp -d)"; "$0" products export --format csv';
    for (const script of ['"$0" openapi 2>&1 >/dev/full', '"$0" openapi 2>&1 >&-', `${exported} 2>&1 >/dev/full`, `${exported} 2>&1 >&-`]) {
      const program = shell(script);
      const { code } = await within(program.exited, 'it ends');
      assert.equal(code, 1, `${script}\n${program.output()}`);
      assert.match(program.stdout, /^balcao: .*(write|written)/m, script);
    }
  });
});

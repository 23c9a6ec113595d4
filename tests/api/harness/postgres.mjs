import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Program, freePort, otherUser } from './process.mjs';
import { within } from './wait.mjs';

/** What a URL must encode, and what a log must not show, encoded or not. */
export const secret = 's3cret/@:%?#& w0rd';

const role = 'balcao';
const quick = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'];

/** The programs of the newest version that is installed. */
function findPrograms() {
  const home = '/usr/lib/postgresql';
  const versions = existsSync(home) ? readdirSync(home).sort((a, b) => b - a) : [];
  const found = versions.map((version) => join(home, version, 'bin')).find((programs) => existsSync(join(programs, 'initdb')));
  if (!found) throw new Error(`there is no PostgreSQL server in ${home}; install Debian's package 'postgresql'`);
  return found;
}

/**
 * A PostgreSQL server of one's own, on a port that it keeps, in a directory that goes away with it. `durable`: it writes
 * to disk as one in use does; else it is quick and forgets what a crash finds under way.
 */
export class Postgres {
  #databases = 0;

  constructor({ durable = false } = {}) {
    this.settings = durable ? [] : quick;
    this.programs = findPrograms();
    this.user = otherUser('postgres');
    this.home = mkdtempSync(join(tmpdir(), 'balcao-postgres-'));
    if (this.user) chownSync(this.home, this.user.uid, this.user.gid);
    // It may still be removing its own files.
    process.on('exit', () => rmSync(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 }));
  }

  /** Resolves when it accepts connections; the first time it makes its files and the role that Balcão connects as. */
  async start() {
    if (!this.port) await this.#initialize();
    const directory = join(this.home, 'data');
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${this.home}`, 'max_connections=200',
      'shared_buffers=32MB', ...this.settings];
    this.process = this.#program('postgres', ['-D', directory, '-p', String(this.port), ...settings.flatMap((s) => ['-c', s])]);
    await this.process.says(/database system is ready to accept connections/);
    this.process.unref();
    return this;
  }

  async #initialize() {
    await this.#run('initdb', ['--no-sync', '--no-instructions', '--locale=C', '--encoding=UTF8', '--username=postgres',
      '--auth-local=trust', '--auth-host=scram-sha-256', '-D', join(this.home, 'data')]);
    this.port = await freePort();
    await this.start();
    await this.query(`CREATE ROLE ${role} LOGIN PASSWORD '${secret}'`);
    await this.stop();
  }

  /** A new, empty database: its name. */
  async newDatabase() {
    const name = `shop_${++this.#databases}`;
    await this.query(`CREATE DATABASE ${name} OWNER ${role}`);
    return name;
  }

  url(database, password = secret) {
    return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** What a statement answers, as text; from the superuser. */
  query(sql, database = 'postgres') {
    return this.#ask('psql', database, ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', '-'], sql);
  }

  /** Everything in a database, as statements. */
  async dump(database) {
    const statements = await this.#ask('pg_dump', database, []);
    return statements.replace(/^\\(un)?restrict .*$/gm, '');  // a new random word each time
  }

  /** As `pg_ctl -m fast`: everybody is sent away, all is written. */
  stop() {
    return this.process.signal('SIGINT');
  }

  /** As `pg_ctl -m immediate`: no goodbye to anybody, recovery at the next start. */
  crash() {
    return this.process.signal('SIGQUIT');
  }

  async close() {
    if (this.process && !this.process.ended) await this.crash();
  }

  #program(name, args, input) {
    const env = { PATH: process.env.PATH, LC_ALL: 'C' };
    return new Program(join(this.programs, name), args, { env, cwd: '/', user: this.user, input, lastSignal: 'SIGQUIT' });
  }

  #ask(name, database, args, input) {
    return this.#run(name, ['-h', this.home, '-p', String(this.port), '-U', 'postgres', '-d', database, ...args], input);
  }

  async #run(name, args, input) {
    const program = this.#program(name, args, input);
    const { code } = await within(program.exited, `${name} ends`);
    if (code !== 0) throw new Error(`${name} failed\n${program.output()}`);
    return program.stdout.trim();
  }
}

let shared;

/** The quick one that all tests of this process share. */
export function sharedPostgres() {
  shared ??= new Postgres().start();
  return shared;
}

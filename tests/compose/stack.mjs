import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { until } from '../api/harness/wait.mjs';
import { caddyInstead, docker, dockerNow, run } from './engine.mjs';

const root = resolve(import.meta.dirname, '../..');
const needed = [
  '.ci', '.dockerignore', 'CMakeLists.txt', 'CMakePresets.json', 'cmake', 'deploy', 'docker-compose.yml', 'examples', 'src',
];
const minutes = 60_000;

/** A port that nothing listens on. */
async function freePort() {
  const server = net.createServer().listen(0);
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The deployment of docker-compose.yml as a user has it: a copy of the repository, and an .env beside it. */
export class Stack {
  constructor(compose) {
    this.compose = compose;
    this.project = `balcao-test-${randomBytes(4).toString('hex')}`;
    this.image = `balcao:${this.project}`;
    this.home = mkdtempSync(join(tmpdir(), 'balcao-compose-'));
    for (const name of needed) cpSync(join(root, name), join(this.home, name), { recursive: true });
    // The environment goes before .env, which so stays as the documentation has it.
    this.env = { COMPOSE_PROJECT_NAME: this.project, COMPOSE: compose.join(' '), BALCAO_IMAGE: this.image };
    // BuildKit, which `docker compose` would use, has a cache of its own: everything would be compiled twice.
    this.env.DOCKER_BUILDKIT = '0';
  }

  async prepare(dotEnv) {
    writeFileSync(join(this.home, '.env'), dotEnv);
    this.env.PORT = String(await freePort());
    this.url = `http://127.0.0.1:${this.env.PORT}`;
    this.caddyImage = `${this.project}-caddy`;
    if (await caddyInstead(this.caddyImage)) {
      writeFileSync(join(this.home, 'stand-in.yml'), `services: { caddy: { image: ${this.caddyImage} } }\n`);
      this.env.COMPOSE_FILE = 'docker-compose.yml:stand-in.yml';
    }
  }

  /** A command of docker-compose, for this stack. */
  do(...args) {
    const [command, ...first] = this.compose;
    return run(command, [...first, ...args], { cwd: this.home, env: this.env, timeout: 20 * minutes });
  }

  doWith(input, ...args) {
    const [command, ...first] = this.compose;
    return run(command, [...first, ...args], { cwd: this.home, env: this.env, input });
  }

  script(path, ...args) {
    const env = { ...this.env, BALCAO_URL: this.url };
    return run(join(this.home, path), args, { cwd: this.home, env, timeout: 10 * minutes });
  }

  /** What runs of a service, or of all: container ids. */
  async containers(service) {
    const filters = [`label=com.docker.compose.project=${this.project}`];
    if (service) filters.push(`label=com.docker.compose.service=${service}`);
    const ids = await docker('ps', '--quiet', '--no-trunc', ...filters.flatMap((filter) => ['--filter', filter]));
    return ids.split('\n').filter(Boolean).sort();
  }

  async inspect(container) {
    return JSON.parse(await docker('inspect', container))[0];
  }

  healthy() {
    return until(async () => {
      const all = await Promise.all((await this.containers()).map((id) => this.inspect(id)));
      return all.length >= 6 && all.every((one) => one.State.Health?.Status === 'healthy');
    }, 'every container is healthy', 2 * minutes);
  }

  async api(method, path, { body, token } = {}) {
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) };
    const response = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  async newUser() {
    const user = { username: `guest-${randomBytes(4).toString('hex')}`, password: 'an unlikely counter phrase' };
    const registered = await this.api('POST', '/register', { body: user });
    assert.equal(registered.status, 201, registered.text);
    const login = await this.api('POST', '/login', { body: user });
    assert.equal(login.status, 200, login.text);
    return { ...user, token: login.body.access_token };
  }

  async newProduct(token, name = 'Pão de queijo') {
    const response = await this.api('POST', '/products', { token, body: { name, price: 650 } });
    assert.equal(response.status, 201, response.text);
    return response.body;
  }

  logs() {
    return this.do('logs', '--no-color');
  }

  /** `down --volumes`; gives what Docker still knows of it. */
  async down() {
    await this.do('down', '--volumes', '--remove-orphans', '--timeout', '30');
    return this.#parts().map(([, id]) => id);
  }

  /** [kind, id] of all that bears the project's label. */
  #parts() {
    const label = `label=com.docker.compose.project=${this.project}`;
    return [['container', '--all'], ['volume'], ['network']].flatMap(([kind, ...all]) =>
      dockerNow(kind, 'ls', ...all, '--quiet', '--filter', label).split('\n').filter(Boolean).map((id) => [kind, id]));
  }

  /** Takes away whatever there is, and waits for it even when the process is on its way out: hence nothing asynchronous. */
  remove() {
    if (!existsSync(this.home)) return;
    for (const [kind, id] of this.#parts()) dockerNow(kind, 'rm', '--force', id);
    for (const image of [this.image, this.caddyImage].filter(Boolean)) dockerNow('rmi', '--force', image);
    rmSync(this.home, { recursive: true, force: true });
  }
}

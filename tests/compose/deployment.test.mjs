import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';

import { until } from '../api/harness/wait.mjs';
import { composeCommands, docker, hindrance, interrupt } from './engine.mjs';
import { Load } from './load.mjs';
import { Stack } from './stack.mjs';

// The .env of the documentation, to the letter.
const secret = 'a-short-secret';
const dotEnv = `DATABASE_URL=postgres://postgres:postgres@db:5432/auth_db
REDIS_URL=redis://redis:6379
JWT_SECRET=${secret}
`;
const services = ['auth', 'payments', 'products'];
const stacks = [];
process.on('exit', () => {
  interrupt();
  stacks.forEach((stack) => stack.remove());
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** The status of a GET for exactly this target, which fetch would tidy up. */
const statusOf = (stack, path) => new Promise((resolve, reject) => {
  const request = http.get({ host: '127.0.0.1', port: stack.env.PORT, path, agent: false }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode));
  });
  request.on('error', reject);
});

/** Connections to port 8080 (1F90 in hexadecimal) of a container that are open (01). */
const openConnections = async (container) => {
  const sockets = await docker('exec', container, 'cat', '/proc/net/tcp');
  return [...sockets.matchAll(/^ *\d+: \w+:1F90 \w+:\w+ 01 /gm)].length;
};

async function assertAllThere(stack, ids) {
  for (const id of ids) assert.equal((await stack.api('GET', `/products/${id}`)).status, 200, `product ${id} was acknowledged`);
}

function deployment(compose) {
  const stack = new Stack(compose);
  stacks.push(stack);
  let user;
  let product;

  before(() => stack.prepare(dotEnv));
  after(() => stack.remove());

  test('up --build with the three-line .env', async (t) => {
    await stack.do('up', '--build', '--detach');
    await stack.healthy();
    const { Size: size, RootFS: { Layers: layers } } = await stack.inspect(stack.image);
    const { Size: base } = await stack.inspect('debian:trixie-slim');
    t.diagnostic(`the image has ${(size / 1e6).toFixed(0)} MB in ${layers.length} layers, ` +
      `${((size - base) / 1e6).toFixed(0)} MB of them on top of debian:trixie-slim`);
    const images = await Promise.all(services.map(async (name) => (await stack.inspect((await stack.containers(name))[0])).Image));
    assert.equal(new Set(images).size, 1, 'the services run from one image');
  });

  test('the tour, through Caddy', async () => {
    assert.match(await stack.script('examples/tour.sh'), /The tour is over/);
    user = await stack.newUser();
    product = await stack.newProduct(user.token);
  });

  test('containers are held to what they need', async () => {
    for (const id of await stack.containers()) {
      const { Name: name, Config: config, HostConfig: host } = await stack.inspect(id);
      assert.ok(host.ReadonlyRootfs, `${name}: the root file system is read-only`);
      assert.ok(host.Memory > 0, `${name}: memory is limited`);
      assert.deepEqual(host.CapDrop, ['ALL'], name);
      assert.ok(host.SecurityOpt.includes('no-new-privileges:true'), name);
      assert.equal(host.RestartPolicy.Name, 'unless-stopped', name);
      assert.equal(host.LogConfig.Config['max-size'], '10m', name);
      const process = await docker('exec', id, 'cat', '/proc/1/status');
      assert.match(process, /^Uid:\s+[1-9]/m, `${name}: its process is not root's`);
      assert.match(process, /^CapEff:\s+0+$/m, `${name}: its process has no capability`);
      const isFront = config.Labels['com.docker.compose.service'] === 'caddy';
      assert.equal(Object.values(host.PortBindings ?? {}).length, isFront ? 1 : 0, `${name}: published ports`);
    }
  });

  test('what is not public is not reached', async () => {
    const inside = ['/internal', '/internal/sessions', '//internal/sessions', '/INTERNAL/sessions', '/%69nternal/sessions',
      '/products/../internal/sessions', '/products/%2e%2e/internal/sessions', '/products/..%2finternal/sessions',
      '/./internal/sessions', '/me/..;/internal/sessions', '/metrics', '/'];
    for (const path of inside) assert.equal(await statusOf(stack, path), 404, path);
    const { status, headers, body } = await stack.api('GET', '/nowhere');
    assert.equal(status, 404);
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal(body.code, 'not_found');
  });

  test('a replica killed under load costs no read', async (t) => {
    await stack.do('up', '--detach', '--no-recreate', '--scale', 'products=2');
    await stack.healthy();
    const replicas = await stack.containers('products');
    assert.equal(replicas.length, 2);
    const load = new Load(stack.url, { token: user.token, productId: product.id });
    try {
      await until(async () => Math.min(...(await Promise.all(replicas.map(openConnections)))) > 0, 'both replicas are used');
      await load.more(500);
      await docker('kill', replicas[0]);
      await load.more(1000);
    } finally {
      await load.stop();
    }
    t.diagnostic(`around the kill: ${load}`);
    assert.deepEqual(Object.keys(load.reads), ['200'], String(load));
    const failed = Object.keys(load.writes).filter((status) => !['201', '502', '503'].includes(status));
    assert.deepEqual(failed, [], String(load));
    await assertAllThere(stack, load.created);
  });

  test('a rolling update fails no request', async (t) => {
    await stack.do('up', '--detach', '--no-recreate', '--scale', 'products=2');
    await stack.healthy();
    const old = (await Promise.all(services.map((name) => stack.containers(name)))).flat();
    const load = new Load(stack.url, { token: user.token, productId: product.id });
    try {
      await load.more(100);
      await stack.script('deploy/rolling-update');
      await load.more(100);
    } finally {
      await load.stop();
    }
    t.diagnostic(`during the update: ${load}`);
    const now = (await Promise.all(services.map((name) => stack.containers(name)))).flat();
    assert.equal(now.length, old.length);
    assert.deepEqual(now.filter((id) => old.includes(id)), [], 'every container is a new one');
    assert.deepEqual([Object.keys(load.reads), Object.keys(load.writes)], [['200'], ['201']], String(load));
    await assertAllThere(stack, load.created);
  });

  test('a backup brings back what was removed', async () => {
    const inDatabase = ['exec', '-T', 'db', 'sh', '-c'];
    const dump = await stack.do(...inDatabase, 'pg_dump --clean --if-exists "$DATABASE_URL"');
    assert.equal((await stack.api('DELETE', `/products/${product.id}`, user)).status, 204);
    await stack.do('stop', 'caddy', ...services);
    await stack.doWith(dump, ...inDatabase, 'psql -q -1 -v ON_ERROR_STOP=1 "$DATABASE_URL"');
    await stack.do('start', ...services, 'caddy');
    await stack.healthy();
    assert.equal((await stack.api('GET', `/products/${product.id}`)).status, 200);
  });

  test('down and up again: everything is still there', async () => {
    await stack.do('down');
    await stack.do('up', '--detach');
    await stack.healthy();
    assert.equal((await stack.api('GET', `/products/${product.id}`)).status, 200);
    const { username, password } = user;
    assert.equal((await stack.api('POST', '/login', { body: { username, password } })).status, 200);
  });

  test('no secret is in the logs', async () => {
    const logs = await stack.logs();
    assert.ok(logs.length > 0);
    for (const word of [secret, 'postgres:postgres@', user.password]) assert.ok(!logs.includes(word), word);
  });

  test('down --volumes leaves nothing', async () => {
    assert.deepEqual(await stack.down(), []);
  });
}

const skip = await hindrance();
if (skip) test('the deployment of docker-compose.yml', { skip }, () => {});
else for (const compose of await composeCommands()) describe(`${compose.join(' ')}`, () => deployment(compose));

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { PostgresAndRedis } from './harness/backing.mjs';
import { Server } from './harness/server.mjs';

describe('a role that serves and one that migrates', () => {
  const backing = new PostgresAndRedis();
  let owner, serving, server;
  before(async () => {
    owner = (await backing.start()).DATABASE_URL;
    await backing.query(`CREATE ROLE waiter LOGIN PASSWORD 'tray'`, 'public');
    serving = Object.assign(new URL(owner), { username: 'waiter', password: 'tray' }).href;
    server = new Server({ backing, env: { DATABASE_URL: serving } });
  });
  after(() => server.close());

  const asWaiter = (sql) => backing.query(`SET ROLE waiter; ${sql}`, 'public');

  test('on an empty database the role that serves ends, and says that it may not', async () => {
    server.env.STARTUP_TIMEOUT = '0.5';
    const { code, stderr } = await server.run('serve');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /STARTUP_TIMEOUT.*permission denied/);
    delete server.env.STARTUP_TIMEOUT;
  });

  test('with the other beside it everything works', async () => {
    server.env.MIGRATION_DATABASE_URL = owner;
    await server.start();
    const { token, username } = await server.newUser();
    const product = await server.newProduct(token);
    assert.ok((await server.allProducts()).has(product.id));
    assert.equal((await server.api('GET', '/me', { token })).body.username, username);
  });

  test('it may not change tables, nor what is known of them', async () => {
    await assert.rejects(asWaiter('CREATE TABLE auth.tips (cents bigint)'), /permission denied/);
    await assert.rejects(asWaiter('ALTER TABLE auth.users ADD COLUMN tips bigint'), /must be owner/);
    await assert.rejects(asWaiter('DELETE FROM auth.schema_migrations'), /permission denied/);
  });

  test('once the schemas are up to date it starts alone', async () => {
    await server.stop();
    delete server.env.MIGRATION_DATABASE_URL;
    await server.start();
    const status = await server.run('migrate', 'status');
    assert.equal(status.code, 0, status.stderr);
    assert.doesNotMatch(status.stdout, /not applied/);
  });
});

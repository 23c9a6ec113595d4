import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { assertProblem } from '../api/harness/problem.mjs';
import { Postgres, secret } from '../api/harness/postgres.mjs';
import { freePort } from '../api/harness/process.mjs';
import { Redis } from '../api/harness/redis.mjs';
import { Server } from '../api/harness/server.mjs';
import { until, within } from '../api/harness/wait.mjs';

/** What no line may show: the password of the URLs as it is and as the URL has it. */
function assertNoSecret(text, password = secret) {
  for (const form of [password, encodeURIComponent(password), encodeURI(password)]) assert.ok(!text.includes(form), text);
}

describe('when serve starts, and', async () => {
  const postgres = new Postgres();
  const redis = new Redis();
  after(() => Promise.all([postgres.close(), redis.close()]));

  /** Settings that lead to both, whether they run or not. */
  async function settings(more = {}) {
    if (!postgres.port) await postgres.start();
    if (!redis.port) await redis.start();
    for (const backing of [postgres, redis]) if (backing.process.ended) await backing.start();
    return { DATABASE_URL: postgres.url(await postgres.newDatabase()), REDIS_URL: redis.url(), ...more };
  }

  function serve(env) {
    const server = new Server({ env });
    after(() => server.close());
    return server;
  }

  const absences = {
    'the database': { leave: () => postgres.crash(), appear: () => postgres.start(), named: /database/ },
    'Redis': { leave: () => redis.kill(), appear: () => redis.start(), named: /redis|shared/i },
  };
  for (const [what, { leave, appear, named }] of Object.entries(absences)) {
    test(`${what} is not there yet: it says so, and is ready once it is`, async () => {
      const env = await settings();
      await leave();
      const server = serve(env);
      await server.start('/livez');
      const verbose = await server.api('GET', '/readyz?verbose');
      assert.equal(verbose.status, 503, verbose.text);
      const failing = verbose.body.checks.filter((check) => check.status === 'failing');
      assert.ok(failing.length > 0 && failing.every((check) => named.test(check.name)), verbose.text);
      assertNoSecret(verbose.text);
      for (const path of ['/products', '/me']) {
        const early = await server.api('GET', path);
        assertProblem(early, 503);
        assert.match(early.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
      }
      await appear();
      await until(async () => (await server.api('GET', '/readyz')).status === 200, 'it is ready');
      assert.equal((await server.newUser()).token.split('.').length, 3);
      assertNoSecret(server.output());
    });

    test(`${what} does not come within STARTUP_TIMEOUT: it ends, and says why`, async () => {
      const env = await settings({ STARTUP_TIMEOUT: '1' });
      await leave();
      await endsWithOneClearLine(env, named);
    });
  }

  async function endsWithOneClearLine(env, named, password) {
    const server = serve(env);
    const { code, stdout, stderr } = await server.run('serve');
    assert.equal(code, 1, stdout + stderr);
    const last = stderr.trim().split('\n').at(-1);
    assert.match(last, named, stderr);
    assertNoSecret(stdout + stderr, password);
  }

  const wrong = 'wr0ng/@:%?#& word';
  const refusals = {
    'the database refuses the password': [async () => ({ DATABASE_URL: postgres.url('postgres', wrong) }), /database|PostgreSQL/i, wrong],
    'Redis refuses the password': [async () => ({ REDIS_URL: redis.url(wrong) }), /redis/i, wrong],
    'there is no such database': [async () => ({ DATABASE_URL: postgres.url('no_such_shop') }), /database|PostgreSQL/i],
    'nobody listens at either address': [async () => ({
      DATABASE_URL: `postgres://balcao:${encodeURIComponent(secret)}@127.0.0.1:${await freePort()}/shop`,
      REDIS_URL: `redis://:${encodeURIComponent(secret)}@127.0.0.1:${await freePort()}`,
    }), /database|PostgreSQL|redis/i],
  };
  for (const [what, [fault, named, password]] of Object.entries(refusals)) {
    test(`${what}: it ends, and shows no password`, async () => {
      const env = await settings({ STARTUP_TIMEOUT: '1' });
      await endsWithOneClearLine({ ...env, ...(await fault()) }, named, password);
    });
  }

  test('a password is not encoded in its URL: no part of it is shown', async () => {
    const broken = [
      { DATABASE_URL: `postgres://balcao:${secret}@127.0.0.1:1/shop` }, { REDIS_URL: `redis://:${secret}@127.0.0.1:1` },
      { DATABASE_URL: `postgres://balcao:${secret}` }, { REDIS_URL: `rediss://${secret}` },
    ];
    for (const env of broken) {
      const { code, stdout, stderr } = await serve({ ...env, STARTUP_TIMEOUT: '1' }).run('serve');
      assert.ok([1, 78].includes(code), stderr);
      if (code === 78) assert.match(stderr, new RegExp(Object.keys(env)[0]));
      for (const part of secret.match(/\w{4,}/g)) assertNoSecret(stdout + stderr, part);
    }
  });

  test('is stopped while it waits: it ends in order', async () => {
    const env = await settings();
    await absences['the database'].leave();
    const server = serve(env);
    await server.start('/livez');
    await within(server.stop(), 'it ends on SIGTERM');
  });
});

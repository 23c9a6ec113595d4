import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { serverForSuite } from './harness/suite.mjs';

describe('the settings of passwords, sessions and limits', () => {
  const pepper = 'a pepper of at least thirty-two bytes';
  const server = serverForSuite({
    env: {
      PASSWORD_HASH_MEMORY: '8', PASSWORD_HASH_PASSES: '1', PASSWORD_PEPPER: pepper,
      ACCESS_TOKEN_LIFETIME: '120', SESSION_IDLE_TIMEOUT: '600', SESSION_LIFETIME: '900',
      LOGIN_ATTEMPTS_PER_ACCOUNT: '3', LOGIN_ATTEMPTS_PER_ADDRESS: '7', LOGIN_ATTEMPT_WINDOW: '60',
    },
  });

  test('are those of the hash that is stored', async () => {
    const { username } = await server.newUser();
    const stored = await server.query(`SELECT password_hash FROM users WHERE username = '${username}'`, 'auth');
    assert.match(stored, /^\$pepper=[0-9a-f]{8}\$argon2id\$v=19\$m=8192,t=1,p=1\$/m);
  });

  test('are those of the session', async () => {
    const { username } = await server.newUser();
    const before = Date.now();
    const session = await server.login(username);
    assert.equal(session.expires_in, 120);
    assert.equal(session.refresh_expires_in, 600);
    const [mine] = (await server.api('GET', '/sessions', { token: session.access_token })).body.data;
    const life = (Date.parse(mine.expires_at) - Date.parse(mine.created_at)) / 1000;
    assert.equal(Math.round(life), 900);
    assert.ok(Date.parse(mine.created_at) <= Date.now() && Date.parse(mine.created_at) >= before - 60_000);
  });

  test('are those of the limits', async () => {
    const { username } = await server.newUser();
    const wrong = await server.api('POST', '/login', { body: { username, password: 'not that phrase' } });
    assert.equal(wrong.headers.get('ratelimit-policy'), '"account";q=3;w=60, "address";q=7;w=60');
    await server.login(username, password);
  });
});

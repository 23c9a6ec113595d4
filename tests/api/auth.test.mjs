import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { assertProblem } from './harness/problem.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const form = (fields) => new URLSearchParams(fields);

describe('register', () => {
  const server = serverForSuite();
  const register = (body, headers) => server.api('POST', '/register', { body, headers });

  test('makes a user and says where it is', async () => {
    const response = await register({ username: 'ana.maria', password });
    assert.equal(response.status, 201, response.text);
    assert.deepEqual(Object.keys(response.body).sort(), ['created_at', 'id', 'role', 'username']);
    assert.equal(response.body.username, 'ana.maria');
    assert.equal(response.body.role, 'user');
    assert.match(response.body.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(response.body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.ok(response.headers.get('location')?.startsWith('/'), 'Location');
  });

  test('takes the form of the original documentation', async () => {
    const response = await register(form({ username: 'form-user', password }));
    assert.equal(response.status, 201, response.text);
    assert.equal(response.body.username, 'form-user');
  });

  test('refuses a taken name, in whatever case', async () => {
    assert.equal((await register({ username: 'taken', password })).status, 201);
    assertProblem(await register({ username: 'taken', password }), 409);
    assertProblem(await register({ username: 'TAKEN', password }), 409);
  });

  test('of twenty at once with one name, one succeeds', async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => register({ username: 'wanted', password })));
    const statuses = responses.map((response) => response.status).sort();
    assert.deepEqual(statuses, [201, ...Array(19).fill(409)]);
  });

  const refusals = [
    ['a short password', { username: 'fresh', password: '1234567' }, ['/password']],
    ['a common password', { username: 'fresh', password: 'password123' }, ['/password']],
    ['the username as password', { username: 'fresh-and-long', password: 'fresh-and-long' }, ['/password']],
    ['a password over 1024 bytes', { username: 'fresh', password: 'ã'.repeat(513) }, ['/password']],
    ['a short username', { username: 'ab', password }, ['/username']],
    ['a long username', { username: 'a'.repeat(65), password }, ['/username']],
    ['a space in the username', { username: 'two words', password }, ['/username']],
    ['a letter that is not ASCII', { username: 'joão', password }, ['/username']],
    ['a missing password', { username: 'fresh' }, ['/password']],
    ['nothing at all', {}, ['/password', '/username']],
    ['an unknown field', { username: 'fresh', password, role: 'administrator' }, ['/role']],
    ['a number for a username', { username: 12345, password }, ['/username']],
    ['null for a password', { username: 'fresh', password: null }, ['/password']],
    ['two faults at once', { username: 'x', password: 7 }, ['/password', '/username']],
  ];
  for (const [what, body, pointers] of refusals) {
    test(`refuses ${what} and points to it`, async () => {
      assertProblem(await register(body), 422, { code: 'invalid_fields', pointers });
    });
  }

  test('refuses a body that is no object', async () => {
    for (const body of [[], 'text', 7, null]) assertProblem(await register(JSON.stringify(body), { 'content-type': 'application/json' }), 422);
  });

  test('counts a password in code points and keeps all of its bytes', async () => {
    const long = `${'ã'.repeat(511)}x`;
    assert.equal((await register({ username: 'long-one', password: long })).status, 201);
    assert.equal((await server.api('POST', '/login', { body: { username: 'long-one', password: long } })).status, 200);
    assertProblem(await server.api('POST', '/login', { body: { username: 'long-one', password: long.slice(0, -1) } }), 401);
    assert.equal((await register({ username: 'eight-signs', password: '鍵鍵鍵鍵鍵鍵鍵鍵' })).status, 201);
  });

  test('never answers with the password', async () => {
    const secret = 'x9-never-to-be-seen';
    assert.ok(!(await register({ username: '!', password: secret })).text.includes(secret));
    assert.ok(!(await register({ username: 'silent', password: secret })).text.includes(secret));
    assert.ok(!server.output().includes(secret), 'nor does the log');
  });
});

describe('login', () => {
  const server = serverForSuite();
  const login = (body, headers) => server.api('POST', '/login', { body, headers });

  test('gives a session', async () => {
    const { username } = await server.newUser();
    const response = await login({ username, password });
    assert.equal(response.status, 200, response.text);
    const session = response.body;
    assert.deepEqual(Object.keys(session).sort(), [
      'access_token', 'expires_in', 'refresh_expires_in', 'refresh_token', 'session_id', 'token_type',
    ]);
    assert.equal(session.token_type, 'Bearer');
    assert.equal(session.expires_in, 900);
    assert.ok(session.refresh_expires_in > session.expires_in);
    assert.match(session.access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.match(response.headers.get('cache-control') ?? '', /no-store/);
  });

  test('takes a form, and the name in any case', async () => {
    const { username } = await server.newUser();
    assert.equal((await login(form({ username: username.toUpperCase(), password }))).status, 200);
  });

  test('answers an unknown user and a wrong password with the same bytes', async () => {
    const { username } = await server.newUser();
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const wrong = await login({ username, password: 'not that phrase' }, headers);
    const unknown = await login({ username: 'nobody-here', password: 'not that phrase' }, headers);
    assertProblem(wrong, 401);
    assert.equal(unknown.status, 401);
    assert.equal(unknown.text, wrong.text);
  });

  test('a name that cannot exist is only an unknown user, or a fault of its field', async () => {
    const response = await login({ username: 'no such name!', password });
    assert.ok([401, 422].includes(response.status), response.text);
  });

  test('grows deaf to repeated guesses and says for how long', async () => {
    const { username } = await server.newUser();
    let refused;
    for (let guess = 0; guess < 200 && !refused; ++guess) {
      const response = await login({ username, password: `wrong guess ${guess}` });
      if (response.status !== 401) refused = response;
    }
    assert.ok(refused, 'no limit within 200 wrong guesses');
    assertProblem(refused, 429, { code: 'too_many_requests' });
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  });
});

describe('guesses', () => {
  const server = serverForSuite();
  const login = (username, secret) => server.api('POST', '/login', { body: { username, password: secret } });
  const guesses = async (username, count) => {
    const responses = await Promise.all(Array.from({ length: count }, (_, n) => login(username, `wrong guess ${n}`)));
    return (status) => responses.filter((response) => response.status === status);
  };

  test('200 at once at one account: no more are checked than the limit, and the rest learn when to come back', async () => {
    const { username } = await server.newUser();
    const answered = await guesses(username, 90);
    const more = await guesses(username, 110);
    assert.equal(answered(401).length + more(401).length, 10);
    assert.equal(answered(429).length + more(429).length, 190);
    for (const refused of [...answered(429), ...more(429)]) assert.match(refused.headers.get('retry-after'), /^[1-9]\d*$/);
  });
});

describe('what is left of a limit', () => {
  const server = serverForSuite();

  test('stands in RateLimit', async () => {
    const { username } = await server.newUser();
    const wrong = await server.api('POST', '/login', { body: { username, password: 'not that phrase' } });
    assert.equal(wrong.headers.get('ratelimit-policy'), '"account";q=10;w=300, "address";q=100;w=300');
    assert.match(wrong.headers.get('ratelimit'), /^"account";r=9;t=\d+, "address";r=99;t=\d+$/);
  });
});

describe('an account that others have locked', () => {
  // The test is the proxy in front of Auth, so that it can come from everywhere.
  const server = serverForSuite({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  const login = (username, secret, address) =>
    (server.auth ?? server).api('POST', '/login', { body: { username, password: secret }, headers: { 'x-forwarded-for': address } });

  test('stays open to the device that its owner has used, and to no other', async () => {
    const { username } = await server.newUser();
    assert.equal((await login(username, password, '198.51.100.7')).status, 200);
    for (let n = 0; n < 12; ++n) await login(username, `wrong guess ${n}`, '203.0.113.5');
    assertProblem(await login(username, password, '203.0.113.5'), 429, { code: 'too_many_requests' });
    assertProblem(await login(username, password, '198.51.100.8'), 429);
    assert.equal((await login(username, password, '198.51.100.7')).status, 200);
    const statuses = await Promise.all(Array.from({ length: 40 }, (_, n) => login(username, `wrong guess ${n}`, '198.51.100.7')));
    assert.equal(statuses.filter((response) => response.status === 401).length, 10, 'a known device is limited too');
  });
});

describe('refresh', () => {
  const server = serverForSuite();
  const refresh = (refresh_token) => server.api('POST', '/refresh', { body: { refresh_token } });
  const me = async (token) => (await server.api('GET', '/me', { token })).status;

  test('rotates: new tokens for the same session', async () => {
    const { refreshToken, sessionId, token } = await server.newUser();
    const response = await refresh(refreshToken);
    assert.equal(response.status, 200, response.text);
    assert.equal(response.body.session_id, sessionId);
    assert.notEqual(response.body.refresh_token, refreshToken);
    assert.notEqual(response.body.access_token, token);
    assert.equal(await me(response.body.access_token), 200);
  });

  test('gives the previous token the same successor for a moment, then takes its reuse for theft', async () => {
    const { refreshToken } = await server.newUser();
    const first = (await refresh(refreshToken)).body;
    const retried = await refresh(refreshToken);
    assert.equal(retried.status, 200, retried.text);
    assert.equal(retried.body.refresh_token, first.refresh_token);

    const refused = await until(async () => {
      const response = await refresh(refreshToken);
      if (response.status !== 200) return response;
      assert.equal(response.body.refresh_token, first.refresh_token, 'no second branch');
    }, 'the grace of 10 s ends');
    assertProblem(refused, 401);
    assertProblem(await refresh(first.refresh_token), 401);
    assert.equal(await me(first.access_token), 401);
  });

  test('a hundred at once with one token keep one family', async () => {
    const { refreshToken } = await server.newUser();
    const responses = await Promise.all(Array.from({ length: 100 }, () => refresh(refreshToken)));
    const successors = new Set(responses.filter((r) => r.status === 200).map((r) => r.body.refresh_token));
    assert.equal(successors.size, 1, responses.map((r) => r.status).join(' '));
  });

  test('refuses what is no refresh token of ours', async () => {
    const { token } = await server.newUser();
    for (const foreign of ['', 'x', token, 'A'.repeat(43), '💥']) {
      const response = await refresh(foreign);
      assert.ok([401, 422].includes(response.status), `${foreign}: ${response.text}`);
      assertProblem(response, response.status);
    }
  });

  test('a refresh token is no access token', async () => {
    const { refreshToken } = await server.newUser();
    assert.equal(await me(refreshToken), 401);
  });
});

describe('logout', () => {
  const server = serverForSuite();
  const protectedEndpoints = [
    ['GET', '/me'],
    ['GET', '/stripe/clients'],
    ['POST', '/stripe/clients', { email: 'a@example.com', name: 'A' }],
    ['POST', '/products', { name: 'Late', price: 1 }],
    ['PUT', '/products/0190a5d0-0000-7000-8000-000000000000', { name: 'Late' }],
    ['DELETE', '/products/0190a5d0-0000-7000-8000-000000000000'],
  ];

  const ways = {
    'JSON `Token`': (token) => ({ body: { Token: token } }),
    'JSON `token`': (token) => ({ body: { token } }),
    'form `Token`': (token) => ({ body: form({ Token: token }) }),
    'form `token`': (token) => ({ body: form({ token }) }),
    'the Authorization header': (token) => ({ token }),
  };
  for (const [way, request] of Object.entries(ways)) {
    test(`by ${way} ends the session everywhere`, async () => {
      const { token, refreshToken } = await server.newUser();
      const response = await server.api('POST', '/logout', request(token));
      assert.equal(response.status, 204, response.text);
      assert.equal(response.text, '');
      for (const [method, path, body] of protectedEndpoints) {
        const call = () => server.api(method, path, { token, body });
        // The message to another process may still be on its way.
        if (process.env.BALCAO_TEST_ENGINE === 'fleet') await until(async () => (await call()).status === 401, `${path} is refused`);
        assertProblem(await call(), 401, { code: 'unauthorized' });
      }
      assertProblem(await server.api('POST', '/refresh', { body: { refresh_token: refreshToken } }), 401);
      assert.equal((await server.api('POST', '/logout', request(token))).status, 204, 'again');
    });
  }

  test('ends tokens that a refresh gave as well, and no other session', async () => {
    const user = await server.newUser();
    const other = await server.newSession(user.username);
    const refreshed = (await server.api('POST', '/refresh', { body: { refresh_token: user.refreshToken } })).body;
    assert.equal((await server.api('POST', '/logout', { body: { Token: user.token } })).status, 204);
    assert.equal((await server.api('GET', '/me', { token: refreshed.access_token })).status, 401);
    assert.equal((await server.api('GET', '/me', { token: other.token })).status, 200);
  });

  test('refuses what is no token of ours', async () => {
    const { token } = await server.newUser();
    const [header, payload] = token.split('.');
    for (const foreign of ['nonsense', 'a.b.c', `${header}.${payload}.${'A'.repeat(43)}`, `${token}x`]) {
      assertProblem(await server.api('POST', '/logout', { body: { Token: foreign } }), 401);
    }
    assertProblem(await server.api('POST', '/logout', { token: 'nonsense' }), 401);
    assert.equal((await server.api('GET', '/me', { token })).status, 200, 'the session of the forged token lives on');
  });

  test('without a token anywhere is refused', async () => {
    const response = await server.api('POST', '/logout');
    assert.ok([401, 422].includes(response.status), response.text);
    assertProblem(response, response.status);
  });
});

describe('me', () => {
  const server = serverForSuite();

  test('shows who asks', async () => {
    const { id, username, token } = await server.newUser();
    const response = await server.api('GET', '/me', { token });
    assert.equal(response.status, 200, response.text);
    assert.equal(response.body.id, id);
    assert.equal(response.body.username, username);
    assert.equal(response.body.role, 'user');
    assert.match(response.headers.get('cache-control') ?? '', /no-store|private/);
  });

  test('asks for a token as RFC 6750 has it', async () => {
    const response = await server.api('GET', '/me');
    assertProblem(response, 401, { code: 'unauthorized' });
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/);
  });

  test('takes the scheme in any case, and no other scheme', async () => {
    const { token } = await server.newUser();
    const ask = async (authorization) => (await server.api('GET', '/me', { headers: { authorization } })).status;
    assert.equal(await ask(`bearer ${token}`), 200);
    assert.equal(await ask(`Basic ${token}`), 401);
    assert.equal(await ask(token), 401);
  });
});

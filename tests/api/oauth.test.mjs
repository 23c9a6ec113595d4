import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { doors } from './harness/doors.mjs';
import { assertProblem } from './harness/problem.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const form = (fields) => new URLSearchParams(fields);
const basic = (id, secret) =>
  ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` });
const granting = (fields) => form({ grant_type: 'client_credentials', ...fields });

/** Checks an error of RFC 6749 §5.2. */
function assertOAuthError(response, status, error) {
  const shown = `${response.status} ${response.text}`;
  assert.equal(response.status, status, shown);
  assert.equal(response.headers.get('content-type'), 'application/json', shown);
  assert.equal(response.headers.get('cache-control'), 'no-store', shown);
  assert.deepEqual(Object.keys(response.body), ['error', 'error_description'], shown);
  assert.equal(response.body.error, error, shown);
  assert.match(response.body.error_description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/, shown);
  assert.equal(response.headers.get('www-authenticate'), status === 401 ? 'Basic realm="balcao"' : null, shown);
}

describe('OAuth', () => {
  const server = serverForSuite();
  let program, other, user, administrator;

  before(async () => {
    program = await server.newServiceAccount('products:write', 'payments:read');
    other = await server.newServiceAccount('products:write');
    user = await server.newUser();
    administrator = await server.newAdministrator();
  });

  const ask = (path, body, { who, headers = who && basic(who.id, who.secret), token } = {}) =>
    server.api('POST', path, { body, headers, token });
  const introspect = async (token) => {
    const response = await ask('/introspect', form({ token }), { who: other });
    assert.equal(response.status, 200, response.text);
    return response.body;
  };

  describe('the token endpoint', () => {
    test('gives a token with all scopes, or with those that are asked for', async () => {
      for (const [wanted, scope] of [
        [{}, 'payments:read products:write'], [{ scope: '' }, 'payments:read products:write'],
        [{ scope: 'products:write' }, 'products:write'],
        [{ scope: 'products:write payments:read' }, 'payments:read products:write'],
      ]) {
        const response = await ask('/token', granting(wanted), { who: program });
        assert.equal(response.status, 200, response.text);
        const { access_token, ...rest } = response.body;
        assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 900, scope });
        assert.match(access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
        assert.equal(response.headers.get('cache-control'), 'no-store');
        assert.equal(response.headers.get('pragma'), 'no-cache');
      }
    });

    test('knows a client by Basic or by the form', async () => {
      const { id: client_id, secret: client_secret } = program;
      assert.equal((await ask('/token', granting({ client_id, client_secret }))).status, 200);
      assert.equal((await ask('/token', granting({ client_id }), { who: program })).status, 200);
      assertOAuthError(await ask('/token', granting({ client_id, client_secret }), { who: program }), 400, 'invalid_request');
      assertOAuthError(await ask('/token', granting({ client_id: other.id }), { who: program }), 400, 'invalid_request');
    });

    test('ignores what it does not know, and takes nothing twice', async () => {
      assert.equal((await ask('/token', granting({ resource: 'x', colour: 'red' }), { who: program })).status, 200);
      for (const repeated of ['grant_type=client_credentials', 'colour=red&colour=red']) {
        const body = form(`grant_type=client_credentials&${repeated}`);
        assertOAuthError(await ask('/token', body, { who: program }), 400, 'invalid_request');
      }
    });

    test('says what is wrong as RFC 6749 has it', async () => {
      const refusals = [
        [form({}), program, 400, 'invalid_request'],
        [form({ grant_type: 'password', username: user.username, password: 'x' }), program, 400, 'unsupported_grant_type'],
        [form({ grant_type: 'Client_Credentials' }), program, 400, 'unsupported_grant_type'],
        [granting({ scope: 'users:read' }), program, 400, 'invalid_scope'],
        [granting({ scope: 'products:write users:read' }), program, 400, 'invalid_scope'],
        [granting({ scope: 'products:write  payments:read' }), program, 400, 'invalid_scope'],
        [granting({ scope: 'nothing' }), program, 400, 'invalid_scope'],
        [granting({}), undefined, 401, 'invalid_client'],
        [granting({}), { id: program.id, secret: other.secret }, 401, 'invalid_client'],
        [granting({}), { id: user.id, secret: 'x' }, 401, 'invalid_client'],
        [granting({}), { id: "' OR 1=1 --", secret: "' OR 1=1 --" }, 401, 'invalid_client'],
        [granting({}), { id: '\0', secret: '\0' }, 401, 'invalid_client'],
        [granting({ client_id: program.id }), undefined, 401, 'invalid_client'],
      ];
      for (const [body, who, status, error] of refusals) assertOAuthError(await ask('/token', body, { who }), status, error);
      const json = JSON.stringify({ grant_type: 'client_credentials' });
      assertOAuthError(await ask('/token', json, { headers: { 'content-type': 'application/json' } }), 400, 'invalid_request');
    });

    test('an unknown client and a wrong secret get the same bytes', async () => {
      const [wrong, unknown] = [
        await ask('/token', granting({}), { who: { id: program.id, secret: 'x' } }),
        await ask('/token', granting({}), { who: { id: user.id, secret: 'x' } }),
      ];
      assert.equal(wrong.text, unknown.text);
    });

    test('lets an account without scopes ask about tokens, and do nothing else', async () => {
      const idle = await server.newServiceAccount();
      const granted = await ask('/token', granting({}), { who: idle });
      assert.equal(granted.status, 200, granted.text);
      assert.equal(granted.body.scope, '');
      const token = granted.body.access_token;
      assertProblem(await server.api('POST', '/products', { token, body: { name: 'Café', price: 1 } }), 403, { code: 'insufficient_scope' });
      assert.equal((await ask('/introspect', form({ token }), { token })).body.active, true);
    });
  });

  describe('introspection', () => {
    test("tells of a program's token", async () => {
      const token = await server.newServiceToken(program, { scope: 'payments:read' });
      const { exp, iat, jti, sid, iss, aud, ...rest } = await introspect(token);
      assert.deepEqual(rest, {
        active: true, scope: 'payments:read', client_id: program.id, username: rest.username, token_type: 'Bearer',
        sub: program.id, role: 'service',
      });
      assert.equal(exp - iat, 900);
      for (const text of [jti, sid, iss, aud]) assert.equal(typeof text, 'string');
    });

    test("tells of a user's tokens", async () => {
      const session = await server.newSession(user.username);
      const access = await introspect(session.token);
      const refresh = await introspect(session.refreshToken);
      for (const { active, username, sub, sid, role, client_id } of [access, refresh]) {
        assert.deepEqual({ active, username, sub, sid, role, client_id }, {
          active: true, username: user.username, sub: user.id, sid: session.sessionId, role: 'user', client_id: 'balcao',
        });
      }
      assert.equal(access.token_type, 'Bearer');
      assert.ok(!('token_type' in refresh) && !('jti' in refresh) && !Object.values(refresh).includes(null));
      await server.logout(session.token);
      for (const token of Object.values(session)) assert.deepEqual(await introspect(token), { active: false });
    });

    test('says no more than that of what does not live', async () => {
      for (const token of ['nonsense', user.token.slice(0, -2), `${user.token}x`, user.sessionId, '\0', 'é']) {
        assert.deepEqual(await introspect(token), { active: false });
      }
    });

    test('takes any hint', async () => {
      for (const token_type_hint of ['access_token', 'refresh_token', 'pigeon']) {
        const response = await ask('/introspect', form({ token: user.token, token_type_hint }), { who: program });
        assert.equal(response.body.active, true, response.text);
      }
    });

    test('is for programs, and for administrators with their token', async () => {
      const about = form({ token: user.token });
      for (const token of [program.token, administrator.token]) {
        assert.equal((await ask('/introspect', about, { token })).body.active, true);
      }
      for (const token of [user.token, user.refreshToken, administrator.refreshToken, 'nonsense']) {
        const response = await ask('/introspect', about, { token });
        assertProblem(response, 401, { code: 'unauthorized' });
        assert.match(response.headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/);
      }
      assertOAuthError(await ask('/introspect', about), 401, 'invalid_client');
      assertOAuthError(await ask('/introspect', about, { who: { id: program.id, secret: 'x' } }), 401, 'invalid_client');
      assertOAuthError(await ask('/introspect', form({}), { who: program }), 400, 'invalid_request');
    });
  });

  describe('revocation', () => {
    const revoke = (token, who = program) => ask('/revoke', form({ token }), { who });

    test('ends a token everywhere, and again is fine', async () => {
      const [token, sibling] = [await server.newServiceToken(program), await server.newServiceToken(program)];
      for (const { name, status } of doors(server)) assert.notEqual(await status(token), 401, name);
      for (let i = 0; i < 2; ++i) {
        const response = await revoke(token);
        assert.equal(response.status, 200, response.text);
        assert.equal(response.text, '');
        assert.equal(response.headers.get('cache-control'), 'no-store');
      }
      assert.deepEqual(await introspect(token), { active: false });
      for (const { name, status } of doors(server)) {
        await until(async () => (await status(token)) === 401, `the token is refused by ${name}`);
        assert.notEqual(await status(sibling), 401, name);
      }
    });

    test('is done for what is no token', async () => {
      for (const token of ['nonsense', 'a.b.c', '\0']) assert.equal((await revoke(token)).status, 200, token);
      const hinted = await ask('/revoke', form({ token: 'x', token_type_hint: 'pigeon' }), { who: program });
      assert.equal(hinted.status, 200, hinted.text);
    });

    test("leaves another's token alone", async () => {
      for (const token of [other.token, user.token, user.refreshToken, administrator.token]) {
        assertOAuthError(await revoke(token), 400, 'unauthorized_client');
        assert.equal((await introspect(token)).active, true);
      }
    });

    test('is for clients alone', async () => {
      assertOAuthError(await ask('/revoke', form({ token: program.token })), 401, 'invalid_client');
      assertOAuthError(await ask('/revoke', form({ token: program.token }), { token: administrator.token }), 401, 'invalid_client');
      assertOAuthError(await ask('/revoke', form({}), { who: program }), 400, 'invalid_request');
    });
  });

  describe('a service account', () => {
    const manage = (method, path, body) => server.api(method, `/service-accounts${path}`, { token: administrator.token, body });

    async function make(name, scopes = ['products:write']) {
      const response = await manage('POST', '', { name, scopes });
      assert.equal(response.status, 201, response.text);
      const { client_id: id, client_secret: secret } = response.body;
      assert.equal(response.headers.get('location'), `/service-accounts/${id}`);
      return { id, secret };
    }

    test('is made by an administrator, and its secret is seen once', async () => {
      const robot = await make('robot-one');
      await server.newServiceToken(robot);
      const { body: one } = await manage('GET', `/${robot.id}`);
      assert.deepEqual({ ...one, created_at: '', secret_changed_at: '' }, {
        client_id: robot.id, name: 'robot-one', scopes: ['products:write'], disabled: false, created_at: '', secret_changed_at: '',
      });
      const list = await manage('GET', '?limit=100');
      assert.ok(list.body.data.some(({ client_id }) => client_id === robot.id), list.text);
      assert.ok(!list.text.includes(robot.secret));
      assert.ok(!server.output().includes(robot.secret));
    });

    test('is listed page by page', async () => {
      const seen = [];
      for (let path = '?limit=1'; path;) {
        const { status, body, text } = await manage('GET', path);
        assert.equal(status, 200, text);
        seen.push(...body.data.map(({ client_id }) => client_id));
        path = body.has_more && `?limit=1&cursor=${body.next_cursor}`;
      }
      assert.deepEqual(seen, [...new Set(seen)].sort());
      assert.ok(seen.includes(program.id) && seen.includes(other.id));
    });

    test('has a name of its own and scopes that there are', async () => {
      assertProblem(await manage('POST', '', { name: user.username, scopes: [] }), 409, { code: 'username_taken' });
      assertProblem(await manage('POST', '', { name: 'robot-two', scopes: ['everything'] }), 422, { pointers: ['/scopes/0'] });
      assertProblem(await manage('PATCH', `/${program.id}`, {}), 422, { pointers: ['/scopes'] });
      assertProblem(await manage('PATCH', `/${user.id}`, { scopes: [] }), 404);
    });

    test('with a new secret is refused with the old one, and so are its tokens', async () => {
      const robot = await make('robot-three');
      const token = await server.newServiceToken(robot);
      const changed = await manage('POST', `/${robot.id}/secret`);
      assert.equal(changed.status, 200, changed.text);
      assertOAuthError(await ask('/token', granting({}), { who: robot }), 401, 'invalid_client');
      await server.newServiceToken({ id: robot.id, secret: changed.body.client_secret });
      assert.deepEqual(await introspect(token), { active: false });
      for (const { name, status } of doors(server)) {
        await until(async () => (await status(token)) === 401, `the token is refused by ${name}`);
      }
    });

    test('with other scopes gets tokens of these', async () => {
      const robot = await make('robot-four');
      const token = await server.newServiceToken(robot);
      const changed = await manage('PATCH', `/${robot.id}`, { scopes: ['payments:write', 'payments:read'] });
      assert.deepEqual(changed.body.scopes, ['payments:read', 'payments:write'], changed.text);
      assert.deepEqual(await introspect(token), { active: false });
      assert.equal((await introspect(await server.newServiceToken(robot))).scope, 'payments:read payments:write');
    });

    test('cannot log in', async () => {
      const robot = await make('robot-five');
      for (const password of ['', robot.secret]) {
        assertProblem(await server.api('POST', '/login', { body: { username: 'robot-five', password } }), 401, {
          code: 'invalid_credentials',
        });
      }
    });

    test('shut out gets no token and loses those that it has', async () => {
      const robot = await make('robot-six');
      const token = await server.newServiceToken(robot);
      const disabled = await server.run('user', 'disable', 'robot-six');
      assert.equal(disabled.code, 0, disabled.stderr);
      assertOAuthError(await ask('/token', granting({}), { who: robot }), 401, 'invalid_client');
      assert.deepEqual(await introspect(token), { active: false });
      for (const { name, status } of doors(server)) {
        await until(async () => (await status(token)) === 401, `the token is refused by ${name}`);
      }
    });

    test('leaves a trail of all that happens to it, without its secrets', async () => {
      const robot = await make('robot-eight');
      const token = await server.newServiceToken(robot);
      assert.equal((await ask('/revoke', form({ token }), { who: robot })).status, 200);
      await ask('/token', granting({}), { who: { id: robot.id, secret: 'a wrong guess' } });
      await manage('PATCH', `/${robot.id}`, { scopes: [] });
      await manage('POST', `/${robot.id}/secret`);
      const watcher = await server.newServiceAccount('users:read');
      const { body, text } = await server.api('GET', `/audit?user=${robot.id}`, { token: watcher.token });
      assert.deepEqual(body.data.map(({ event, actor_id }) => [event, actor_id]), [
        ['service_account_secret_changed', administrator.id], ['service_account_changed', administrator.id],
        ['service_account_refused', null], ['token_revoked', robot.id], ['service_account_made', administrator.id],
      ]);
      for (const secret of [robot.secret, token, 'a wrong guess']) assert.ok(!text.includes(secret));
    });

    test('is checked against no more guesses than the limit, however many come at once', async () => {
      const robot = await make('robot-seven');
      const guesses = Array.from({ length: 200 }, (_, i) =>
        ask('/token', granting({}), { headers: { ...basic(robot.id, `guess ${i}`), 'user-agent': 'guesser' } }));
      const responses = await Promise.all(guesses);
      const checked = responses.filter(({ status }) => status === 401);
      const refused = responses.filter(({ status }) => status === 429);
      assert.equal(checked.length + refused.length, 200);
      assert.ok(checked.length <= 10, `${checked.length} were checked`);
      for (const response of refused) assert.match(response.headers.get('retry-after'), /^[1-9]\d*$/);
    });
  });
});

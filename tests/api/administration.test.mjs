import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { assertProblem } from './harness/problem.mjs';
import { balcao } from './harness/process.mjs';
import { newServer, serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const unknownId = '0190a5d0-0000-7000-8000-000000000000';

describe('administrators', () => {
  const server = serverForSuite();
  const isRefused = (token) => until(async () => (await server.api('GET', '/me', { token })).status === 401, 'the token is refused');

  test('list the users page by page, and find one by name', async () => {
    const { token } = await server.newAdministrator();
    const names = [];
    for (let i = 0; i < 3; ++i) names.unshift((await server.newUser()).username);
    const listed = [];
    for (let path = '/users?limit=2'; path && listed.length < 3;) {
      const { status, body, headers, text } = await server.api('GET', path, { token });
      assert.equal(status, 200, text);
      assert.ok(body.data.length <= 2);
      listed.push(...body.data);
      path = body.has_more && headers.get('link').match(/<([^>]+)>; rel="next"/)[1];
    }
    assert.deepEqual(listed.slice(0, 3).map((user) => user.username), names);
    assert.deepEqual(Object.keys(listed[0]).sort(), ['created_at', 'disabled', 'id', 'role', 'username']);
    const found = await server.api('GET', `/users?username=${names[1].toUpperCase()}`, { token });
    assert.deepEqual(found.body.data.map((user) => user.username), [names[1]]);
    const one = await server.api('GET', `/users/${found.body.data[0].id}`, { token });
    assert.deepEqual(one.body, found.body.data[0]);
    assertProblem(await server.api('GET', `/users/${unknownId}`, { token }), 404);
  });

  test('shut a user out, which ends his sessions, and let him in again', async () => {
    const { token } = await server.newAdministrator();
    const user = await server.newUser();
    const change = (body) => server.api('PATCH', `/users/${user.id}`, { token, body });
    const disabled = await change({ disabled: true });
    assert.equal(disabled.status, 200, disabled.text);
    assert.equal(disabled.body.disabled, true);
    await isRefused(user.token);
    assertProblem(await server.api('POST', '/refresh', { body: { refresh_token: user.refreshToken } }), 401);
    assertProblem(await server.api('POST', '/login', { body: { username: user.username, password } }), 401);
    assert.equal((await change({ disabled: false })).body.disabled, false);
    await server.login(user.username);
  });

  test('make administrators, and take the rights away with the sessions', async () => {
    const { token } = await server.newAdministrator();
    const user = await server.newUser();
    assert.equal((await server.api('PATCH', `/users/${user.id}`, { token, body: { role: 'admin' } })).body.role, 'admin');
    const raised = (await server.api('POST', '/refresh', { body: { refresh_token: user.refreshToken } })).body.access_token;
    assert.equal((await server.api('GET', '/users', { token: raised })).status, 200);
    assert.equal((await server.api('PATCH', `/users/${user.id}`, { token, body: { role: 'user' } })).body.role, 'user');
    await isRefused(raised);
    assertProblem(await server.api('PATCH', `/users/${user.id}`, { token, body: { role: 'king' } }), 422, { pointers: ['/role'] });
    assertProblem(await server.api('PATCH', `/users/${unknownId}`, { token, body: { role: 'admin' } }), 404);
  });

  test('end the sessions of a user', async () => {
    const { token } = await server.newAdministrator();
    const user = await server.newUser();
    const second = await server.newSession(user.username);
    assert.equal((await server.api('DELETE', `/users/${user.id}/sessions`, { token })).status, 204);
    await isRefused(user.token);
    await isRefused(second.token);
    assertProblem(await server.api('DELETE', `/users/${unknownId}/sessions`, { token }), 404);
  });

  test('read the audit trail: who did what to whom, from where', async () => {
    const administrator = await server.newAdministrator();
    const user = await server.newUser();
    await server.api('POST', '/login', { body: { username: user.username, password: 'not that phrase' } });
    await server.api('PATCH', `/users/${user.id}`, { token: administrator.token, body: { role: 'admin' } });
    const of = async (query) => {
      const { status, body, text } = await server.api('GET', `/audit?user=${user.id}${query}`, { token: administrator.token });
      assert.equal(status, 200, text);
      return body.data;
    };
    const trail = await of('');
    assert.deepEqual(trail.map((entry) => entry.event), ['role_changed', 'login_failed', 'logged_in', 'registered']);
    const [changed, failed, entered] = trail;
    assert.equal(changed.actor_id, administrator.id);
    assert.deepEqual(changed.details, { role: 'admin' });
    assert.equal(failed.actor_id, null);
    assert.equal(entered.actor_id, user.id);
    assert.equal(entered.address, '127.0.0.1');
    assert.equal(entered.user_agent, 'node');
    assert.deepEqual((await of('&event=login_failed')).map((entry) => entry.id), [failed.id]);
    assert.deepEqual((await of('&limit=1')).map((entry) => entry.id), [changed.id]);
    assert.deepEqual((await of(`&limit=1&cursor=${changed.id}`)).map((entry) => entry.id), [failed.id]);
    assertProblem(await server.api('GET', '/audit?event=nothing', { token: administrator.token }), 422, { pointers: ['?event'] });
  });

  test('alone may do any of this', async () => {
    const { id, token } = await server.newUser();
    const calls = [['GET', '/users'], ['GET', `/users/${id}`], ['PATCH', `/users/${id}`, { role: 'admin' }], ['DELETE', `/users/${id}/sessions`], ['GET', '/audit']];
    for (const [method, path, body] of calls) {
      assertProblem(await server.api(method, path, { token, body }), 403, { code: 'forbidden' });
      assertProblem(await server.api(method, path, { body }), 401);
    }
  });
});

describe('the last administrator', () => {
  const server = serverForSuite();

  test('can neither be demoted, disabled nor erased', async () => {
    const { id, token, username } = await server.newAdministrator();
    for (const body of [{ role: 'user' }, { disabled: true }]) {
      assertProblem(await server.api('PATCH', `/users/${id}`, { token, body }), 409, { code: 'last_administrator' });
    }
    assertProblem(await server.api('DELETE', '/me', { token }), 409, { code: 'last_administrator' });
    const disabled = await server.run('user', 'disable', username);
    assert.equal(disabled.code, 1);
    assert.match(disabled.stderr, /administrator/);
    assert.equal((await server.api('GET', '/users', { token })).status, 200);
  });
});

describe('the first administrator', () => {
  test('comes in by the link that is printed, once', async (t) => {
    const server = newServer();
    t.after(() => server.close());
    await server.start();
    const [, path, token] = await server.processes[0].process.says(/http:\S+(\/setup\?token=([\w-]{43}))/);

    const page = await server.api('GET', path, { headers: { 'accept-language': 'pt-BR' } });
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type'), /^text\/html/);
    assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(page.text, /O primeiro administrador/);
    assert.equal((await server.api('GET', '/setup')).status, 403);

    const accept = { accept: 'text/html' };
    const submit = (fields, headers = accept) =>
      server.api('POST', '/setup', { body: new URLSearchParams({ token, username: 'chefe', password, ...fields }), headers });
    const weak = await submit({ username: '<b>"', password: 'short' });
    assert.equal(weak.status, 422);
    assert.ok(weak.text.includes('&lt;b&gt;&quot;') && !weak.text.includes('<b>'), 'what was typed is text');
    assert.ok(!weak.text.includes('short'), 'the password is not shown again');
    assert.equal((await submit({ token: 'A'.repeat(43) })).status, 403);
    assert.equal((await submit({})).status, 201);
    const session = await server.login('chefe');
    assert.equal((await server.api('GET', '/users', { token: session.access_token })).status, 200);

    assert.equal((await submit({ username: 'another' })).status, 403);
    assertProblem(await submit({ username: 'another' }, {}), 403);
    assert.equal((await server.api('GET', path)).status, 403);
    await server.stop();
    await server.restart();
    assert.doesNotMatch(server.output(), /setup\?token/);
  });

  test('is never somebody who only has the name, and has a good password', async (t) => {
    const server = newServer();
    t.after(() => server.close());
    await server.start();
    await server.newUser('boss');
    await server.stop();
    const refusals = [
      [{ ADMIN_USERNAME: 'boss' }, /ADMIN_PASSWORD: set both/],
      [{ ADMIN_PASSWORD: password }, /ADMIN_USERNAME: set both/],
      [{ ADMIN_USERNAME: 'a b', ADMIN_PASSWORD: password }, /ADMIN_USERNAME: 'a b'/],
      [{ ADMIN_USERNAME: 'boss', ADMIN_PASSWORD: password }, /ADMIN_USERNAME: there is a user 'boss'/],
      [{ ADMIN_USERNAME: 'other', ADMIN_PASSWORD: 'password123' }, /ADMIN_PASSWORD: .*guessed/],
    ];
    const [auth] = server.processes;
    for (const [settings, said] of refusals) {
      const { code, stderr } = await balcao(['serve', ...(auth === server ? [] : ['auth'])], { env: { ...auth.env, ...settings }, cwd: auth.home });
      assert.equal(code, 78, stderr);
      assert.match(stderr, said);
      assert.ok(!stderr.includes(password));
    }
  });

  test('is the one of ADMIN_USERNAME and ADMIN_PASSWORD, made once', async (t) => {
    const server = newServer({ env: { ADMIN_USERNAME: 'boss', ADMIN_PASSWORD: password } });
    t.after(() => server.close());
    await server.start();
    assert.doesNotMatch(server.output(), /setup\?token/);
    assert.ok(!server.output().includes(password));
    const { access_token: token } = await server.login('boss');
    assert.equal((await server.api('GET', '/users', { token })).status, 200);
    await server.stop();
    await server.restart();
    await server.login('boss');
  });
});

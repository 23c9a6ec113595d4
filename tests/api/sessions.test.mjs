import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { doors } from './harness/doors.mjs';
import { assertProblem } from './harness/problem.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const otherPassword = 'another unlikely phrase';

/** Until every service of every process refuses the token. */
const isRefusedEverywhere = (server, token) => until(async () => {
  const statuses = await Promise.all(doors(server).map((door) => door.status(token)));
  return statuses.every((status) => status === 401);
}, 'the token is refused everywhere');

describe('my sessions', () => {
  const server = serverForSuite();

  test('are listed with device and address', async () => {
    const { token, sessionId, username } = await server.newUser();
    const phone = await server.api('POST', '/login', { body: { username, password }, headers: { 'user-agent': 'a phone' } });
    const { status, body, text } = await server.api('GET', '/sessions', { token });
    assert.equal(status, 200, text);
    assert.deepEqual(body.data.map((session) => session.id), [phone.body.session_id, sessionId]);
    const [other, mine] = body.data;
    assert.deepEqual([other.current, mine.current], [false, true]);
    assert.deepEqual([other.user_agent, mine.user_agent], ['a phone', 'node']);
    assert.equal(mine.address, '127.0.0.1');
    assert.deepEqual(Object.keys(mine).sort(), ['address', 'created_at', 'current', 'expires_at', 'id', 'last_used_at', 'user_agent']);
    const page = await server.api('GET', '/sessions?limit=1', { token });
    assert.equal(page.body.has_more, true);
    const next = await server.api('GET', page.headers.get('link').match(/<([^>]+)>/)[1], { token });
    assert.deepEqual(next.body.data.map((session) => session.id), [sessionId]);
  });

  test('end one by one, and nobody else can end them', async () => {
    const user = await server.newUser();
    const other = await server.newSession(user.username);
    const stranger = await server.newUser();
    const unknown = await server.api('DELETE', '/sessions/0190a5d0-0000-7000-8000-000000000000', { token: stranger.token, headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } });
    const foreign = await server.api('DELETE', `/sessions/${other.sessionId}`, { token: stranger.token, headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } });
    assertProblem(foreign, 404);
    assert.equal(foreign.text.replace(other.sessionId, ''), unknown.text.replace('0190a5d0-0000-7000-8000-000000000000', ''));
    assert.equal((await server.api('GET', '/me', { token: other.token })).status, 200);

    assert.equal((await server.api('DELETE', `/sessions/${other.sessionId}`, { token: user.token })).status, 204);
    await isRefusedEverywhere(server, other.token);
    assertProblem(await server.api('POST', '/refresh', { body: { refresh_token: other.refreshToken } }), 401);
    assertProblem(await server.api('DELETE', `/sessions/${other.sessionId}`, { token: user.token }), 404);
    assert.equal((await server.api('GET', '/me', { token: user.token })).status, 200);
  });

  test('end all but the one that asks', async () => {
    const user = await server.newUser();
    const others = [await server.newSession(user.username), await server.newSession(user.username)];
    const stranger = await server.newUser();
    assert.equal((await server.api('DELETE', '/sessions', { token: user.token })).status, 204);
    for (const other of others) await isRefusedEverywhere(server, other.token);
    assert.equal((await server.api('GET', '/sessions', { token: user.token })).body.data.length, 1);
    assert.equal((await server.api('GET', '/me', { token: stranger.token })).status, 200);
  });
});

describe('my password', () => {
  const server = serverForSuite();
  const change = (token, current_password, new_password) =>
    server.api('PUT', '/me/password', { token, body: { current_password, new_password } });

  test('changes with the current one, and ends the other sessions', async () => {
    const user = await server.newUser();
    const other = await server.newSession(user.username);
    assert.equal((await change(user.token, password, otherPassword)).status, 204);
    await isRefusedEverywhere(server, other.token);
    assertProblem(await server.api('POST', '/refresh', { body: { refresh_token: other.refreshToken } }), 401);
    assert.equal((await server.api('GET', '/me', { token: user.token })).status, 200);
    assert.equal((await server.api('POST', '/refresh', { body: { refresh_token: user.refreshToken } })).status, 200);
    assertProblem(await server.api('POST', '/login', { body: { username: user.username, password } }), 401);
    await server.login(user.username, otherPassword);
  });

  test('stays where the current one is wrong or the new one is weak', async () => {
    const { username, token } = await server.newUser();
    assertProblem(await change(token, 'not that phrase', otherPassword), 401, { code: 'invalid_credentials' });
    assertProblem(await change(token, password, 'short'), 422, { pointers: ['/new_password'] });
    assertProblem(await change(token, password, 'password123'), 422, { pointers: ['/new_password'] });
    assertProblem(await change(undefined, password, otherPassword), 401);
    await server.login(username);
  });

  test('is not found out with a stolen token: guesses are limited', async () => {
    const { token } = await server.newUser();
    const statuses = await Promise.all(Array.from({ length: 40 }, (_, i) => change(token, `guess number ${i}`, otherPassword)));
    assert.equal(statuses.filter((response) => response.status === 401).length, 10);
    assert.equal(statuses.filter((response) => response.status === 429).length, 30);
  });
});

describe('erasing myself', () => {
  const server = serverForSuite();

  test('ends my sessions, frees my name, and keeps what I sold', async () => {
    const user = await server.newUser();
    const other = await server.newSession(user.username);
    const product = await server.newProduct(user.token);
    await until(async () => (await server.api('GET', '/me', { token: user.token })).body.customer?.status === 'active', 'the customer is made');
    assert.equal((await server.api('DELETE', '/me', { token: user.token })).status, 204);
    for (const token of [user.token, other.token]) await isRefusedEverywhere(server, token);
    assertProblem(await server.api('POST', '/login', { body: { username: user.username, password } }), 401);
    assertProblem(await server.api('POST', '/refresh', { body: { refresh_token: user.refreshToken } }), 401);
    assert.equal((await server.api('GET', `/products/${product.id}`)).status, 200);
    const again = await server.newUser(user.username);
    assert.notEqual(again.id, user.id);
    const administrator = await server.newAdministrator();
    assertProblem(await server.api('GET', `/users/${user.id}`, { token: administrator.token }), 404);
    await until(async () => {
      const { body } = await server.api('GET', '/stripe/clients?limit=100', { token: administrator.token });
      return !body.data.some((client) => client.id === user.id);
    }, 'Payments has forgotten the customer');
  });
});

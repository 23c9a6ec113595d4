import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Authenticator } from './harness/authenticator.mjs';
import { password } from './harness/client.mjs';
import { assertProblem } from './harness/problem.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const jsqr = (await import('jsqr').catch(() => undefined))?.default;
const needsJsqr = { skip: jsqr ? false : 'the npm package could not be fetched (npm ci in tests/)' };

/** What a camera would read from the picture: its dark runs, four pixels to a module, on white. */
function readQrCode(svg) {
  const [, viewBox, path] = svg.match(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+ \d+)"><path d="([^"]+)"\/><\/svg>$/);
  const scale = 4;
  const side = Number(viewBox.split(' ')[0]) * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  const isRun = /M(\d+) (\d+)h(\d+)v1h-\3z/y;
  while (isRun.lastIndex < path.length) {
    const run = isRun.exec(path);
    assert.ok(run, 'the path is runs of modules');
    const [x, y, length] = run.slice(1).map((number) => Number(number) * scale);
    for (let row = y; row < y + scale; ++row) {
      for (let column = x; column < x + length; ++column) pixels.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
    }
  }
  return jsqr(pixels, side, side)?.data;
}

const sharesCounters = (process.env.BALCAO_TEST_ENGINE ?? 'sqlite') !== 'sqlite';

describe('the second factor', () => {
  const server = serverForSuite();
  const mine = (method, user, rest = '', body = method === 'POST' ? { current_password: password } : undefined) =>
    server.api(method, `/me/second-factor${rest}`, { token: user.token, body });
  const login = (user, code) => server.api('POST', '/login', { body: { username: user.username, password, code } });

  /** A user with a second factor: {…, app, recoveryCodes}. */
  async function newEnrolled() {
    const user = await server.newUser();
    const begun = await mine('POST', user);
    assert.equal(begun.status, 201, begun.text);
    const app = new Authenticator(begun.body.secret);
    const confirmed = await mine('POST', user, '/confirm', { code: app.code() });
    assert.equal(confirmed.status, 200, confirmed.text);
    return { ...user, app, recoveryCodes: confirmed.body.recovery_codes };
  }

  test('is enrolled with an app, and then asked for at login', async () => {
    const user = await server.newUser();
    const none = { enabled: false, confirmed_at: null, recovery_codes_left: 0 };
    assert.deepEqual((await mine('GET', user)).body, none);

    const { body: begun } = await mine('POST', user);
    assert.match(begun.secret, /^[A-Z2-7]{32}$/);
    assert.deepEqual((await mine('GET', user)).body, none, 'it is not confirmed yet');
    assert.equal((await login(user)).status, 200);

    const app = new Authenticator(begun.secret);
    const confirming = app.code();
    const { status, body: confirmed } = await mine('POST', user, '/confirm', { code: confirming });
    assert.equal(status, 200);
    assert.equal(new Set(confirmed.recovery_codes).size, 10);
    for (const code of confirmed.recovery_codes) assert.match(code, /^[a-km-np-z2-9]{5}-[a-km-np-z2-9]{5}$/);
    const { body: now } = await mine('GET', user);
    assert.deepEqual([now.enabled, now.recovery_codes_left], [true, 10]);
    assert.ok(Date.parse(now.confirmed_at) <= Date.now());

    assertProblem(await login(user), 401, { code: 'second_factor_required' });
    assertProblem(await login(user, app.wrongCode()), 401, { code: 'invalid_credentials' });
    assertProblem(await login(user, confirming), 401, { code: 'invalid_credentials' });
    const next = app.code();
    assert.equal((await login(user, `${next.slice(0, 3)} ${next.slice(3)}`)).status, 200);
    assertProblem(await login(user, next), 401, { code: 'invalid_credentials' });
  });

  test('is enrolled with the password, which a stolen token does not tell', async () => {
    const user = await server.newUser();
    assertProblem(await mine('POST', user, '', { current_password: 'a wrong guess' }), 401, { code: 'invalid_credentials' });
    assertProblem(await mine('POST', user, '', {}), 422, { pointers: ['/current_password'] });
    assertProblem(await mine('POST', user, '/confirm', { code: '123456' }), 404);
  });

  test('says nothing about itself to whoever does not know the password', async () => {
    const user = await newEnrolled();
    const guess = (username, code) => server.api('POST', '/login', { body: { username, password: 'a wrong guess', code } });
    const answers = await Promise.all([guess(user.username), guess(user.username, user.app.code()), guess('nobody-here')]);
    const said = answers.map((answer) => {
      const { trace_id, ...problem } = assertProblem(answer, 401, { code: 'invalid_credentials' });
      return problem;
    });
    assert.deepEqual(said[1], said[0]);
    assert.deepEqual(said[2], said[0]);
  });

  test('comes as a picture that holds the same address', needsJsqr, async () => {
    const user = await server.newUser();
    const { body } = await mine('POST', user);
    const [head, picture] = body.qr_code.split(',');
    assert.equal(head, 'data:image/svg+xml;base64');
    assert.equal(readQrCode(Buffer.from(picture, 'base64').toString()), body.otpauth_uri);

    const address = new URL(body.otpauth_uri);
    assert.equal(address.protocol, 'otpauth:');
    assert.equal(address.host, 'totp');
    assert.equal(decodeURIComponent(address.pathname), `/Balcão:${user.username}`);
    assert.deepEqual(Object.fromEntries(address.searchParams), {
      secret: body.secret, issuer: 'Balcão', algorithm: 'SHA1', digits: '6', period: '30',
    });
  });

  test('is replaced until it is confirmed, and not after', async () => {
    const user = await server.newUser();
    const first = new Authenticator((await mine('POST', user)).body.secret);
    const second = new Authenticator((await mine('POST', user)).body.secret);
    assertProblem(await mine('POST', user, '/confirm', { code: first.code() }), 422, { pointers: ['/code'] });
    assert.equal((await mine('POST', user, '/confirm', { code: second.code() })).status, 200);
    assertProblem(await mine('POST', user), 409, { code: 'second_factor_enrolled' });
    assertProblem(await mine('POST', user, '/confirm', { code: second.code() }), 409, { code: 'second_factor_enrolled' });
  });

  test('takes each code once, of nine logins at once', async () => {
    for (const kind of ['app', 'recovery']) {
      const user = await newEnrolled();
      const code = kind === 'app' ? user.app.code() : user.recoveryCodes[0];
      const answers = await Promise.all(Array.from({ length: 9 }, () => login(user, code)));
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, ...Array(8).fill(401)], kind);
    }
  });

  test('gives new recovery codes for a code, and the old ones are void', async () => {
    const user = await newEnrolled();
    assertProblem(await mine('POST', user, '/recovery-codes', { code: user.app.wrongCode() }), 422, { pointers: ['/code'] });
    const { status, body } = await mine('POST', user, '/recovery-codes', { code: user.app.code() });
    assert.equal(status, 200);
    assert.equal((await mine('GET', user)).body.recovery_codes_left, 10);
    assertProblem(await login(user, user.recoveryCodes[0]), 401);
    assert.equal((await login(user, body.recovery_codes[0].toUpperCase())).status, 200);
    assert.equal((await mine('GET', user)).body.recovery_codes_left, 9);
  });

  test('is removed with a code of either kind', async () => {
    const user = await newEnrolled();
    assertProblem(await mine('DELETE', user, '', { code: 'nonsense' }), 422, { pointers: ['/code'] });
    assertProblem(await mine('DELETE', user, '', {}), 422, { pointers: ['/code'] });
    assert.equal((await mine('DELETE', user, '', { code: user.recoveryCodes[0] })).status, 204);
    assert.equal((await login(user)).status, 200);
    assertProblem(await mine('DELETE', user, '', { code: user.recoveryCodes[1] }), 404);
    const again = await newEnrolled();
    assert.equal((await mine('DELETE', again, '', { code: again.app.code() })).status, 204);
  });

  test('is removed by an administrator, whoever else may not', async () => {
    const user = await newEnrolled();
    const other = await server.newUser();
    const path = `/users/${user.id}/second-factor`;
    for (const token of [other.token, user.token]) assertProblem(await server.api('DELETE', path, { token }), 403);
    assertProblem(await server.api('DELETE', path), 401);
    const { token } = await server.newAdministrator();
    assert.equal((await server.api('DELETE', path, { token })).status, 204);
    assertProblem(await server.api('DELETE', path, { token }), 404);
    assert.equal((await login(user)).status, 200);
  });

  test('is removed on the command line', async () => {
    const user = await newEnrolled();
    const reset = await server.run('user', 'reset-second-factor', user.username);
    assert.equal(reset.code, 0, reset.stderr);
    assert.equal((await login(user)).status, 200);
    assert.notEqual((await server.run('user', 'reset-second-factor', user.username)).code, 0);
    assert.notEqual((await server.run('user', 'reset-second-factor', 'nobody-here')).code, 0);
  });

  test('is guessed at ten times, whatever the guesses are for', async () => {
    const user = await newEnrolled();
    const guesses = Array.from({ length: 30 }, (_, i) => (i % 2 === 0
      ? login(user, user.app.wrongCode())
      : mine('DELETE', user, '', { code: user.app.wrongCode() })));
    const statuses = (await Promise.all(guesses)).map((answer) => answer.status);
    const checked = statuses.filter((status) => status === 401 || status === 422).length;
    // A Redis that does not answer in time is not waited for: the process then counts alone, and allows itself a quarter.
    if (sharesCounters) assert.ok(checked >= 1 && checked <= 12, statuses.join());
    else assert.equal(checked, 10, statuses.join());
    const late = await login(user, user.app.code());
    assertProblem(late, 429);
    assert.ok(Number(late.headers.get('retry-after')) >= 1);
    assertProblem(await login(user), 401, { code: 'second_factor_required' });
  });

  test('leaves a trail that holds no code', async () => {
    const user = await newEnrolled();
    await login(user, user.app.wrongCode());
    await login(user, user.recoveryCodes[0]);
    await mine('DELETE', user, '', { code: user.recoveryCodes[1] });
    const trail = await server.query(`SELECT event, address, details FROM audit WHERE user_id = '${user.id}' ORDER BY id`, 'auth');
    const events = trail.split('\n').map((line) => line.split('|')[0]).filter((event) => /second_factor|recovery/.test(event));
    assert.deepEqual(events, [
      'second_factor_enrolled', 'second_factor_failed', 'recovery_code_used', 'recovery_code_used', 'second_factor_removed',
    ]);
    assert.ok(!trail.includes(user.recoveryCodes[0].slice(0, 5)));
  });

  test('is for users alone', async () => {
    for (const [method, rest] of [['GET', ''], ['POST', ''], ['POST', '/confirm'], ['POST', '/recovery-codes'], ['DELETE', '']]) {
      assertProblem(await server.api(method, `/me/second-factor${rest}`), 401);
    }
  });
});

describe('the secret of a second factor, with KEY_ENCRYPTION_KEY', () => {
  const [oldKey, newKey] = ['an old key of thirty-two bytes ...', 'a new key of thirty-two bytes ....'];
  const server = serverForSuite({ env: { KEY_ENCRYPTION_KEY: oldKey } });
  const hex = (process.env.BALCAO_TEST_ENGINE ?? 'sqlite') === 'sqlite' ? 'hex(secret)' : "encode(secret, 'hex')";
  const stored = async () => server.query(`SELECT ${hex} FROM second_factors`, 'auth');

  async function restartWith(keys) {
    await server.stop();
    for (const one of server.processes) one.env.KEY_ENCRYPTION_KEY = keys;
    await server.restart();
  }

  test('rests sealed, and under a new key once every process has been restarted', async () => {
    const user = await server.newUser();
    const mine = (path, body) => server.api('POST', `/me/second-factor${path}`, { token: user.token, body });
    const begun = (await mine('', { current_password: password })).body;
    const app = new Authenticator(begun.secret);
    const { recovery_codes: codes } = (await mine('/confirm', { code: app.code() })).body;
    const login = (code) => server.api('POST', '/login', { body: { username: user.username, password, code } });

    const before = await stored();
    assert.ok(!before.toLowerCase().includes(app.key.toString('hex')), 'the secret is not in the database');
    assert.equal((await login(codes[0])).status, 200);

    await restartWith(`${newKey},${oldKey}`);
    await until(async () => (await stored()) !== before, 'it is sealed anew');
    await restartWith(newKey);
    assert.equal((await login(app.code())).status, 200);
    assert.equal((await login(codes[1])).status, 200);
  });
});

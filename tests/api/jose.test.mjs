import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, test } from 'node:test';

import { serverForSuite } from './harness/suite.mjs';

// Our tokens under other people's libraries. Node's own crypto (OpenSSL) is always there; the packages of
// tests/package.json are, wherever npm can fetch them.
const jose = await import('jose').catch(() => undefined);
const jsonwebtoken = (await import('jsonwebtoken').catch(() => undefined))?.default;
const needs = (library) => ({ skip: library ? false : 'the npm package could not be fetched (npm ci in tests/)' });

const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

function checkClaims(header, claims, user, algorithms) {
  assert.equal(header.typ, 'at+jwt');
  assert.ok(algorithms.includes(header.alg), header.alg);
  for (const name of ['iss', 'sub', 'aud', 'exp', 'iat', 'jti', 'sid', 'client_id', 'scope', 'role']) {
    assert.ok(name in claims, `${name} in ${JSON.stringify(claims)}`);
  }
  assert.equal(claims.sub, user.id);
  assert.equal(claims.sid, user.sessionId);
  assert.equal(claims.role, 'user');
  assert.equal(claims.exp - claims.iat, 900);
}

describe('tokens under JWT_SECRET', () => {
  const secret = 'a secret of more than thirty-two bytes, ção';
  const server = serverForSuite({ env: { JWT_SECRET: secret } });

  test("verify with Node's crypto: the secret's raw bytes are the key", async () => {
    const user = await server.newUser();
    const [header, payload, signature] = user.token.split('.');
    assert.equal(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url'), signature);
    checkClaims(decode(header), decode(payload), user, ['HS256']);
  });

  test('verify with jose', needs(jose), async () => {
    const user = await server.newUser();
    const { iss, aud } = jose.decodeJwt(user.token);
    const { payload, protectedHeader } = await jose.jwtVerify(user.token, Buffer.from(secret), {
      algorithms: ['HS256'], typ: 'at+jwt', issuer: iss, audience: aud,
    });
    checkClaims(protectedHeader, payload, user, ['HS256']);
    await assert.rejects(jose.jwtVerify(user.token, Buffer.from(`${secret}x`)));
  });

  test('verify with jsonwebtoken', needs(jsonwebtoken), async () => {
    const user = await server.newUser();
    const { header, payload } = jsonwebtoken.verify(user.token, secret, { algorithms: ['HS256'], complete: true });
    checkClaims(header, payload, user, ['HS256']);
  });

  test('the published key set is empty', async () => {
    const response = await server.api('GET', '/.well-known/jwks.json');
    assert.equal(response.status, 200, response.text);
    assert.deepEqual(JSON.parse(response.text), { keys: [] });
  });

  test('forgeries are refused', async () => {
    const { token } = await server.newUser();
    const [header, payload, signature] = token.split('.');
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const sign = (signed, key = secret) => `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
    const claims = decode(payload);
    assert.equal((await server.api('GET', '/me', { token: sign(`${header}.${payload}`) })).status, 200, 'the forger can sign');
    const forgeries = {
      'no algorithm': `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
      'another secret': sign(`${header}.${payload}`, 'another secret'),
      'another role': `${header}.${encode({ ...claims, role: 'admin' })}.${signature}`,
      'another type': sign(`${encode({ alg: 'HS256', typ: 'JWT' })}.${payload}`),
      'expired': sign(`${header}.${encode({ ...claims, exp: claims.iat - 1 })}`),
      'exp as text': sign(`${header}.${encode({ ...claims, exp: String(claims.exp) })}`),
      'no exp': sign(`${header}.${encode({ ...claims, exp: undefined })}`),
      'another audience': sign(`${header}.${encode({ ...claims, aud: 'elsewhere' })}`),
      'another issuer': sign(`${header}.${encode({ ...claims, iss: 'elsewhere' })}`),
      'its own key': sign(`${encode({ alg: 'HS256', typ: 'at+jwt', jwk: { kty: 'oct', k: 'eA' } })}.${payload}`, 'x'),
    };
    for (const [what, forgery] of Object.entries(forgeries)) {
      assert.equal((await server.api('GET', '/me', { token: forgery })).status, 401, what);
    }
  });
});

describe('tokens under the keys that Auth owns', () => {
  const server = serverForSuite();
  const algorithms = ['EdDSA', 'Ed25519'];

  async function publishedKeys() {
    const response = await server.api('GET', '/.well-known/jwks.json');
    assert.equal(response.status, 200, response.text);
    assert.match(response.headers.get('cache-control') ?? '', /max-age=\d+/);
    return JSON.parse(response.text).keys;
  }

  test("verify with Node's crypto by the published key", async () => {
    const user = await server.newUser();
    const [header, payload, signature] = user.token.split('.');
    const key = (await publishedKeys()).find((candidate) => candidate.kid === decode(header).kid);
    assert.deepEqual([key.kty, key.crv, key.use], ['OKP', 'Ed25519', 'sig']);
    assert.ok(!('d' in key), 'the private part stays at home');
    const publicKey = createPublicKey({ format: 'jwk', key });
    assert.ok(verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url')));
    checkClaims(decode(header), decode(payload), user, algorithms);
  });

  test('verify with jose by /.well-known/jwks.json', needs(jose), async () => {
    const user = await server.newUser();
    const { iss, aud } = jose.decodeJwt(user.token);
    const keys = jose.createRemoteJWKSet(new URL('/.well-known/jwks.json', server.url));
    const { payload, protectedHeader } = await jose.jwtVerify(user.token, keys, { typ: 'at+jwt', issuer: iss, audience: aud });
    checkClaims(protectedHeader, payload, user, algorithms);
  });

  test('the public key is no HMAC secret', async () => {
    const { token } = await server.newUser();
    const [header, payload] = token.split('.');
    const [key] = await publishedKeys();
    const forgedHeader = Buffer.from(JSON.stringify({ ...decode(header), alg: 'HS256' })).toString('base64url');
    const pem = createPublicKey({ format: 'jwk', key }).export({ type: 'spki', format: 'pem' });
    for (const secret of [pem, key.x, Buffer.from(key.x, 'base64url')]) {
      const signature = createHmac('sha256', secret).update(`${forgedHeader}.${payload}`).digest('base64url');
      assert.equal((await server.api('GET', '/me', { token: `${forgedHeader}.${payload}.${signature}` })).status, 401);
    }
  });
});

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

// Other people's OAuth clients, as their manuals have it. They need WebCrypto, which Node has by itself from 20 on.
const has = async (name) => (globalThis.crypto?.subtle ? import(name).catch(() => undefined) : undefined);
const oauth = await has('oauth4webapi');
const openid = await has('openid-client');
const jose = await has('jose');
const needs = (...libraries) => ({
  skip: libraries.every(Boolean) ? false : 'an npm package could not be fetched (npm ci in tests/), or Node is older than 20',
});

describe("other people's OAuth clients", () => {
  const server = serverForSuite();
  let program, issuer;

  before(async () => {
    program = await server.newServiceAccount('products:write', 'payments:read');
    const metadata = await server.api('GET', '/.well-known/oauth-authorization-server');
    assert.equal(metadata.status, 200, metadata.text);
    assert.equal(metadata.headers.get('cache-control'), 'public, max-age=300');
    issuer = new URL(metadata.body.issuer);
  });

  const insecure = () => ({ [oauth.allowInsecureRequests]: true });

  async function discover() {
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure() });
    return oauth.processDiscoveryResponse(issuer, response);
  }

  const refused = (token) =>
    until(async () => (await server.api('POST', '/products', { token, body: {} })).status === 401, 'the token is refused');

  for (const method of ['ClientSecretBasic', 'ClientSecretPost']) {
    test(`oauth4webapi goes the whole way with ${method}`, needs(oauth), async () => {
      const as = await discover();
      const client = { client_id: program.id };
      const authentication = oauth[method](program.secret);
      const granted = await oauth.processClientCredentialsResponse(as, client,
        await oauth.clientCredentialsGrantRequest(as, client, authentication, { scope: 'products:write' }, insecure()));
      assert.equal(granted.scope, 'products:write');
      assert.equal(granted.expires_in, 900);
      const { access_token: token } = granted;

      const call = new Request(new URL('/products', server.url), { headers: { authorization: `Bearer ${token}` } });
      const claims = await oauth.validateJwtAccessToken(as, call, 'balcao', insecure());
      assert.equal(claims.sub, program.id);
      assert.equal(claims.client_id, program.id);
      assert.equal(claims.scope, 'products:write');

      const introspect = async () => oauth.processIntrospectionResponse(as, client,
        await oauth.introspectionRequest(as, client, authentication, token, insecure()));
      const { active, sub, jti, iss } = await introspect();
      assert.deepEqual({ active, sub, jti, iss }, { active: true, sub: program.id, jti: claims.jti, iss: as.issuer });

      const revoke = async () => oauth.processRevocationResponse(
        await oauth.revocationRequest(as, client, authentication, token, insecure()));
      await revoke();
      assert.deepEqual(await introspect(), { active: false });
      await revoke();
      await refused(token);
    });
  }

  test('oauth4webapi understands refusals', needs(oauth), async () => {
    const as = await discover();
    const client = { client_id: program.id };
    const grant = async (secret, parameters) => oauth.processClientCredentialsResponse(as, client,
      await oauth.clientCredentialsGrantRequest(as, client, oauth.ClientSecretBasic(secret), parameters, insecure()));
    await assert.rejects(grant(program.secret, { scope: 'users:read' }), (fault) =>
      fault instanceof oauth.ResponseBodyError && fault.error === 'invalid_scope' && fault.status === 400);
    await assert.rejects(grant('wrong', {}), (fault) =>
      fault instanceof oauth.WWWAuthenticateChallengeError && fault.status === 401 && fault.cause[0].scheme === 'basic');
  });

  test('openid-client goes the whole way', needs(openid), async () => {
    const config = await openid.discovery(issuer, program.id, undefined, openid.ClientSecretPost(program.secret), {
      algorithm: 'oauth2', execute: [openid.allowInsecureRequests],
    });
    const { access_token: token, scope } = await openid.clientCredentialsGrant(config);
    assert.equal(scope, 'payments:read products:write');
    const customers = await openid.fetchProtectedResource(config, token, new URL('/stripe/clients', server.url), 'GET');
    assert.equal(customers.status, 200);
    assert.equal((await openid.tokenIntrospection(config, token)).active, true);
    await openid.tokenRevocation(config, token);
    assert.equal((await openid.tokenIntrospection(config, token)).active, false);
    await refused(token);
    await assert.rejects(openid.clientCredentialsGrant(config, { scope: 'users:read' }), { error: 'invalid_scope' });
  });

  test('jose verifies the token with the keys that the metadata leads to', needs(oauth, jose), async () => {
    const as = await discover();
    const keys = jose.createRemoteJWKSet(new URL(as.jwks_uri));
    const { payload, protectedHeader } = await jose.jwtVerify(await server.newServiceToken(program), keys, {
      issuer: as.issuer, audience: 'balcao', typ: 'at+jwt', subject: program.id,
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti', 'sid', 'scope', 'role'], // RFC 9068 §2.2
    });
    assert.equal(payload.role, 'service');
    assert.equal(protectedHeader.typ, 'at+jwt');
  });

  test('the metadata promises what there is', async () => {
    const { body } = await server.api('GET', '/.well-known/oauth-authorization-server');
    const { paths, components } = (await server.api('GET', '/openapi.json')).body;
    const base = body.issuer;
    for (const name of ['token_endpoint', 'introspection_endpoint', 'revocation_endpoint']) {
      assert.ok(body[name].startsWith(`${base}/`), body[name]);
      assert.ok(paths[body[name].slice(base.length)].post, body[name]);
    }
    for (const name of ['jwks_uri', 'service_documentation']) assert.ok(paths[body[name].slice(base.length)].get, body[name]);
    assert.deepEqual(body.grant_types_supported, ['client_credentials']);
    assert.deepEqual(body.response_types_supported, []);
    assert.deepEqual(body.token_endpoint_auth_methods_supported, ['client_secret_basic', 'client_secret_post']);
    for (const scope of Object.keys(components.securitySchemes.service_account.flows.clientCredentials.scopes)) {
      assert.ok(body.scopes_supported.includes(scope), scope);
    }
  });
});

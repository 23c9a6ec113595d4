import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { serverForSuite } from './harness/suite.mjs';

const unknown = '0190a5d0-0000-7000-8000-000000000000';
const nowhere = 'http://127.0.0.1:1/hook';
const scopes = ['orders:read', 'orders:write', 'payments:read', 'payments:write', 'products:write', 'users:read'];

// Who asks, in the order of the table: `owner` is whose thing it is; `scoped` is a service account with every scope, and
// `unscoped` one with every scope but that of the route.
const callers = ['nobody', 'other', 'owner', 'administrator', 'scoped', 'unscoped'];
const anyone = (status) => Array(6).fill(status);
const user = (status) => [401, status, status, status, 403, 403];
const administrator = (status) => [401, 403, 403, status, 403, 403];

let count = 0;
const newName = () => `matrix-${process.pid}-${++count}`;
const form = (fields) => new URLSearchParams(fields);

const newKey = () => ({ 'Idempotency-Key': newName() });
const newPage = () => ({ amount: 100, success_url: 'https://shop.example/ok', cancel_url: 'https://shop.example/no' });

// Every route: what it answers to each caller. `path` and `body` make what is asked for anew for each of them, and where
// the call is the caller's last one, somebody like him makes it.
const routes = {
  'POST /register': { statuses: anyone(201), body: () => ({ username: newName(), password }) },
  'POST /login': { statuses: anyone(200), body: () => ({ username: owner.username, password }) },
  'POST /refresh': { statuses: anyone(401), body: () => ({ refresh_token: 'nonsense' }) },
  'POST /logout': { statuses: anyone(401), body: () => ({ Token: 'nonsense' }) },
  'GET /me': { statuses: user(200) },
  'PUT /me/password': { statuses: user(204), body: () => ({ current_password: password, new_password: password }) },
  'DELETE /me': { statuses: user(204), isLast: true },
  'GET /sessions': { statuses: user(200) },
  'DELETE /sessions': { statuses: user(204) },
  'DELETE /sessions/{id}': {
    statuses: [401, 404, 204, 404, 403, 403], path: async () => (await server.newSession(owner.username)).sessionId,
  },
  'GET /me/second-factor': { statuses: user(200) },
  'POST /me/second-factor': { statuses: user(201), body: () => ({ current_password: password }) },
  'POST /me/second-factor/confirm': { statuses: [401, 422, 422, 422, 403, 403], body: () => ({ code: 'nonsense' }) },
  'POST /me/second-factor/recovery-codes': { statuses: user(404), body: () => ({ code: 'nonsense' }) },
  'DELETE /me/second-factor': { statuses: user(404), body: () => ({ code: 'nonsense' }) },
  'DELETE /users/{id}/second-factor': { statuses: administrator(204), path: async () => (await userWithSecondFactor()).id },
  'GET /users': { statuses: [401, 403, 403, 200, 200, 403], scope: 'users:read' },
  'GET /users/{id}': { statuses: [401, 403, 403, 200, 200, 403], scope: 'users:read', path: () => owner.id },
  'PATCH /users/{id}': { statuses: administrator(200), path: () => owner.id, body: () => ({ disabled: false }) },
  'DELETE /users/{id}/sessions': { statuses: administrator(204), path: async () => (await server.newUser()).id },
  'GET /audit': { statuses: [401, 403, 403, 200, 200, 403], scope: 'users:read' },
  'GET /setup': { statuses: anyone(403) },
  'POST /setup': { statuses: anyone(403), body: () => form({ token: 'nonsense', username: newName(), password }) },
  'GET /service-accounts': { statuses: administrator(200) },
  'POST /service-accounts': { statuses: administrator(201), body: () => ({ name: newName(), scopes: [] }) },
  'GET /service-accounts/{id}': { statuses: administrator(200), path: () => robot.id },
  'PATCH /service-accounts/{id}': { statuses: administrator(200), path: () => robot.id, body: () => ({ scopes: [] }) },
  'POST /service-accounts/{id}/secret': { statuses: administrator(200), path: () => robot.id },
  // These authenticate clients, whose credentials nobody shows here; introspection takes a token in their place.
  'POST /token': { statuses: anyone(401), body: () => form({ grant_type: 'client_credentials' }) },
  'POST /introspect': { statuses: [401, 401, 401, 200, 200, 200], body: () => form({ token: 'nonsense' }) },
  'POST /revoke': { statuses: anyone(401), body: () => form({ token: 'nonsense' }) },
  'GET /.well-known/jwks.json': { statuses: anyone(200) },
  'GET /.well-known/oauth-authorization-server': { statuses: anyone(200) },
  'GET /stripe/clients': { statuses: [401, 200, 200, 200, 200, 403], scope: 'payments:read' },
  'POST /stripe/clients': {
    statuses: [401, 201, 201, 201, 201, 403], scope: 'payments:write',
    body: () => ({ email: 'somebody@example.com', name: 'Somebody' }),
  },
  'GET /stripe/clients/{id}': { statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => client.id },
  'PATCH /stripe/clients/{id}': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:write', path: () => client.id, body: () => ({ name: 'Owned' }),
  },
  'DELETE /stripe/clients/{id}': {
    statuses: [401, 404, 204, 204, 404, 403], scope: 'payments:write', path: async () => (await newClient()).id,
  },
  'GET /payments': { statuses: [401, 200, 200, 200, 200, 403], scope: 'payments:read' },
  'POST /payments': {
    statuses: [401, 201, 201, 201, 201, 403], scope: 'payments:write', headers: newKey, body: () => ({ amount: 100 }),
  },
  'GET /payments/{id}': { statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => payment.id },
  'GET /payments/{id}/attempts': { statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => payment.id },
  'GET /payments/{id}/refunds': { statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => payment.id },
  'GET /payments/{id}/disputes': { statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => payment.id },
  'GET /payments/{id}/refunds/{refund_id}': {
    statuses: [401, 404, 404, 404, 404, 403], scope: 'payments:read', path: () => payment.id,
  },
  'POST /payments/{id}/refunds': {
    statuses: [401, 404, 409, 409, 404, 403], scope: 'payments:write', path: () => payment.id, headers: newKey, body: () => ({}),
  },
  'POST /payments/{id}/confirm': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:write', path: async () => (await newPayment()).id,
    body: () => ({ payment_method: 'pm_card_visa' }),
  },
  'POST /payments/{id}/capture': { statuses: [401, 404, 409, 409, 404, 403], scope: 'payments:write', path: () => payment.id },
  'POST /payments/{id}/cancel': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:write', path: async () => (await newPayment()).id,
  },
  'POST /checkout': { statuses: [401, 201, 201, 201, 201, 403], scope: 'payments:write', headers: newKey, body: newPage },
  'GET /checkout/{id}': { statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => checkout.id },
  'POST /stripe/webhook': { statuses: anyone(400) },
  'GET /webhook-endpoints': { statuses: [401, 200, 200, 200, 200, 403], scope: 'payments:read' },
  'POST /webhook-endpoints': {
    statuses: [401, 201, 201, 201, 201, 403], scope: 'payments:write', body: () => ({ url: nowhere }),
  },
  'GET /webhook-endpoints/{id}': { statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => hook.id },
  'PATCH /webhook-endpoints/{id}': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:write', path: () => hook.id, body: () => ({ description: 'x' }),
  },
  'DELETE /webhook-endpoints/{id}': { statuses: [401, 404, 204, 204, 404, 403], scope: 'payments:write', path: newHook },
  'POST /webhook-endpoints/{id}/rotate-secret': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:write', path: () => hook.id,
  },
  'POST /webhook-endpoints/{id}/test': {
    statuses: [401, 404, 202, 202, 404, 403], scope: 'payments:write', path: () => hook.id,
  },
  'POST /webhook-endpoints/{id}/replay': {
    statuses: [401, 404, 202, 202, 404, 403], scope: 'payments:write', path: () => hook.id,
    body: () => ({ since: '2026-01-01T00:00:00Z' }),
  },
  'GET /webhook-endpoints/{id}/deliveries': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => hook.id,
  },
  'GET /webhook-endpoints/{id}/deliveries/{message}': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'payments:read', path: () => hook.id,
  },
  'POST /webhook-endpoints/{id}/deliveries/{message}/replay': {
    statuses: [401, 404, 202, 202, 404, 403], scope: 'payments:write', path: () => hook.id,
  },
  'GET /orders': { statuses: [401, 200, 200, 200, 200, 403], scope: 'orders:read' },
  'POST /orders': {
    statuses: [401, 201, 201, 201, 201, 403], scope: 'orders:write', headers: newKey, body: () => ({ items: [{ product_id: piece, quantity: 1 }] }),
  },
  'GET /orders/{id}': { statuses: [401, 404, 200, 200, 404, 403], scope: 'orders:read', path: () => order.id },
  'POST /orders/{id}/cancel': {
    statuses: [401, 404, 200, 200, 404, 403], scope: 'orders:write', path: async () => (await newOrder()).id,
  },
  'GET /products': { statuses: anyone(200) },
  'POST /products': {
    statuses: [401, 201, 201, 201, 201, 403], scope: 'products:write', body: () => ({ name: 'Café', price: 1990 }),
  },
  'POST /products/import': {
    statuses: [401, 200, 200, 200, 200, 403], scope: 'products:write', headers: () => ({ 'content-type': 'text/csv' }),
    body: () => 'name,price\nCafé,1990\n',
  },
  'GET /products/export': { statuses: [401, 200, 200, 200, 200, 403], scope: 'products:write' },
  'GET /products/{id}': { statuses: anyone(200), path: newProduct },
  'PUT /products/{id}': {
    statuses: [401, 403, 200, 200, 403, 403], scope: 'products:write', path: newProduct, body: () => ({ price: 1 }),
  },
  'PATCH /products/{id}': {
    statuses: [401, 403, 200, 200, 403, 403], scope: 'products:write', path: newProduct, body: () => ({ price: 1 }),
  },
  'DELETE /products/{id}': { statuses: [401, 403, 204, 204, 403, 403], scope: 'products:write', path: newProduct },
  'GET /livez': { statuses: anyone(200) },
  'GET /readyz': { statuses: anyone(200) },
  'GET /version': { statuses: anyone(200) },
  'GET /openapi.json': { statuses: anyone(200) },
};

let server, owner, other, robot, client, hook, message, payment, checkout, piece, order;
const tokens = {};
const withoutScope = {};

async function newProduct() {
  return (await server.newProduct(owner.token)).id;
}

async function newOrder() {
  const body = { items: [{ product_id: piece, quantity: 1 }] };
  const made = await server.api('POST', '/orders', { token: owner.token, headers: newKey(), body });
  assert.equal(made.status, 201, made.text);
  return made.body;
}

async function newClient() {
  const made = await server.api('POST', '/stripe/clients', {
    token: owner.token, body: { email: 'owner@example.com', name: 'Owner' },
  });
  assert.equal(made.status, 201, made.text);
  return made.body;
}

async function newPayment() {
  const made = await server.api('POST', '/payments', { token: owner.token, headers: newKey(), body: { amount: 100 } });
  assert.equal(made.status, 201, made.text);
  return made.body;
}

async function newHook() {
  const made = await server.api('POST', '/webhook-endpoints', { token: owner.token, body: { url: nowhere } });
  assert.equal(made.status, 201, made.text);
  return made.body.id;
}

async function userWithSecondFactor() {
  const user = await server.newUser();
  const begun = await server.api('POST', '/me/second-factor', { token: user.token, body: { current_password: password } });
  assert.equal(begun.status, 201, begun.text);
  return user;
}

const tokenOf = (caller, scope) => (caller === 'unscoped' ? withoutScope[scope] ?? tokens.scoped : tokens[caller]);

async function tokenOfAnother(caller) {
  if (['owner', 'other'].includes(caller)) return (await server.newUser()).token;
  return caller === 'administrator' ? (await server.newAdministrator()).token : tokenOf(caller);
}

describe('access', () => {
  server = serverForSuite();
  before(async () => {
    [owner, other, robot] = [await server.newUser(), await server.newUser(), await server.newServiceAccount()];
    Object.assign(tokens, {
      owner: owner.token, other: other.token, administrator: (await server.newAdministrator()).token,
      scoped: (await server.newServiceAccount(...scopes)).token,
    });
    for (const scope of scopes) {
      withoutScope[scope] = (await server.newServiceAccount(...scopes.filter((one) => one !== scope))).token;
    }
    client = await newClient();
    piece = await newProduct();
    order = await newOrder();
    payment = await newPayment();
    const page = await server.api('POST', '/checkout', { token: owner.token, headers: newKey(), body: newPage() });
    assert.equal(page.status, 201, page.text);
    checkout = page.body;
    hook = { id: await newHook() };
    const tested = await server.api('POST', `/webhook-endpoints/${hook.id}/test`, { token: owner.token });
    assert.equal(tested.status, 202, tested.text);
    message = tested.body.id;
  });

  describe('who may call what', () => {
    test('is said for every route that there is', async () => {
      const { paths } = (await server.api('GET', '/openapi.json')).body;
      const existing = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
      assert.deepEqual(Object.keys(routes).sort(), existing.sort());
    });

    for (const [route, rule] of Object.entries(routes)) {
      const { statuses, scope, path = () => unknown, body = () => undefined, headers, isLast } = rule;
      test(`${route}`, async () => {
        const [method, template] = route.split(' ');
        for (const [i, caller] of callers.entries()) {
          const filled = template.replace('{id}', await path()).replace('{message}', message).replace('{refund_id}', unknown);
          const response = await server.api(method, filled, {
            token: isLast ? await tokenOfAnother(caller) : tokenOf(caller, scope), body: body(), headers: headers?.(),
          });
          assert.equal(response.status, statuses[i], `${caller}: ${response.status} ${response.text}`);
          if (statuses[i] === 403 && caller === 'unscoped' && scope) {
            assert.match(response.headers.get('www-authenticate'), new RegExp(`error="insufficient_scope", scope="${scope}"`));
          }
        }
      });
    }

    test('is written in the OpenAPI document', async () => {
      const { paths } = (await server.api('GET', '/openapi.json')).body;
      for (const [route, { scope, statuses }] of Object.entries(routes)) {
        const [method, path] = route.split(' ');
        const { security } = paths[path][method.toLowerCase()];
        // What lets in everyone alike is not the guard's, nor is introspection, which looks at who asks by itself.
        const isOpen = new Set(statuses).size === 1 || path === '/introspect';
        const expected = [{ bearer: [] }, ...(scope ? [{ service_account: [scope] }] : [])];
        assert.deepEqual(security, isOpen ? undefined : expected, route);
      }
    });
  });

  describe('a service account', () => {
    test('owns what it makes, and changes it', async () => {
      const { id, token } = await server.newServiceAccount('products:write');
      const product = await server.newProduct(token);
      assert.equal(product.owner_id, id);
      const changed = await server.api('PUT', `/products/${product.id}`, { token, body: { price: 1 } });
      assert.equal(changed.status, 200, changed.text);
      assert.equal((await server.api('DELETE', `/products/${product.id}`, { token })).status, 204);
    });

    test('sees its own customers alone', async () => {
      const { token } = await server.newServiceAccount('payments:read', 'payments:write');
      const made = await server.api('POST', '/stripe/clients', { token, body: { email: 'p@example.com', name: 'P' } });
      assert.equal(made.status, 201, made.text);
      const { body } = await server.api('GET', '/stripe/clients', { token });
      assert.deepEqual(body.data.map(({ id }) => id), [made.body.id]);
    });
  });

  describe("another's thing", () => {
    // The trace is given, so that two answers can be the same; the path is the only thing that differs.
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

    async function answerTo(method, path, id, token) {
      const response = await server.api(method, `${path}/${id}`, { token, headers: { traceparent } });
      const headers = Object.fromEntries(response.headers);
      delete headers.date;
      return { status: response.status, headers, text: response.text.replaceAll(id, '{id}') };
    }

    test('is as unknown as one that does not exist, to the byte', async () => {
      const { sessionId } = await server.newSession(owner.username);
      for (const [method, path, id, token] of [
        ['GET', '/stripe/clients', client.id, tokens.other],
        ['GET', '/stripe/clients', client.id, tokens.scoped],
        ['DELETE', '/stripe/clients', client.id, tokens.other],
        ['DELETE', '/sessions', sessionId, tokens.other],
        ['DELETE', '/sessions', sessionId, tokens.administrator],
      ]) {
        const foreign = await answerTo(method, path, id, token);
        assert.equal(foreign.status, 404, foreign.text);
        assert.deepEqual(foreign, await answerTo(method, path, unknown, token));
      }
    });
  });
});

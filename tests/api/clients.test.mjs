import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { Server } from './harness/server.mjs';
import { newServer, serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

describe('clients at the sandbox inside serve', () => {
  const server = serverForSuite();
  const create = (token, body) => server.api('POST', '/stripe/clients', { token, body });
  const list = async (token) => (await server.api('GET', '/stripe/clients', { token })).body.data;

  test('are made at the gateway', async () => {
    const { token } = await server.newUser();
    const response = await create(token, { email: 'ana@example.com', name: 'Ana' });
    assert.equal(response.status, 201, response.text);
    const client = response.body;
    assert.deepEqual(Object.keys(client).sort(), ['created_at', 'email', 'gateway_id', 'id', 'name', 'status']);
    assert.deepEqual([client.email, client.name], ['ana@example.com', 'Ana']);
    assert.match(client.gateway_id, /^cus_\w+$/);
    assert.equal(response.headers.get('location'), `/stripe/clients/${client.id}`);
  });

  test('can be made by a form', async () => {
    const { token } = await server.newUser();
    const response = await create(token, new URLSearchParams({ email: 'form@example.com', name: 'José & Filhos' }));
    assert.equal(response.status, 201, response.text);
    assert.equal(response.body.name, 'José & Filhos');
  });

  test('are shown to who made them, and to administrators', async () => {
    const [ana, bob] = [await server.newUser(), await server.newUser()];
    const ofAna = (await create(ana.token, { email: 'of-ana@example.com', name: 'Of Ana' })).body;
    const ofBob = (await create(bob.token, { email: 'of-bob@example.com', name: 'Of Bob' })).body;
    const ids = async (token) => (await list(token)).map((client) => client.id);
    assert.ok((await ids(ana.token)).includes(ofAna.id));
    assert.ok(!(await ids(ana.token)).includes(ofBob.id));
    assert.ok((await ids(bob.token)).includes(ofBob.id));
    assert.ok(!(await ids(bob.token)).includes(ofAna.id));
    const all = await ids((await server.newAdministrator()).token);
    assert.ok(all.includes(ofAna.id) && all.includes(ofBob.id));
  });

  test('page like every list', async () => {
    const { token } = await server.newUser();
    const before = (await list(token)).map((client) => client.id);
    const made = [];
    for (let n = 0; n < 5; ++n) made.unshift((await create(token, { email: `c${n}@example.com`, name: `C${n}` })).body.id);
    const seen = [];
    let query = '?limit=2';
    while (query) {
      const { body } = await server.api('GET', `/stripe/clients${query}`, { token });
      seen.push(...body.data.map((client) => client.id));
      query = body.has_more ? `?limit=2&cursor=${encodeURIComponent(body.next_cursor)}` : '';
    }
    assert.deepEqual(seen.filter((id) => !before.includes(id)).slice(0, 5), made);
    assert.equal(new Set(seen).size, seen.length);
  });

  const refusals = [
    ['no @', { email: 'ana.example.com', name: 'A' }, ['/email']],
    ['an empty e-mail', { email: '', name: 'A' }, ['/email']],
    ['a line break in the e-mail', { email: 'a@example.com\nBcc: b@example.com', name: 'A' }, ['/email']],
    ['an e-mail over 512', { email: `${'a'.repeat(510)}@example.com`, name: 'A' }, ['/email']],
    ['a name over 256', { email: 'a@example.com', name: 'n'.repeat(257) }, ['/name']],
    ['no e-mail', { name: 'A' }, ['/email']],
    ['an unknown field', { email: 'a@example.com', name: 'A', gateway_id: 'cus_mine' }, ['/gateway_id']],
  ];
  for (const [what, body, pointers] of refusals) {
    test(`are refused with ${what}`, async () => {
      const { token } = await server.newUser();
      assertProblem(await create(token, body), 422, { code: 'invalid_fields', pointers });
    });
  }

  test('are changed', async () => {
    const { token } = await server.newUser();
    const made = (await create(token, { email: 'before@example.com', name: 'Before' })).body;
    const path = `/stripe/clients/${made.id}`;
    const named = await server.api('PATCH', path, { token, body: { name: 'After' } });
    assert.equal(named.status, 200, named.text);
    assert.deepEqual(named.body, { ...made, name: 'After' });
    const moved = await server.api('PATCH', path, { token, body: new URLSearchParams({ email: 'after@example.com' }) });
    assert.deepEqual(moved.body, { ...made, name: 'After', email: 'after@example.com' });
    assert.deepEqual((await server.api('GET', path, { token })).body, moved.body);
    assertProblem(await server.api('PATCH', path, { token, body: { name: '', x: 1 } }), 422, { pointers: ['/name', '/x'] });
  });

  test('are deleted, and are then nowhere', async () => {
    const { token } = await server.newUser();
    const { id } = (await create(token, { email: 'gone@example.com', name: 'Gone' })).body;
    const response = await server.api('DELETE', `/stripe/clients/${id}`, { token });
    assert.equal(response.status, 204, response.text);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? { name: 'X' } : undefined;
      assertProblem(await server.api(method, `/stripe/clients/${id}`, { token, body }), 404);
    }
    assert.ok(!(await list(token)).some((client) => client.id === id));
  });

  test("a user's own customer goes with his account alone", async () => {
    const { token, id } = await server.newUser();
    await until(async () => (await server.api('GET', `/stripe/clients/${id}`, { token })).status === 200, 'his customer is known');
    assertProblem(await server.api('DELETE', `/stripe/clients/${id}`, { token }), 409, { code: 'own_client' });
  });

  test('take no card number, wherever and however it is written', async () => {
    const { token } = await server.newUser();
    const { id } = (await create(token, { email: 'card@example.com', name: 'Card' })).body;
    const [number, spaced, path] = ['4242424242424242', '4242-4242 4242-4242', `/stripe/clients/${id}`];
    const email = 'a@example.com';
    const escaped = (name) => ({ body: `{"email":"${email}","name":"${name}"}`, headers: { 'Content-Type': 'application/json' } });
    const refused = [
      ['POST', '/stripe/clients', { body: { email, name: number } }],
      ['POST', '/stripe/clients', { body: { email, name: `my card is ${spaced}.` } }],
      ['POST', '/stripe/clients', { body: { email: `${number}@example.com`, name: 'A' } }],
      ['POST', '/stripe/clients', { body: { email, name: 'A', card: { number } } }],
      ['POST', '/stripe/clients', { body: { email, name: 'A', [number]: 'x' } }],
      ['POST', '/stripe/clients', { body: { email, name: Number(number) } }],
      ['POST', '/stripe/clients', escaped(number.replace('4', '\\u0034'))],
      ['POST', '/stripe/clients', { body: new URLSearchParams({ email, name: spaced }) }],
      ['PATCH', path, { body: { name: number } }],
      ['GET', `/stripe/clients?cursor=${number}`, {}],
      ['GET', `/stripe/clients?${number}=1`, {}],
    ];
    for (const [method, target, options] of refused) {
      const response = await server.api(method, target, { token, ...options });
      assertProblem(response, 422, { code: 'card_number_refused' });
      assert.doesNotMatch(response.text, /42424242|4242[- ]4242/, `${method} ${target}`);
    }
    for (const unknown of [`/stripe/clients/${number}`, `/stripe/nowhere/%34${number.slice(1)}`]) {
      const response = await server.api('GET', unknown, { token });
      assertProblem(response, 404);
      assert.doesNotMatch(response.text, /42424242|4242[- ]4242/, unknown);
    }
    assert.doesNotMatch(server.output(), /4242424242|4242[- ]4242/);
  });

  test('are for members only', async () => {
    assertProblem(await create(undefined, { email: 'a@example.com', name: 'A' }), 401);
    assertProblem(await server.api('GET', '/stripe/clients'), 401);
  });
});

describe('clients at a gateway with faults', () => {
  const gateway = new Server({ command: (port) => ['sandbox', '--port', port] });
  let server;
  before(async () => {
    await gateway.start('/_sandbox/faults');
    server = newServer({ env: { STRIPE_SECRET_KEY: 'sk_test_balcao', STRIPE_API_BASE: gateway.url } });
    await server.start();
  });
  after(async () => {
    await server?.close();
    await gateway.close();
  });

  const create = (token, email) => server.api('POST', '/stripe/clients', { token, body: { email, name: 'Faulty' } });
  const emails = async (token) => (await server.api('GET', '/stripe/clients?limit=100', { token })).body.data.map((c) => c.email);

  async function customersAtGateway(email) {
    const response = await gateway.api('GET', `/v1/customers?email=${encodeURIComponent(email)}`, { token: 'sk_test_balcao' });
    assert.equal(response.status, 200, response.text);
    return response.body.data;
  }

  /** Clients whose answer was 202: what the last test waits for, all together, since their jobs begin a minute later. */
  const pending = [];

  /** The one customer at the gateway with this e-mail, once there is one: its id. */
  async function onlyCustomer(email) {
    await until(async () => (await customersAtGateway(email)).length > 0, `${email} is at the gateway`);
    const customers = await customersAtGateway(email);
    assert.equal(customers.length, 1);
    return customers[0].id;
  }

  async function withFault(fault, times, work, match = 'POST /v1/customers') {
    const body = { match, fault, times };
    const set = await gateway.api('POST', '/_sandbox/faults', { body });
    assert.ok(set.status < 300, set.text);
    try {
      return await work();
    } finally {
      await gateway.api('DELETE', '/_sandbox/faults');
    }
  }

  for (const fault of ['error_500', 'error_500_executed', 'close_before', 'close_after', 'conflict_409']) {
    test(`one ${fault} is overcome, and one customer is made`, async () => {
      const { token } = await server.newUser();
      const email = `${fault}@example.com`;
      const response = await withFault(fault, 1, () => create(token, email));
      assert.ok([201, 202].includes(response.status), response.text);
      const customer = await onlyCustomer(email);
      if (response.status === 202) pending.push({ token, id: response.body.id, email });
      else assert.equal(response.body.gateway_id, customer);
    });
  }

  for (const fault of ['error_500', 'error_500_executed', 'close_before', 'close_after', 'conflict_409']) {
    test(`one ${fault} is overcome by a change`, async () => {
      const { token } = await server.newUser();
      const made = (await create(token, `before-${fault}@example.com`)).body;
      const email = `changed-${fault}@example.com`;
      const change = () => server.api('PATCH', `/stripe/clients/${made.id}`, { token, body: { email } });
      const response = await withFault(fault, 1, change, 'POST /v1/customers/*');
      assert.ok([200, 202].includes(response.status), response.text);
      assert.equal(response.body.email, email);
      assert.equal(await onlyCustomer(email), made.gateway_id);
    });
  }

  test('what is changed and deleted while the gateway is away is so when it is back', async () => {
    const { token } = await server.newUser();
    const [changed, deleted] = [(await create(token, 'changed@example.com')).body, (await create(token, 'deleted@example.com')).body];
    const patch = (body) => server.api('PATCH', `/stripe/clients/${changed.id}`, { token, body });
    await gateway.kill();
    const response = await patch({ name: 'Meanwhile' });
    assert.equal(response.status, 202, response.text);
    assert.equal(response.headers.get('location'), `/stripe/clients/${changed.id}`);
    assert.equal(response.body.name, 'Meanwhile');
    assert.equal((await server.api('DELETE', `/stripe/clients/${deleted.id}`, { token })).status, 204);
    assert.deepEqual(await emails(token), ['changed@example.com']);
    await gateway.restart('/_sandbox/faults');

    await until(async () => (await customersAtGateway('deleted@example.com')).length === 0, 'deleted at the gateway');
    await until(async () => (await patch({ email: 'back@example.com' })).status === 200, 'the change is made');
    assert.deepEqual((await customersAtGateway('back@example.com')).map((customer) => customer.name), ['Meanwhile']);
  });

  test('while the gateway is away, it is said so and the lists go on', async () => {
    const { token } = await server.newUser();
    assert.equal((await create(token, 'before@example.com')).status, 201);
    await gateway.kill();
    const response = await create(token, 'meanwhile@example.com');
    assert.equal(response.status, 202, response.text);
    assert.equal(response.body.status, 'pending');
    assert.ok((await emails(token)).includes('before@example.com'));
    await gateway.restart('/_sandbox/faults');
    pending.push({ token, id: response.body.id, email: 'meanwhile@example.com' });
  });

  test('what could not be finished at once is finished by itself, once', async () => {
    assert.ok(pending.length > 0);
    await Promise.all(pending.map(async ({ token, id, email }) => {
      const client = await until(async () => {
        const { body } = await server.api('GET', `/stripe/clients/${id}`, { token });
        return body.status === 'active' && body;
      }, `${email} is active`, 150_000);
      assert.equal(await onlyCustomer(email), client.gateway_id);
    }));
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

describe('products', () => {
  const server = serverForSuite();
  let seller;
  const asSeller = async () => (seller ??= await server.newUser());
  const create = async (body, token) => server.api('POST', '/products', { body, token: token ?? (await asSeller()).token });
  const read = (id, headers) => server.api('GET', `/products/${id}`, { headers });

  test('are made with defaults, a place and a version', async () => {
    const response = await create({ name: 'Pão de queijo', price: 450 });
    assert.equal(response.status, 201, response.text);
    const product = response.body;
    assert.equal(product.name, 'Pão de queijo');
    assert.equal(product.price, 450);
    assert.equal(product.currency, 'BRL');
    assert.equal(product.active, true);
    assert.equal(response.headers.get('location'), `/products/${product.id}`);
    assert.match(response.headers.get('etag') ?? '', /^"[^"]+"$/);

    const readBack = await read(product.id);
    assert.equal(readBack.status, 200);
    assert.deepEqual(readBack.body, product);
    assert.equal(readBack.headers.get('etag'), response.headers.get('etag'));
  });

  test('keep every field they are given', async () => {
    const fields = {
      name: 'Coffee "Ñandú" 100 % ☕', price: 99_999_999, currency: 'USD', description: 'line one\nline two', stock: 7,
      image_url: 'https://example.com/cup.png', active: true,
    };
    const { body } = await create(fields);
    for (const [name, value] of Object.entries(fields)) assert.deepEqual(body[name], value, name);
  });

  test('can be made by a form', async () => {
    const response = await create(new URLSearchParams({ name: 'Form', price: '1234' }));
    assert.equal(response.status, 201, response.text);
    assert.deepEqual([response.body.name, response.body.price], ['Form', 1234]);
  });

  const refusals = [
    ['a price below zero', { name: 'X', price: -1 }, ['/price']],
    ['a price too high', { name: 'X', price: 100_000_000 }, ['/price']],
    ['a price with a fraction', { name: 'X', price: 1.5 }, ['/price']],
    ['a price as text', { name: 'X', price: '100' }, ['/price']],
    ['no price', { name: 'X' }, ['/price']],
    ['no name', { price: 1 }, ['/name']],
    ['an empty name', { name: '', price: 1 }, ['/name']],
    ['an unknown currency', { name: 'X', price: 1, currency: 'reais' }, ['/currency']],
    ['a stock below zero', { name: 'X', price: 1, stock: -1 }, ['/stock']],
    ['an owner', { name: 'X', price: 1, owner: 'me' }, ['/owner']],
    ['an id', { name: 'X', price: 1, id: '0190a5d0-0000-7000-8000-000000000000' }, ['/id']],
  ];
  for (const [what, body, pointers] of refusals) {
    test(`are refused with ${what}`, async () => {
      assertProblem(await create(body), 422, { code: 'invalid_fields', pointers });
    });
  }

  test('take the bounds of the price', async () => {
    assert.equal((await create({ name: 'Free', price: 0 })).status, 201);
    assert.equal((await create({ name: 'Dear', price: 99_999_999 })).status, 201);
  });

  test('a price past any integer is a wrong price', async () => {
    const { token } = await asSeller();
    for (const price of ['99999999999999999999', '-9223372036854775809']) {
      const body = `{"name":"X","price":${price}}`;
      const response = await server.api('POST', '/products', { token, body, headers: { 'content-type': 'application/json' } });
      assertProblem(response, 422, { pointers: ['/price'] });
    }
  });

  test('are for members only to make', async () => {
    const response = await server.api('POST', '/products', { body: { name: 'X', price: 1 } });
    assertProblem(response, 401, { code: 'unauthorized' });
  });

  test('answer 304 to who has them already', async () => {
    const { body, headers } = await create({ name: 'Cached', price: 1 });
    const etag = headers.get('etag');
    const unchanged = await read(body.id, { 'if-none-match': etag });
    assert.equal(unchanged.status, 304);
    assert.equal(unchanged.text, '');
    assert.equal(unchanged.headers.get('etag'), etag);
    assert.equal((await read(body.id, { 'if-none-match': '"other"' })).status, 200);
  });

  test('unknown ids are 404, whatever they look like', async () => {
    for (const id of ['0190a5d0-0000-7000-8000-000000000000', 'x', '1', '%00', '..%2Fme']) {
      assertProblem(await read(id), 404, { code: 'not_found' });
    }
  });

  test('PUT keeps the fields left out and makes a new version', async () => {
    const { token } = await asSeller();
    const made = await create({ name: 'Before', price: 100, description: 'kept', stock: 3 });
    const path = `/products/${made.body.id}`;
    const response = await server.api('PUT', path, { token, body: { price: 200 } });
    assert.equal(response.status, 200, response.text);
    assert.deepEqual(
      [response.body.name, response.body.price, response.body.description, response.body.stock],
      ['Before', 200, 'kept', 3],
    );
    assert.notEqual(response.headers.get('etag'), made.headers.get('etag'));
    assert.deepEqual((await read(made.body.id)).body, response.body);
    const byForm = await server.api('PUT', path, { token, body: new URLSearchParams({ name: 'After' }) });
    assert.deepEqual([byForm.status, byForm.body.name, byForm.body.price], [200, 'After', 200]);
    assertProblem(await server.api('PUT', path, { token, body: { price: -5 } }), 422, { pointers: ['/price'] });
    assertProblem(await server.api('PUT', path, { token, body: { colour: 'red' } }), 422, { pointers: ['/colour'] });
  });

  test('If-Match: only who saw the last version changes or deletes it', async () => {
    const { token } = await asSeller();
    const made = await create({ name: 'Versioned', price: 1 });
    const path = `/products/${made.body.id}`;
    const first = { 'if-match': made.headers.get('etag') };
    const changed = await server.api('PUT', path, { token, body: { price: 2 }, headers: first });
    assert.equal(changed.status, 200, changed.text);
    assertProblem(await server.api('PUT', path, { token, body: { price: 3 }, headers: first }), 412, { code: 'precondition_failed' });
    assertProblem(await server.api('DELETE', path, { token, headers: first }), 412, { code: 'precondition_failed' });
    const last = { 'if-match': changed.headers.get('etag') };
    assert.equal((await server.api('DELETE', path, { token, headers: last })).status, 204);
  });

  test('If-Match compares strongly; a star is any version that there is', async () => {
    const { token } = await asSeller();
    const { body, headers } = await create({ name: 'Strong', price: 1 });
    const path = `/products/${body.id}`;
    const change = (ifMatch, method = 'PUT') =>
      server.api(method, path, { token, body: method === 'DELETE' ? undefined : { price: 2 }, headers: { 'if-match': ifMatch } });
    const etag = headers.get('etag');
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      for (const tag of [`W/${etag}`, '"other"', '', etag.replaceAll('"', '')]) assertProblem(await change(tag, method), 412, { code: 'precondition_failed' });
    }
    assert.equal((await change(`"other", ${etag}`)).status, 200);
    assert.equal((await change('*')).status, 200);
    assert.equal((await change('*', 'DELETE')).status, 204);
    assertProblem(await change('*'), 404);
  });

  test('PATCH merges: null removes, a value replaces, what is left out stays', async () => {
    const { token } = await asSeller();
    const full = { name: 'Caneca', price: 100, description: 'azul', stock: 3, image_url: 'https://example.com/x.png' };
    const made = await create(full);
    const path = `/products/${made.body.id}`;
    const patch = (body, headers = { 'content-type': 'application/merge-patch+json' }) =>
      server.api('PATCH', path, { token, body: JSON.stringify(body), headers });

    const removed = await patch({ description: null, stock: null, image_url: null });
    assert.equal(removed.status, 200, removed.text);
    assert.deepEqual(removed.body, { ...made.body, description: '', stock: null, image_url: null, updated_at: removed.body.updated_at });
    assert.notEqual(removed.headers.get('etag'), made.headers.get('etag'));
    assert.deepEqual((await read(made.body.id)).body, removed.body);

    const replaced = await patch({ stock: 7, price: 0 }, { 'content-type': 'application/json', 'if-match': removed.headers.get('etag') });
    assert.deepEqual([replaced.status, replaced.body.stock, replaced.body.price, replaced.body.name], [200, 7, 0, 'Caneca']);
    const untouched = await patch({});
    assert.equal(untouched.status, 200);
    assert.equal(untouched.body.stock, 7);

    const stale = { 'content-type': 'application/merge-patch+json', 'if-match': made.headers.get('etag') };
    assertProblem(await patch({ price: 1 }, stale), 412, { code: 'precondition_failed' });
    assertProblem(await patch({ name: null, price: null, currency: null, active: null }), 422, {
      code: 'invalid_fields', pointers: ['/name', '/price', '/currency', '/active'],
    });
    assertProblem(await patch({ price: -1, colour: null }), 422, { pointers: ['/price', '/colour'] });
    assertProblem(await patch([]), 422);
    for (const type of ['application/json-patch+json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const refused = await patch({}, { 'content-type': type });
      assertProblem(refused, 415, { code: 'unsupported_media_type' });
      assert.match(refused.headers.get('accept-patch'), /application\/merge-patch\+json/);
    }
    assertProblem(await server.api('PATCH', path, { token, body: '{', headers: { 'content-type': 'application/merge-patch+json' } }), 400);
    assert.equal((await read(made.body.id)).body.price, 0);
  });

  test('of ten changes at once to one version, one wins', async () => {
    const { token } = await asSeller();
    const made = await create({ name: 'Contested', price: 1 });
    const headers = { 'if-match': made.headers.get('etag') };
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (_, price) =>
        (await server.api('PUT', `/products/${made.body.id}`, { token, body: { price }, headers })).status),
    );
    assert.deepEqual(statuses.sort(), [200, ...Array(9).fill(412)]);
  });

  test('belong to their owner, and to administrators', async () => {
    const made = await create({ name: 'Mine', price: 1 });
    const path = `/products/${made.body.id}`;
    const { token: stranger } = await server.newUser();
    assertProblem(await server.api('PUT', path, { token: stranger, body: { price: 0 } }), 403, { code: 'forbidden' });
    assertProblem(await server.api('DELETE', path, { token: stranger }), 403, { code: 'forbidden' });
    assertProblem(await server.api('PUT', path, { body: { price: 0 } }), 401);
    assertProblem(await server.api('DELETE', path), 401);
    assert.equal((await read(made.body.id)).body.price, 1);

    const administrator = await server.newAdministrator();
    const changed = await server.api('PUT', path, { token: administrator.token, body: { price: 5 } });
    assert.equal(changed.status, 200, changed.text);
    assert.equal((await server.api('DELETE', path, { token: administrator.token })).status, 204);
  });

  test('that are not active are there for their owner and administrators alone', async () => {
    const { token } = await asSeller();
    const other = await server.newUser();
    const administrator = await server.newAdministrator();
    const { id } = (await create({ name: 'Hidden', price: 1, active: false })).body;
    const readAs = (reader) => server.api('GET', `/products/${id}`, { token: reader });
    assertProblem(await readAs(), 404);
    assertProblem(await readAs(other.token), 404);
    assertProblem(await readAs('nonsense'), 404);
    assertProblem(await server.api('PUT', `/products/${id}`, { token: other.token, body: { price: 2 } }), 404);
    for (const reader of [token, administrator.token]) {
      const response = await readAs(reader);
      assert.equal(response.status, 200, response.text);
      assert.equal(response.headers.get('vary'), 'Authorization');
    }
    const shown = (await create({ name: 'Shown', price: 1 })).body.id;
    assert.equal((await server.api('GET', `/products/${shown}`, { token: 'nonsense' })).status, 200, 'a bad token hides nothing');
  });

  test('are gone once deleted', async () => {
    const { token } = await asSeller();
    const { body } = await create({ name: 'Brief', price: 1 });
    const path = `/products/${body.id}`;
    const deleted = await server.api('DELETE', path, { token });
    assert.equal(deleted.status, 204, deleted.text);
    assert.equal(deleted.text, '');
    assertProblem(await read(body.id), 404);
    assertProblem(await server.api('DELETE', path, { token }), 404);
    assertProblem(await server.api('PUT', path, { token, body: { price: 1 } }), 404);
    const list = await server.api('GET', '/products?limit=100');
    assert.ok(!list.body.data.some((product) => product.id === body.id));
  });
});

describe('the list of products', () => {
  const server = serverForSuite();
  const list = (query = '') => server.api('GET', `/products${query}`);

  test('is empty at first', async () => {
    const response = await list();
    assert.equal(response.status, 200, response.text);
    assert.deepEqual(response.body, { data: [], next_cursor: null, has_more: false });
    assert.equal(response.headers.get('link'), null);
  });

  test('walks 120 products newest first, each exactly once, while others come and go', async () => {
    const { token } = await server.newUser();
    const made = [];
    for (let n = 0; n < 120; ++n) made.push((await server.newProduct(token, { name: `Walked ${n}`, price: n })).id);

    const seen = [];
    let path = '/products?limit=50';
    for (let page = 0; path; ++page) {
      const response = await server.api('GET', path);
      assert.equal(response.status, 200, response.text);
      assert.ok(page < 4, 'the walk ends');
      const { data, has_more, next_cursor } = response.body;
      seen.push(...data.map((product) => product.id));
      const next = response.headers.get('link')?.match(/^<([^>]+)>; *rel="next"$/)?.[1];
      assert.equal(Boolean(next), has_more);
      assert.equal(typeof next_cursor, has_more ? 'string' : 'object');
      if (has_more) assert.ok(next.includes(encodeURIComponent(next_cursor)), `${next} has ${next_cursor}`);
      path = next && next.replace(/^https?:\/\/[^/]+/, '');
      if (page === 0) await server.newProduct(token, { name: 'Came later' });
    }
    assert.deepEqual(seen, made.reverse());
  });

  test('filters', async () => {
    const owner = await server.newUser();
    const product = await server.newProduct(owner.token, { name: 'Filtered', price: 5_000_000, currency: 'USD' });
    const names = async (query) => {
      const response = await list(query);
      assert.equal(response.status, 200, response.text);
      return response.body.data.map((found) => found.name);
    };
    assert.deepEqual(await names('?currency=USD'), ['Filtered']);
    assert.deepEqual(await names('?min_price=5000000'), ['Filtered']);
    assert.deepEqual(await names(`?owner=${owner.id}`), ['Filtered']);
    assert.deepEqual(await names('?max_price=0'), ['Walked 0']);
    assert.deepEqual(await names('?min_price=117&max_price=119'), ['Walked 119', 'Walked 118', 'Walked 117']);
    assert.deepEqual(await names('?currency=EUR'), []);
    assert.ok(product.id);
  });

  test('has a version of its own', async () => {
    const response = await list('?limit=2');
    const etag = response.headers.get('etag');
    assert.match(etag ?? '', /^(W\/)?"[^"]+"$/);
    const again = await server.api('GET', '/products?limit=2', { headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304);
    const { token } = await server.newUser();
    await server.newProduct(token, { name: 'Newest' });
    // Another process shows it a few milliseconds later.
    const changed = await until(async () => {
      const asked = await server.api('GET', '/products?limit=2', { headers: { 'if-none-match': etag } });
      return asked.status === 200 && asked;
    }, 'the list has a new version');
    assert.equal(changed.body.data[0].name, 'Newest');
  });

  test('refuses a query that it does not understand', async () => {
    const bad = [
      '?cursor=nonsense', '?cursor=%00', '?limit=0', '?limit=101', '?limit=1e9', '?limit=-1', '?limit=ten', '?min_price=2&max_price=1',
      '?q=', `?q=${'x'.repeat(101)}`, '?min_price=-1', '?max_price=x', '?owner=x',
      '?currency=x', '?colour=red',
    ];
    for (const query of bad) {
      const name = query.match(/\?(\w+)/)[1];
      assertProblem(await list(query), 422, { code: 'invalid_fields', pointers: [`?${name}`] });
    }
  });
});

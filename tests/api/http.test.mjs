import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { password } from './harness/client.mjs';
import { assertProblem } from './harness/problem.mjs';
import { RawConnection, exchange, refused } from './harness/raw.mjs';
import { serverForSuite } from './harness/suite.mjs';

const json = { 'content-type': 'application/json' };

describe('framing', () => {
  const server = serverForSuite();
  const credentials = JSON.stringify({ username: 'no', password });
  const post = (lines, body = '') => `POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lines}\r\n\r\n${body}`;

  // What two programs could read differently (RFC 9112 §11.2), or what is no HTTP at all: 400, and the end.
  const malformed = {
    'both lengths': post('Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    'two different lengths': post('Content-Length: 2\r\nContent-Length: 3', '{}'),
    'two equal lengths': post('Content-Length: 2\r\nContent-Length: 2', '{}'),
    'a list of lengths': post('Content-Length: 2, 2', '{}'),
    'a length with a sign': post('Content-Length: +2', '{}'),
    'a negative length': post('Content-Length: -1', '{}'),
    'a hexadecimal length': post('Content-Length: 0x2', '{}'),
    'an empty length': post('Content-Length:', '{}'),
    'an encoding that looks like chunked': post('Transfer-Encoding: xchunked', '2\r\n{}\r\n0\r\n\r\n'),
    'chunked and something else': post('Transfer-Encoding: chunked, gzip', '2\r\n{}\r\n0\r\n\r\n'),
    'chunked twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'),
    'another encoding': post('Transfer-Encoding: gzip', 'x'),
    'HTTP/1.0 with chunks': 'POST /login HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a chunk size that is no number': post('Transfer-Encoding: chunked', 'zz\r\n{}\r\n0\r\n\r\n'),
    'a chunk size past any number': post('Transfer-Encoding: chunked', 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'),
    'a chunk size with a sign': post('Transfer-Encoding: chunked', '+2\r\n{}\r\n0\r\n\r\n'),
    'a chunk longer than it says': post('Transfer-Encoding: chunked', '1\r\n{}\r\n0\r\n\r\n'),
    'a bare LF after a chunk size': post('Transfer-Encoding: chunked', '2\n{}\r\n0\r\n\r\n'),
    'a folded header': 'GET /livez HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n 2\r\n\r\n',
    'a space before the colon': 'GET /livez HTTP/1.1\r\nHost : x\r\n\r\n',
    'a header without a colon': 'GET /livez HTTP/1.1\r\nHost: x\r\nNonsense\r\n\r\n',
    'a header without a name': 'GET /livez HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n',
    'no Host': 'GET /livez HTTP/1.1\r\nAccept: */*\r\n\r\n',
    'two Hosts': 'GET /livez HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n',
    'a NUL in a header': 'GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n',
    'a NUL in the target': 'GET /li\0vez HTTP/1.1\r\nHost: x\r\n\r\n',
    'bare LFs': 'GET /livez HTTP/1.1\nHost: x\n\n',
    'one bare LF': 'GET /livez HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n',
    'a bare CR in a header': 'GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\rX-B: b\r\n\r\n',
    'a target that is no path': 'GET livez HTTP/1.1\r\nHost: x\r\n\r\n',
    'a proxy\'s target': 'GET http://example.com/livez HTTP/1.1\r\nHost: x\r\n\r\n',
    'no version': 'GET /livez\r\nHost: x\r\n\r\n',
    'HTTP/2 over HTTP/1': 'GET /livez HTTP/2.0\r\nHost: x\r\n\r\n',
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'what is no HTTP': 'HELLO WORLD, HOW ARE YOU?\r\n\r\n',
    'a TLS greeting': Buffer.from('16030100a5010000a10303000d0a0d0a', 'hex'),
  };
  for (const [what, bytes] of Object.entries(malformed)) {
    test(`${what}: 400 and the connection closes`, async () => {
      const response = await refused(server.port, bytes);
      assertProblem(response, 400);
      assert.equal(response.headers.get('connection'), 'close');
      assert.equal(response.rest, '', 'and nothing more is answered');
    });
  }

  test('a fault in a later request of a connection speaks of that request', async () => {
    const connection = await RawConnection.open(server.port);
    connection.send('GET /livez?a-query-that-makes-the-target-a-long-one HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal((await connection.response()).status, 200);
    connection.send(`NONSENSE\r\nHost: x\r\nX-Long: ${'y'.repeat(4000)}\r\n\r\n`);
    const problem = assertProblem(await connection.response(), 400);
    assert.equal(problem.instance, '', 'nothing is left of the request before');
    await connection.end();
    connection.destroy();
  });

  test('pipelined requests are answered in their order', async () => {
    const connection = await RawConnection.open(server.port);
    const login = post(`Content-Length: ${credentials.length}`, credentials);
    // The slow one (a password is hashed) stands in front of the quick ones.
    const requests = [login, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n', 'GET /nothing-here HTTP/1.1\r\nHost: x\r\n\r\n'];
    connection.send(requests.join('').repeat(3));
    for (let round = 0; round < 3; ++round) {
      assert.ok([401, 422, 429].includes((await connection.response()).status));
      assert.equal((await connection.response()).status, 200);
      assert.equal((await connection.response()).status, 404);
    }
    connection.destroy();
  });

  test('a request may arrive byte by byte, also with others behind it', async () => {
    const connection = await RawConnection.open(server.port);
    const bytes = post('Transfer-Encoding: chunked', '1\r\n{\r\n1;ext="a"\r\n}\r\n0\r\nTrailer: t\r\n\r\n') +
      'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
    connection.socket.setNoDelay(true);
    for (const byte of bytes) await new Promise((sent) => connection.socket.write(byte, 'latin1', sent));
    assertProblem(await connection.response(), 422, { pointers: ['/password', '/username'] });
    assert.equal((await connection.response()).status, 200);
    connection.destroy();
  });

  test('a connection stays open unless one side says otherwise', async () => {
    const connection = await RawConnection.open(server.port);
    for (let n = 0; n < 3; ++n) {
      connection.send('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.equal((await connection.response()).status, 200);
    }
    connection.send('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const last = await connection.response();
    assert.equal(last.headers.get('connection'), 'close');
    assert.equal(await connection.end(), '');
    connection.destroy();
  });

  test('HTTP/1.0 gets one answer', async () => {
    const response = await refused(server.port, 'GET /livez HTTP/1.0\r\n\r\n');
    assert.equal(response.status, 200);
  });

  test('a client that closes its side still gets the answer', async () => {
    const connection = await RawConnection.open(server.port);
    connection.socket.end('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal((await connection.response()).status, 200);
    await connection.end();
  });

  test('HEAD has the head of GET and no body', async () => {
    const get = await exchange(server.port, 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n');
    const connection = await RawConnection.open(server.port);
    connection.send('HEAD /openapi.json HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    const head = await connection.response({ bodyless: true });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
    assert.equal((await connection.response()).status, 200, 'the next answer follows at once');
    connection.destroy();
  });

  test('Expect: 100-continue is answered before the body is sent', async () => {
    const connection = await RawConnection.open(server.port);
    connection.send(post(`Content-Length: ${credentials.length}\r\nExpect: 100-continue`));
    assert.equal((await connection.response()).status, 100);
    connection.send(credentials);
    assert.ok([401, 422, 429].includes((await connection.response()).status));
    connection.destroy();
  });

  test('Expect: 100-continue with too large a body is refused without reading it', async () => {
    const response = await refused(server.port, post('Content-Length: 99999999\r\nExpect: 100-continue'));
    assertProblem(response, 413, { code: 'payload_too_large' });
  });

  test('OPTIONS tells the methods', async () => {
    const response = await exchange(server.port, 'OPTIONS /products HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(response.status, 204);
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) assert.ok(response.headers.get('allow').includes(method));
    assert.ok((await exchange(server.port, 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n')).status < 300);
  });

  test('after all this the server is well', async () => {
    assert.equal((await server.api('GET', '/readyz')).status, 200);
  });
});

describe('requests that are refused', () => {
  const server = serverForSuite();
  const register = (body, headers = json) => server.api('POST', '/register', { body, headers });

  test('unknown paths', async () => {
    for (const path of ['/nothing', '/products/', '/register/', '//register', '/.well-known/nothing', '/products/a/b']) {
      const problem = assertProblem(await server.api('GET', path), 404, { code: 'not_found' });
      assert.equal(problem.instance, path);
    }
  });

  test('methods that a path does not have', async () => {
    const allow = async (method, path) => {
      const response = await server.api(method, path);
      assertProblem(response, 405, { code: 'method_not_allowed' });
      return response.headers.get('allow').split(', ');
    };
    assert.ok((await allow('GET', '/register')).includes('POST'));
    assert.ok((await allow('DELETE', '/products')).includes('GET'));
    const methods = await allow('POST', '/products/0190a5d0-0000-7000-8000-000000000000');
    for (const method of ['GET', 'PUT', 'DELETE']) assert.ok(methods.includes(method), methods);
  });

  test('a method that nobody knows', async () => {
    const response = await exchange(server.port, 'BREW /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.ok([405, 501].includes(response.status));
    assertProblem(response, response.status);
  });

  test('a body over 16 KiB where anyone may send one, by its length or as it comes', async () => {
    const limit = 16 * 1024;
    const bodyOf = (size) => `{"username":"${'a'.repeat(size - 15)}"}`;
    assertProblem(await register(bodyOf(limit)), 422);
    const problem = assertProblem(await register(bodyOf(limit + 1)), 413, { code: 'payload_too_large' });
    assert.match(problem.detail, /16384/);

    const connection = await RawConnection.open(server.port);
    connection.send('POST /register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `1000\r\n${' '.repeat(4096)}\r\n`;
    for (let sent = 0; sent <= limit; sent += 4096) connection.send(chunk);
    assertProblem(await connection.response(), 413, { code: 'payload_too_large' });
    connection.destroy();
  });

  test('a body over 1 MiB of a user\'s', async () => {
    const limit = 1024 * 1024;
    const { token } = await server.newUser();
    const create = (size) => server.api('POST', '/products', { token, headers: json, body: `{"name":"${'a'.repeat(size - 11)}"}` });
    assertProblem(await create(limit), 422);
    assertProblem(await create(limit + 1), 413, { code: 'payload_too_large' });
  });

  // None of these bodies is ever sent: whoever waited for them would answer 408 half a minute later.
  for (const [what, status, line, fields] of [
    ['an unknown path', 404, 'POST /nothing', ''],
    ['an unknown method', 405, 'POST /me', ''],
    ['no token', 401, 'POST /products', ''],
    ['a wrong token', 401, 'POST /products', 'Authorization: Bearer nonsense\r\n'],
    ['no token for a file', 401, 'POST /products/import', ''],
  ]) {
    for (const expect of ['', 'Expect: 100-continue\r\n']) {
      test(`${what}, before the body comes${expect && ' or is asked for'}`, async () => {
        const head = `${line} HTTP/1.1\r\nHost: x\r\n${fields}${expect}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`;
        const response = await refused(server.port, head);
        assertProblem(response, status);
        assert.equal(response.headers.get('connection'), 'close');
      });
    }
  }

  test('with a small body that is here already, the connection stays', async () => {
    const connection = await RawConnection.open(server.port);
    connection.send('POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    assertProblem(await connection.response(), 404);
    assert.equal((await connection.response()).status, 200);
    connection.destroy();
  });

  test('an address over 8 KiB, header fields over 16 KiB', async () => {
    assertProblem(await server.api('GET', `/products?q=${'a'.repeat(9000)}`), 414, { code: 'uri_too_long' });
    assertProblem(await refused(server.port, `GET /${'a'.repeat(20000)}`), 414, { code: 'uri_too_long' });
    const headers = `GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(17000)}\r\n\r\n`;
    assertProblem(await refused(server.port, headers), 431, { code: 'headers_too_large' });
    const many = `GET /livez HTTP/1.1\r\nHost: x\r\n${'X-A: a\r\n'.repeat(3000)}\r\n`;
    assertProblem(await refused(server.port, many), 431, { code: 'headers_too_large' });
  });

  test('media types that are not taken', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonp', '']) {
      assertProblem(await register(Buffer.from('{}'), { 'content-type': type }), 415, { code: 'unsupported_media_type' });
    }
    const fields = JSON.stringify({ username: 'charset', password });
    assert.equal((await register(fields, { 'content-type': 'Application/JSON; charset=utf-8' })).status, 201);
  });

  const brokenJson = {
    'nothing': '',
    'half a document': '{"username":',
    'two documents': '{}{}',
    'a comment': '{/* */}',
    'a trailing comma': '{"username":"a",}',
    'nesting past 64': `{"username":${'['.repeat(64)}${']'.repeat(64)}}`,
    'nesting far past 64': '['.repeat(16_000),
    'a byte order mark': '\ufeff{}',
    'UTF-16': Buffer.from('{}', 'utf16le'),
    'invalid UTF-8': Buffer.from('{"username":"\xff\xfe"}', 'latin1'),
    'overlong UTF-8': Buffer.from('{"username":"\xc0\xaf"}', 'latin1'),
    'a surrogate in UTF-8': Buffer.from('{"username":"\xed\xa0\x80"}', 'latin1'),
  };
  for (const [what, body] of Object.entries(brokenJson)) {
    test(`as JSON: ${what}`, async () => {
      assertProblem(await register(body), 400, { code: 'invalid_json' });
    });
  }

  test('a member twice: grammatical JSON (RFC 8259), but two readers could take it differently', async () => {
    const duplicates = [
      `{"username":"abc","username":"abd","password":"${password}"}`,
      `{"username":"abc","\\u0075sername":"abd","password":"${password}"}`,
      '{"username":{"a":[{"b":1,"b":2}]}}',
    ];
    for (const body of duplicates) {
      const problem = assertProblem(await register(body), 400);
      assert.notEqual(problem.code, 'invalid_json', body);
    }
  });

  test('nesting of 64 is still only a wrong type', async () => {
    assertProblem(await register(`{"username":${'['.repeat(63)}${']'.repeat(63)}}`), 422);
  });

  test('forms that are none', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const body of ['username=%zz', 'username=%ff', 'username=abc&username=abd', 'username=%']) {
      assertProblem(await register(body, headers), 400);
    }
  });
});

describe('every answer', () => {
  const server = serverForSuite();
  const nothing = (headers) => server.api('GET', '/nothing', { headers });

  test('speaks the language that is asked for; its code never changes', async () => {
    const english = assertProblem(await nothing({ 'accept-language': 'en-GB' }), 404);
    const portuguese = assertProblem(await nothing({ 'accept-language': 'pt-BR, en;q=0.5' }), 404);
    assert.notEqual(portuguese.title, english.title);
    assert.notEqual(portuguese.detail, english.detail);
    assert.equal(portuguese.code, english.code);
    assert.equal(portuguese.type, english.type);
    assert.equal(assertProblem(await nothing({ 'accept-language': 'pt;q=0.3, en;q=0.9' }), 404).title, english.title);
    assert.equal(assertProblem(await nothing({ 'accept-language': 'ja, ;;;q=x, *' }), 404).title, english.title);

    const fields = { body: { username: 'x' }, headers: { 'accept-language': 'pt' } };
    const inPortuguese = await server.api('POST', '/register', fields);
    const inEnglish = await server.api('POST', '/register', { body: fields.body });
    assert.notEqual(inPortuguese.body.errors[0].detail, inEnglish.body.errors[0].detail);
  });

  test('carries the trace and the request id that came in', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const response = await nothing({ traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'order-4711' });
    assert.equal(response.body.trace_id, traceId);
    assert.equal(response.headers.get('x-request-id'), 'order-4711');
  });

  test('has ids of its own where none or a bad one came in', async () => {
    const ids = new Set();
    for (const headers of [{}, {}, { traceparent: '00-zzz-1-01' }, { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }]) {
      const response = await nothing(headers);
      ids.add(assertProblem(response, 404).trace_id);
      assert.ok(response.headers.get('x-request-id'));
    }
    assert.equal(ids.size, 4);
    const injected = await exchange(server.port, `GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${'a'.repeat(5000)}\r\n\r\n`);
    assert.ok(injected.headers.get('x-request-id').length < 200);
  });

  test('keeps browsers from guessing its type', async () => {
    assert.equal((await server.api('GET', '/livez')).headers.get('x-content-type-options'), 'nosniff');
  });
});

describe('operations', () => {
  const server = serverForSuite();

  test('livez, readyz and version answer', async () => {
    assert.equal((await server.api('GET', '/livez')).status, 200);
    assert.equal((await server.api('GET', '/readyz')).status, 200);
    const verbose = await server.api('GET', '/readyz?verbose');
    assert.equal(verbose.status, 200, verbose.text);
    assert.match(verbose.text, /database/);
    const version = await server.api('GET', '/version');
    assert.equal(version.status, 200);
    assert.match(version.body.version, /^\d+\.\d+\.\d+/);
  });

  test('openapi.json describes every endpoint', async () => {
    const { body } = await server.api('GET', '/openapi.json');
    assert.match(body.openapi, /^3\.1\./);
    const endpoints = {
      '/register': ['post'], '/login': ['post'], '/logout': ['post'], '/refresh': ['post'], '/me': ['get'],
      '/products': ['get', 'post'], '/products/{id}': ['get', 'put', 'delete'], '/stripe/clients': ['get', 'post'],
    };
    const ids = new Set();
    for (const [path, methods] of Object.entries(endpoints)) {
      for (const method of methods) {
        const operation = body.paths[path]?.[method];
        assert.ok(operation, `${method} ${path}`);
        assert.ok(operation.operationId && !ids.has(operation.operationId), `${method} ${path} has an id of its own`);
        ids.add(operation.operationId);
        assert.ok(Object.keys(operation.responses).some((status) => status.startsWith('2')), `${method} ${path} succeeds`);
      }
    }
  });

  test('every reference in openapi.json leads somewhere', async () => {
    const { body, text } = await server.api('GET', '/openapi.json');
    for (const [, reference] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = reference.split('/').reduce((node, key) => node?.[key], body);
      assert.ok(target, reference);
    }
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { before, describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { exchange, RawConnection } from './harness/raw.mjs';
import { newServer, serverForSuite } from './harness/suite.mjs';
import { until, within } from './harness/wait.mjs';

const ndjson = 'application/x-ndjson';
const linesOf = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));
const toLines = (rows) => rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
const isFleet = process.env.BALCAO_TEST_ENGINE === 'fleet';

describe('products in files', () => {
  const server = serverForSuite();
  let seller;
  before(async () => {
    seller = await server.newUser();
  });

  const send = (body, { type = ndjson, token = seller.token, headers = {}, ...options } = {}) =>
    fetch(`${server.url}/products/import`, {
      method: 'POST', body, headers: { ...(token && { authorization: `Bearer ${token}` }), 'content-type': type, ...headers }, ...options,
    });

  /** {status, lines, summary} of an import. */
  async function imported(body, options) {
    const response = await send(body, options);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    assert.equal(response.headers.get('content-type'), ndjson);
    const lines = linesOf(text);
    const summary = lines.pop();
    return { lines, summary };
  }

  async function refused(body, options, status, expected) {
    const response = await send(body, options);
    const text = await response.text();
    assertProblem({ status: response.status, headers: response.headers, text, body: JSON.parse(text) }, status, expected);
  }

  async function exported(query = '', { token = seller.token, headers = {} } = {}) {
    const response = await fetch(`${server.url}/products/export${query}`, { headers: { authorization: `Bearer ${token}`, ...headers } });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  describe('imports', () => {
    test('tell of each row, in the order of the lines, and of all at the end', async () => {
      const { lines, summary } = await imported(toLines([{ name: 'A', price: 1 }, { name: 'B', price: -1 }, 'no json', { name: 'C', price: 3 }]));
      assert.deepEqual(lines.map((line) => line.line), [1, 2, 3, 4]);
      assert.match(lines[0].id, /^[0-9a-f-]{36}$/);
      assert.equal(lines[1].error.code, 'invalid_fields');
      assert.deepEqual(lines[1].error.errors.map((error) => error.pointer), ['/price']);
      assert.equal(lines[2].error.code, 'invalid_json');
      assert.deepEqual(summary, { imported: 2, failed: 2 });
      const { body } = await server.api('GET', `/products/${lines[0].id}`);
      assert.deepEqual([body.name, body.price, body.owner_id], ['A', 1, seller.id]);
    });

    test('speak the client\'s language', async () => {
      const { lines } = await imported('{"name":"A"}\n', { headers: { 'accept-language': 'pt-BR' } });
      assert.equal(lines[0].error.errors[0].detail, 'É obrigatório.');
    });

    const bad = [
      ['broken JSON', '{"name":', 'invalid_json', undefined],
      ['an unknown field', { name: 'X', price: 1, weight: 2 }, 'invalid_fields', '/weight'],
      ['a wrong type', { name: 'X', price: '1' }, 'invalid_fields', '/price'],
      ['a price below zero', { name: 'X', price: -1 }, 'invalid_fields', '/price'],
      ['too long a name', { name: 'x'.repeat(201), price: 1 }, 'invalid_fields', '/name'],
      ['a member twice', '{"name":"X","name":"Y","price":1}', 'duplicate_member', undefined],
      ['no object', '[1]', 'invalid_fields', ''],
      ['an over-long line', `{"name":"${'x'.repeat(200_000)}","price":1}`, 'payload_too_large', undefined],
      ['a product that is not there', { id: '0190a5d0-0000-7000-8000-000000000000', price: 1 }, 'not_found', undefined],
    ];
    for (const [what, row, code, pointer] of bad) {
      test(`report ${what}, and the rest goes on`, async () => {
        const { lines, summary } = await imported(toLines([{ name: 'before', price: 1 }, row, { name: 'after', price: 1 }]));
        assert.ok(lines[0].id && lines[2].id);
        assert.equal(lines[1].line, 2);
        assert.equal(lines[1].error.code, code);
        assert.equal(lines[1].error.errors?.[0].pointer, pointer);
        assert.deepEqual(summary, { imported: 2, failed: 1 });
      });
    }

    test('report what is not UTF-8', async () => {
      const body = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('","price":1}\n{"name":"ok","price":1}')]);
      const { lines } = await imported(body);
      assert.equal(lines[0].error.code, 'invalid_json');
      assert.ok(lines[1].id);
    });

    test('take CSV with commas or semicolons, in any order, with a byte order mark', async () => {
      const files = ['name,price\r\n"Pão, de ""queijo""",450\r\n', '\ufeffprice;name\n450;"Pão, de ""queijo"""\n'];
      for (const file of files) {
        const { lines, summary } = await imported(file, { type: 'text/csv; charset=utf-8' });
        assert.deepEqual(summary, { imported: 1, failed: 0 });
        assert.equal(lines[0].line, 2);
        const { body } = await server.api('GET', `/products/${lines[0].id}`);
        assert.deepEqual([body.name, body.price], ['Pão, de "queijo"', 450]);
      }
    });

    test('report bad records of CSV', async () => {
      const { lines, summary } = await imported('name,price\nA,1\nB\nC,x\n"D"d,1\nE,1\n"F,1\n', { type: 'text/csv' });
      assert.deepEqual(lines.map((line) => [line.line, line.error?.code]), [
        [2, undefined], [3, 'invalid_fields'], [4, 'invalid_fields'], [5, 'invalid_fields'], [6, undefined], [7, 'invalid_fields'],
      ]);
      assert.deepEqual(summary, { imported: 2, failed: 4 });
    });

    test('refuse a file whose columns are wrong', async () => {
      await refused('name,price,weight\nA,1,2\n', { type: 'text/csv' }, 422, { code: 'invalid_fields', pointers: ['/weight'] });
      await refused('name\nA\n', { type: 'text/csv' }, 422, { code: 'invalid_fields', pointers: ['/price'] });
    });

    test('refuse what is no file of products', async () => {
      await refused('{}', { type: 'application/json' }, 415, { code: 'unsupported_media_type' });
      await refused('name,price\n', { type: 'text/csv; charset=iso-8859-1' }, 415, { code: 'unsupported_media_type' });
      await refused('', {}, 400, { code: 'bad_request' });
    });

    test('change a product by its id, if it is the caller\'s; an administrator any', async () => {
      const product = await server.newProduct(seller.token, { stock: 5 });
      const other = await server.newUser();
      const change = toLines([{ id: product.id, price: 7 }]);
      assert.equal((await imported(change, { token: other.token })).lines[0].error.code, 'not_found');
      assert.deepEqual((await imported(change)).lines, [{ line: 1, id: product.id }]);
      const administrator = await server.newAdministrator();
      await imported(toLines([{ id: product.id, name: 'Renamed' }]), { token: administrator.token });
      const { body } = await server.api('GET', `/products/${product.id}`);
      assert.deepEqual([body.name, body.price, body.stock, body.owner_id], ['Renamed', 7, 5, seller.id]);
    });

    test('drop the pages that are kept', async () => {
      const list = () => server.api('GET', `/products?owner=${seller.id}&limit=1`);
      await list();
      await list();
      const { lines } = await imported(toLines([{ name: 'Newest', price: 1 }]));
      await until(async () => (await list()).body.data[0].id === lines[0].id, 'the list shows it');
    });

    test('are for those who may write products', async () => {
      assert.equal((await send('{}', { token: null })).status, 401);
      const robot = await server.newServiceAccount('payments:read');
      assert.equal((await send('{}', { token: robot.token })).status, 403);
      const writer = await server.newServiceAccount('products:write');
      assert.deepEqual((await imported(toLines([{ name: 'A', price: 1 }]), { token: writer.token })).summary, { imported: 1, failed: 0 });
    });

    test('refuse before the body is asked for', { skip: isFleet }, async () => {
      const head = `POST /products/import HTTP/1.1\r\nHost: x\r\nContent-Type: ${ndjson}\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`;
      const { status, headers } = await exchange(server.port, head);
      assert.equal(status, 401);
      assert.equal(headers.get('connection'), 'close');
    });

    test('ask for the body where the client waits for that', { skip: isFleet }, async () => {
      const connection = await RawConnection.open(server.port);
      const row = '{"name":"A","price":1}\n';
      connection.send(`POST /products/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${seller.token}\r\nContent-Type: ${ndjson}\r\nContent-Length: ${row.length}\r\nExpect: 100-continue\r\n\r\n`);
      assert.equal((await connection.response({ bodyless: true })).status, 100);
      const received = within(once(connection.socket, 'data'), 'the answer');
      connection.send(row);
      assert.match((await received).toString(), /^HTTP\/1\.1 200 OK/);
      connection.destroy();
    });

    test('answer while the body is still to come', { skip: isFleet }, async () => {
      const request = http.request(`${server.url}/products/import`, {
        method: 'POST', headers: { authorization: `Bearer ${seller.token}`, 'content-type': ndjson },
      });
      request.write('{"name":"First","price":1}\n');
      const [response] = await within(once(request, 'response'), 'the head of the answer');
      const [first] = await within(once(response, 'data'), 'the first line');
      assert.equal(JSON.parse(first).line, 1);
      request.end('{"name":"Second","price":1}\n');
      const rest = (await response.toArray()).join('');
      assert.deepEqual(linesOf(rest).pop(), { imported: 2, failed: 0 });
    });

    test('keep what they acknowledged where the client goes away', { skip: isFleet }, async () => {
      const request = http.request(`${server.url}/products/import`, {
        method: 'POST', headers: { authorization: `Bearer ${seller.token}`, 'content-type': ndjson },
      });
      request.on('error', () => {});
      request.write('{"name":"Stays","price":1}\n{"name":"cut of');
      const [response] = await within(once(request, 'response'), 'the head of the answer');
      response.on('error', () => {});
      const [first] = await within(once(response, 'data'), 'the first line');
      request.destroy();
      assert.equal((await server.api('GET', `/products/${JSON.parse(first).id}`)).body.name, 'Stays');
    });
  });

  describe('large imports', { skip: isFleet }, () => {
    const size = 100 * 1024 * 1024;
    const description = 'd'.repeat(2000);
    const row = `${JSON.stringify({ name: 'Large', price: 1, description, active: false })}\n`;
    const rows = Math.ceil(size / row.length);
    const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.child.pid}/status`, 'utf8'))[1]) / 1024;

    test('of 100 MB, sent before anything is read, need little memory', async () => {
      await imported(row.repeat(3000)); // what any import needs is there now
      const before = resident();
      let most = before;
      const socket = net.connect({ port: server.port, host: '127.0.0.1' });
      await within(once(socket, 'connect'), 'the connection opens');
      socket.pause();
      socket.write(`POST /products/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${seller.token}\r\nContent-Type: ${ndjson}\r\n`);
      socket.write(`Content-Length: ${rows * row.length}\r\nConnection: close\r\n\r\n`);
      for (let sent = 0; sent < rows; sent += 500) {
        const taken = socket.write(row.repeat(Math.min(500, rows - sent)));
        if (!taken) await within(once(socket, 'drain'), 'the server reads on');
        most = Math.max(most, resident());
      }
      const text = (await socket.toArray()).join('');
      assert.match(text, /^HTTP\/1\.1 200 OK/);
      assert.ok(text.endsWith(`{"imported":${rows},"failed":0}\n\r\n0\r\n\r\n`), text.slice(-100));
      assert.equal(text.match(/^\{"line":/gm).length, rows);
      assert.ok(most - before < 60, `from ${before} MB to ${most} MB`);
    });
  });

  describe('results that are not read', { skip: isFleet }, () => {
    /** Bytes of the files without a name that the server has open. */
    function onDisk() {
      const directory = `/proc/${server.process.child.pid}/fd`;
      const sizes = readdirSync(directory).map((name) => {
        try {
          const path = join(directory, name);
          return readlinkSync(path).endsWith('(deleted)') ? statSync(path).size : 0;
        } catch {
          return 0; // closed meanwhile
        }
      });
      return Math.max(...sizes);
    }

    test('are bounded, also on disk; the reading waits for them, and goes on', async () => {
      const bound = 64 * 1024 * 1024;
      const rows = 700_000; // each of them has a result of more than 100 bytes
      const socket = net.connect({ port: server.port, host: '127.0.0.1' });
      await within(once(socket, 'connect'), 'the connection opens');
      socket.pause();
      socket.write(`POST /products/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${seller.token}\r\nContent-Type: ${ndjson}\r\n`);
      socket.write(`Content-Length: ${rows * 8}\r\nConnection: close\r\n\r\n`);
      socket.write('{"x":1}\n'.repeat(rows));
      await until(() => onDisk() > bound - 1024 * 1024, 'the results fill their room');
      let most = 0;
      let tail = '';
      for await (const part of socket) {
        most = Math.max(most, onDisk());
        tail = (tail + part.toString('latin1')).slice(-200);
      }
      assert.ok(most <= bound, `${most} bytes`);
      assert.ok(tail.endsWith(`{"imported":0,"failed":${rows}}\n\r\n0\r\n\r\n`), tail);
    });
  });

  describe('exports', () => {
    test('are a file of the caller\'s products that can be imported again', async () => {
      const owner = await server.newUser();
      const odd = ['=1+1', "'=1", '-x', '@x', '+x', 'a,b;c', '"q"', 'a\nb', 'ç ã 漢字 ☕', "'tis", ' pad '];
      await imported(toLines(odd.map((name, i) => ({ name, price: i, description: name, active: i % 2 === 0 }))), { token: owner.token });
      for (const [format, type] of [['csv', 'text/csv'], ['ndjson', ndjson]]) {
        const file = await exported(`?format=${format}`, { token: owner.token });
        assert.equal(file.status, 200);
        assert.equal(file.headers.get('content-type'), type);
        assert.equal(file.headers.get('content-disposition'), `attachment; filename="products.${format}"`);
        assert.equal(file.headers.get('cache-control'), 'no-store');
        const { summary } = await imported(file.text, { type, token: owner.token });
        assert.deepEqual(summary, { imported: odd.length, failed: 0 });
        assert.equal((await exported(`?format=${format}`, { token: owner.token })).text, file.text);
      }
      const { text } = await exported('', { token: owner.token });
      assert.deepEqual(linesOf(text).map((product) => product.name), odd);
      assert.deepEqual(Object.keys(linesOf(text)[0]), ['id', 'name', 'price', 'currency', 'description', 'stock', 'image_url', 'active']);
      assert.equal((await exported('', { token: owner.token, headers: { accept: 'text/csv' } })).headers.get('content-type'), 'text/csv');
    });

    test('hold no formula', async () => {
      const owner = await server.newUser();
      await server.newProduct(owner.token, { name: '=HYPERLINK("http://evil.example","x")', description: '@SUM(1)' });
      const { text } = await exported('?format=csv', { token: owner.token });
      for (const cell of text.split('\r\n')[1].split(',')) assert.doesNotMatch(cell.replace(/^"/, ''), /^[=+\-@]/);
    });

    test('give an administrator everybody\'s, or one owner\'s', async () => {
      const [one, another] = [await server.newUser(), await server.newUser()];
      const mine = await server.newProduct(one.token);
      const theirs = await server.newProduct(another.token);
      const { token } = await server.newAdministrator();
      const everything = new Set(linesOf((await exported('', { token })).text).map((product) => product.id));
      assert.ok(everything.has(mine.id) && everything.has(theirs.id));
      assert.deepEqual(linesOf((await exported(`?owner=${one.id}`, { token })).text).map((product) => product.id), [mine.id]);
      assert.equal((await exported(`?owner=${another.id}`, { token: one.token })).status, 403);
      assert.equal((await exported(`?owner=${one.id}`, { token: one.token })).status, 200);
      assert.equal((await exported('?format=xml', { token })).status, 422);
    });

    test('have a head alone where that is asked for', async () => {
      const response = await fetch(`${server.url}/products/export`, { method: 'HEAD', headers: { authorization: `Bearer ${seller.token}` } });
      assert.equal(response.status, 200);
      assert.equal(await response.text(), '');
      assert.equal((await exported()).status, 200);
    });
  });

  describe('balcao products', { skip: isFleet }, () => {
    const file = (name) => join(server.home, name);

    test('import takes a file beside the running server, which notices', async () => {
      const list = async () => (await server.api('GET', `/products?owner=${seller.id}&limit=1&sort=-created_at`)).body.data[0].name;
      await server.newProduct(seller.token, { name: 'Before the command' });
      await until(async () => (await list()) === 'Before the command', 'the page is kept');
      writeFileSync(file('new.csv'), 'name,price\nBy the command,1\nBad,x\n');
      const { code, stdout, stderr } = await server.run('products', 'import', file('new.csv'), '--owner', seller.username, '--errors', file('errors.ndjson'));
      assert.equal(code, 1, stderr);
      assert.equal(stdout, '1 imported, 1 failed\n');
      assert.match(stderr, /^line 3: \/price: /m);
      assert.match(stderr, /^2 rows, \d+ rows\/s$/m);
      const [error] = linesOf(readFileSync(file('errors.ndjson'), 'utf8'));
      assert.deepEqual([error.line, error.error.code], [3, 'invalid_fields']);
      await until(async () => (await list()) === 'By the command', 'the server shows it');
    });

    test('export writes what import takes', async () => {
      const owner = await server.newUser();
      await imported(toLines(Array.from({ length: 700 }, (_, i) => ({ name: `P ${i}`, price: i }))), { token: owner.token });
      const out = await server.run('products', 'export', file('all.csv'), '--owner', owner.username);
      assert.deepEqual([out.code, out.stdout], [0, '700 exported\n'], out.stderr);
      const back = await server.run('products', 'import', file('all.csv'), '--owner', owner.username);
      assert.deepEqual([back.code, back.stdout], [0, '700 imported, 0 failed\n'], back.stderr);
      const printed = await server.run('products', 'export', '--owner', owner.username);
      assert.equal(linesOf(printed.stdout).length, 700);
    });

    test('say what is wrong with the command', async () => {
      const importing = (...args) => server.run('products', 'import', ...args);
      writeFileSync(file('some.txt'), 'name,price\nA,1\n');
      assert.match((await importing(file('some.txt'), '--owner', seller.username)).stderr, /--format/);
      assert.match((await importing(file('none.csv'), '--owner', seller.username)).stderr, /cannot be opened/);
      assert.match((await importing(file('new.csv'), '--owner', 'nobody-of-this-name')).stderr, /there is no user/);
      writeFileSync(file('columns.csv'), 'name,weight\nA,1\n');
      const { code, stderr } = await importing(file('columns.csv'), '--owner', seller.username);
      assert.equal(code, 1);
      assert.match(stderr, /\/weight: There is no such column/);
    });
  });

  describe('an import that is interrupted', { skip: isFleet }, () => {
    /** Sends rows without end until `stop` is called; gives the lines that were acknowledged, once the connection has ended. */
    async function endless(target, token, enough, interrupt) {
      const request = http.request(`${target.url}/products/import`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': ndjson } });
      request.on('error', () => {});
      let sending = true;
      const rows = function* () {
        for (let i = 0; sending; i += 100) {
          yield toLines(Array.from({ length: 100 }, (_, k) => ({ name: `Row ${i + k + 1}`, price: i + k + 1 })));
        }
      };
      Readable.from(rows()).pipe(request);
      const [response] = await within(once(request, 'response'), 'the head of the answer');
      let text = '';
      let interrupted;
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
        if (!interrupted && text.split('\n').length > enough) interrupted = interrupt();
      });
      response.on('error', () => {});
      await within(new Promise((resolve) => response.on('close', resolve)), 'the answer ends');
      sending = false;
      request.destroy();
      await interrupted;
      return text.slice(0, text.lastIndexOf('\n') + 1).trimEnd().split('\n').map((line) => JSON.parse(line));
    }

    async function assertKept(target, owner, acknowledged) {
      const kept = await fetch(`${target.url}/products/export`, { headers: { authorization: `Bearer ${owner.token}` } });
      const products = new Map(linesOf(await kept.text()).map((product) => [product.id, product]));
      for (const { line, id } of acknowledged) assert.equal(products.get(id)?.price, line);
      for (const product of products.values()) assert.equal(product.name, `Row ${product.price}`);
      assert.equal(new Set([...products.values()].map((product) => product.price)).size, products.size);
    }

    test('by kill -9 leaves whole rows, and all that it acknowledged', async () => {
      const other = newServer({ durable: true });
      try {
        await other.start();
        const owner = await other.newUser();
        const lines = await endless(other, owner.token, 3000, () => other.kill());
        assert.ok(lines.length >= 3000);
        await other.restart();
        await assertKept(other, owner, lines);
      } finally {
        await other.close();
      }
    });

    test('by a restart can be sent again in the first moment', async () => {
      const other = newServer();
      try {
        await other.start();
        const { token } = await other.newUser();
        const row = '{"name":"A","price":1}\n';
        const request = `POST /products/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${ndjson}\r\nContent-Length: ${row.length}\r\nConnection: close\r\n\r\n${row}`;
        const status = () => new Promise((resolve) => {
          const socket = net.connect({ port: other.port, host: '127.0.0.1' }, () => socket.write(request));
          let head = '';
          socket.on('data', (part) => (head += part.toString('latin1')));
          socket.on('error', () => resolve(undefined)).on('close', () => resolve(head.slice(9, 12) || undefined));
        });
        await other.stop();
        const restarted = other.restart();
        const first = await until(status, 'it answers'); // at first nobody listens
        assert.ok(['200', '503'].includes(first), first);
        await restarted;
        assert.equal(await status(), '200');
      } finally {
        await other.close();
      }
    });

    test('by SIGTERM ends with what was committed, and says so', async () => {
      const other = newServer();
      try {
        await other.start();
        const owner = await other.newUser();
        const lines = await endless(other, owner.token, 3000, () => other.stop());
        const summary = lines.pop();
        assert.equal(summary.error?.code, 'unavailable');
        assert.equal(summary.imported, lines.length);
        await other.restart();
        await assertKept(other, owner, lines);
      } finally {
        await other.close();
      }
    });
  });
});

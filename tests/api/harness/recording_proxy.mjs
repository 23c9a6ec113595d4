import { once } from 'node:events';
import http from 'node:http';

/** Passes requests on to `target` and keeps what was said. */
export class RecordingProxy {
  exchanges = [];

  constructor(target) {
    this.target = target;
  }

  async start() {
    this.server = http.createServer((request, response) => this.#pass(request, response)).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  async #pass(request, response) {
    const { method, url, headers } = request;
    const sent = Buffer.concat(await request.toArray()).toString();
    const { host, connection, 'content-length': length, ...kept } = headers;
    const answer = await fetch(this.target + url, { method, headers: kept, body: sent || undefined });
    const received = await answer.text();
    const [path, query = ''] = url.split('?');
    this.exchanges.push({ method, path, form: [query, sent].filter(Boolean).join('&'), status: answer.status, body: JSON.parse(received) });
    const names = ['content-type', 'request-id', 'idempotent-replayed', 'stripe-should-retry', 'stripe-version'];
    const passed = names.filter((name) => answer.headers.has(name)).map((name) => [name, answer.headers.get(name)]);
    response.writeHead(answer.status, Object.fromEntries(passed)).end(received);
  }
}

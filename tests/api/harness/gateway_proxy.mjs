import { once } from 'node:events';
import http from 'node:http';

/**
 * Stands between Balcão and the gateway. `before` sees each request before the gateway does, `after` its answer before
 * Balcão does, and what they await is held up meanwhile; `before` may answer `false`: the gateway never hears of it.
 */
export class GatewayProxy {
  before = async () => {};
  after = async () => {};
  #agent = new http.Agent({ keepAlive: true });

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
    this.server?.closeAllConnections();
    this.#agent.destroy();
    await new Promise((closed) => (this.server ? this.server.close(closed) : closed()));
  }

  async #pass(request, response) {
    try {
      const { method, url } = request;
      const body = Buffer.concat(await request.toArray());
      const [path, query = ''] = url.split('?');
      const exchange = { method, path, query, form: new URLSearchParams(body.toString()) };
      if ((await this.before(exchange)) === false) return request.socket.destroy();
      const answer = await this.#ask(request, body);
      await this.after({ ...exchange, status: answer.status, body: JSON.parse(answer.text) });
      response.writeHead(answer.status, answer.headers).end(answer.text);
    } catch {  // cut off on one side, and so on the other
      request.socket.destroy();
    }
  }

  async #ask({ method, url, headers }, body) {
    const asked = http.request(this.target + url, { method, headers, agent: this.#agent }).end(body);
    const [answer] = await once(asked, 'response');
    const text = Buffer.concat(await answer.toArray()).toString();
    const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, ...kept } = answer.headers;
    return { status: answer.statusCode, headers: kept, text };
  }
}

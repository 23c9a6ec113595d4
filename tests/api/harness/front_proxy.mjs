import { once } from 'node:events';
import http from 'node:http';

// The service that answers under the first segment of a path. What is not here is not for the public: `/internal` above all.
const serviceOf = {
  register: 'auth', login: 'auth', logout: 'auth', refresh: 'auth', me: 'auth', '.well-known': 'auth',
  sessions: 'auth', users: 'auth', audit: 'auth', setup: 'auth', token: 'auth', introspect: 'auth', revoke: 'auth',
  'service-accounts': 'auth',
  stripe: 'payments', payments: 'payments', checkout: 'payments', 'webhook-endpoints': 'payments',
  products: 'products', orders: 'products',
  livez: 'products', readyz: 'products', version: 'products', 'openapi.json': 'products',
};

// They concern one connection, not the request.
const hopByHop = ['connection', 'keep-alive', 'transfer-encoding', 'expect'];
const forwarded = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)));

/**
 * What stands before the processes of a fleet: routes by path and takes the processes of one service in turn, the next
 * one where one cannot be reached. `upstreams`: service -> list of what has a `url`. `observe` gets every exchange.
 */
export class FrontProxy {
  #turn = 0;
  // Whoever may close an idle connection can do so just when the other side asks again, so it is the side that asks:
  // here before Balcão's IDLE_TIMEOUT, and towards the test never.
  #agent = new http.Agent({ keepAlive: true, timeout: 30_000 });

  constructor(upstreams, observe = () => {}) {
    this.upstreams = upstreams;
    this.observe = observe;
  }

  async start() {
    this.server = http.createServer({ keepAliveTimeout: 0 }, (request, response) => this.#serve(request, response));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  async close() {
    this.server.closeAllConnections();
    this.#agent.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  async #serve(request, response) {
    const body = Buffer.concat(await request.toArray().catch(() => []));
    const answer = await this.#answer(request, body);
    this.observe({ method: request.method, target: request.url, ...answer });
    response.writeHead(answer.status, forwarded(answer.headers)).end(answer.body);
  }

  async #answer(request, body) {
    const service = serviceOf[request.url.split(/[/?]/)[1]];
    if (!service) return { status: 404, headers: {}, body: '' };
    const upstreams = this.upstreams[service];
    const turn = ++this.#turn;
    for (let i = 0; i < upstreams.length; ++i) {
      try {
        return await this.#ask(upstreams[(turn + i) % upstreams.length].url, request, body);
      } catch (fault) {
        // Only what was surely not begun may be asked elsewhere.
        if (fault.code !== 'ECONNREFUSED') break;
      }
    }
    return { status: 502, headers: {}, body: '' };
  }

  async #ask(url, { method, url: target, headers, socket }, body) {
    const sent = { ...forwarded(headers), 'x-forwarded-for': socket.remoteAddress, 'x-forwarded-proto': 'http' };
    if (body.length > 0) sent['content-length'] = body.length;
    const request = http.request(url + target, { method, headers: sent, agent: this.#agent });
    request.end(body);
    const [answer] = await once(request, 'response');
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(await answer.toArray()) };
  }
}

import { createServer } from 'node:http';

import { until } from './wait.mjs';

/** Somebody who takes webhooks: keeps what arrives, and answers 200, or first what `statuses` holds. */
export class Receiver {
  deliveries = [];
  statuses = [];

  async start(port = 0) {
    this.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      const body = Buffer.concat(parts).toString();
      this.deliveries.push({ body, event: JSON.parse(body), headers: request.headers, url: request.url, at: Date.now() });
      response.writeHead(this.statuses.shift() ?? 200).end();
    });
    await new Promise((resolve, reject) => this.server.on('error', reject).listen(port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** The deliveries whose event fits, once there are `count` of them. */
  async heard(fits, count = 1) {
    const fitting = () => this.deliveries.filter(({ event }) => fits(event));
    await until(() => fitting().length >= count, `${count} deliveries arrive`);
    return fitting();
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

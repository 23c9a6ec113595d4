import { createServer } from 'node:http';

import { until } from './wait.mjs';

/** Somebody who takes webhooks: keeps what arrives, and answers 200, or first what `statuses` holds, or as `answer` says. */
export class Receiver {
  deliveries = [];
  statuses = [];
  answer = () => ({ status: this.statuses.shift() ?? 200 });

  async start(port = 0) {
    this.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      const body = Buffer.concat(parts).toString();
      const delivery = { body, event: JSON.parse(body), headers: request.headers, url: request.url, at: Date.now() };
      this.deliveries.push(delivery);
      const { status = 200, headers } = await this.answer(delivery);
      response.writeHead(status, headers).end();
    });
    await new Promise((resolve, reject) => this.server.on('error', reject).listen(port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
    return this;
  }

  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }

  get url() {
    return `${this.origin}/hook`;
  }

  /** The deliveries whose event fits, once there are `count` of them. */
  heard(fits, count = 1) {
    return this.received(({ event }) => fits(event), count);
  }

  /** The deliveries that fit, once there are `count` of them. */
  async received(fits, count = 1) {
    const fitting = () => this.deliveries.filter(fits);
    await until(() => fitting().length >= count, `${count} deliveries arrive`);
    return fitting();
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

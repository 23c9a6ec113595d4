import http from 'node:http';

import { until } from '../api/harness/wait.mjs';

/** Readers and writers that go on until they are stopped, each on connections that it keeps; counts every answer. */
export class Load {
  reads = {};
  writes = {};
  created = [];
  #stopping = false;

  constructor(url, { token, productId, readers = 4, writers = 2 }) {
    this.agent = new http.Agent({ keepAlive: true });
    const read = () => this.#send('GET', `${url}/products/${productId}`);
    const body = JSON.stringify({ name: 'Under load', price: 1 });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': body.length };
    const write = async () => {
      const { status, text } = await this.#send('POST', `${url}/products`, { headers, body });
      if (status === 201) this.created.push(JSON.parse(text).id);
      return { status };
    };
    const work = async (counts, request) => {
      while (!this.#stopping) {
        const { status } = await request();
        counts[status] = (counts[status] ?? 0) + 1;
      }
    };
    this.work = Promise.all([
      ...Array.from({ length: readers }, () => work(this.reads, read)),
      ...Array.from({ length: writers }, () => work(this.writes, write)),
    ]);
  }

  /** What was answered; where nothing was, the fault's code stands for the status. */
  #send(method, url, { headers, body } = {}) {
    return new Promise((resolve) => {
      const request = http.request(url, { method, headers, agent: this.agent, timeout: 30_000 }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode, text }));
        response.on('aborted', () => resolve({ status: 'cut short' }));
      });
      request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'no answer in 30 s' })));
      request.on('error', (fault) => resolve({ status: fault.code }));
      request.end(body);
    });
  }

  get good() {
    return { reads: this.reads[200] ?? 0, writes: this.writes[201] ?? 0 };
  }

  /** Waits until so many more reads and writes have gone well. */
  async more(count) {
    const before = this.good;
    const enough = () => this.good.reads >= before.reads + count && this.good.writes >= before.writes + count / 10;
    await until(enough, `${count} more good reads: ${this}`, 60_000);
  }

  async stop() {
    this.#stopping = true;
    await this.work;
    this.agent.destroy();
  }

  toString() {
    return `reads ${JSON.stringify(this.reads)}, writes ${JSON.stringify(this.writes)}`;
  }
}

import assert from 'node:assert/strict';

import { Server } from './server.mjs';

const key = 'sk_test_balcao';

/** `balcao sandbox` as a process of its own, and what a test asks of it. */
export class Gateway extends Server {
  /** `webhook`: {url, secret}, whom it tells what happens. */
  constructor({ webhook } = {}) {
    const told = webhook ? ['--webhook-url', webhook.url, '--webhook-secret', webhook.secret] : [];
    super({ command: (port) => ['sandbox', '--port', port, ...told], env: { STRIPE_SECRET_KEY: key } });
  }

  start() {
    return super.start('/_sandbox/faults');
  }

  /** The settings of a Balcão that pays here, or through `url`. */
  settings(url = this.url) {
    return { STRIPE_SECRET_KEY: key, STRIPE_API_BASE: url };
  }

  async get(path) {
    const response = await this.api('GET', path, { token: key });
    assert.equal(response.status, 200, response.text);
    return response.body;
  }

  async post(path, form = {}) {
    const response = await this.api('POST', path, { token: key, body: new URLSearchParams(form) });
    assert.equal(response.status, 200, response.text);
    return response.body;
  }

  /** A whole list, page by page, the newest first. */
  async all(path, query = {}) {
    const found = [];
    for (let after; ;) {
      const page = await this.get(`${path}?${new URLSearchParams({ ...query, limit: 100, ...after })}`);
      found.push(...page.data);
      if (!page.has_more) return found;
      after = { starting_after: page.data.at(-1).id };
    }
  }

  async fault(fault, match, options = {}) {
    const response = await this.api('POST', '/_sandbox/faults', { body: { match, fault, ...options } });
    assert.equal(response.status, 200, response.text);
  }

  clearFaults() {
    return this.api('DELETE', '/_sandbox/faults');
  }

  /** What the customer or the bank does: succeed, fail, expire. */
  async act(intent, action) {
    const response = await this.api('POST', `/_sandbox/payment_intents/${intent}/${action}`);
    assert.equal(response.status, 200, response.text);
    return response.body;
  }
}

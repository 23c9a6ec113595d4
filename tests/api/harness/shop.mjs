import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { until } from './wait.mjs';

export const cardIsGood = { payment_method: 'pm_card_visa' };
export const billing = {
  name: 'Ana Conceição', email: 'ana@example.com', tax_id: '529.982.247-25', line1: 'Rua Augusta, 1', city: 'São Paulo',
  state: 'SP', postal_code: '01305-000',
};

/** What buyers and the customer at the gateway do, whatever shape Balcão has. */
export class Shop {
  /** `token`: whose requests are nobody's in particular. */
  constructor(server) {
    this.server = server;
  }

  post(path, body, { key = randomUUID(), as = this.token } = {}) {
    return this.server.api('POST', path, { token: as, body, headers: key ? { 'Idempotency-Key': key } : {} });
  }

  get(path, as = this.token) {
    return this.server.api('GET', path, { token: as });
  }

  /** `what`: a product, or [product, quantity] pairs. */
  order(what, fields = {}, options) {
    const items = (Array.isArray(what) ? what : [[what, 1]]).map(([{ id }, quantity]) => ({ product_id: id, quantity }));
    return this.post('/orders', { items, ...fields }, options);
  }

  async ordered(what, fields, options) {
    const made = await this.order(what, fields, options);
    assert.equal(made.status, 201, made.text);
    return made.body;
  }

  checkout(order_id, fields = {}, options) {
    return this.post('/checkout', { order_id, success_url: 'https://shop.example/ok', cancel_url: 'https://shop.example/no', ...fields }, options);
  }

  async stockOf({ id }) {
    const { status, body, text } = await this.get(`/products/${id}`);
    assert.equal(status, 200, text);
    return body.stock;
  }

  /** The order, once it is in one of these states. */
  comesTo({ id }, ...states) {
    return until(async () => {
      const { body } = await this.get(`/orders/${id}`, this.administrator ?? this.token);
      return states.includes(body.status) && body;
    }, `order ${id} is ${states}`);
  }

  /** What a customer does on a page of the sandbox. */
  async press(url, name, value) {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams({ [name]: value }), redirect: 'manual' });
    assert.equal(response.status, 303, await response.text());
  }

  /** What the customer or his bank does with a payment: succeed, fail, expire. The sandbox is where its page is. */
  async act(payment, action) {
    const text = JSON.stringify(payment.next_action);
    const [origin] = text.match(/http:\/\/127\.0\.0\.1:\d+/);
    const response = await fetch(`${origin}/_sandbox/payment_intents/${payment.gateway_id}/${action}`, { method: 'POST' });
    assert.equal(response.status, 200, await response.text());
  }

  /** Pieces that orders hold, of a product. */
  async held({ id }) {
    const lines = await this.server.query('SELECT items FROM orders WHERE holds_stock', 'products');
    const items = lines.split('\n').filter(Boolean).flatMap((line) => JSON.parse(line));
    return items.filter(({ product_id }) => product_id === id).reduce((sum, { quantity }) => sum + quantity, 0);
  }
}

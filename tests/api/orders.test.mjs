import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { Shop, billing, cardIsGood } from './harness/shop.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { until } from './harness/wait.mjs';

const dearest = 99_999_999;

describe('orders', () => {
  const server = serverForSuite({ env: { UNPAID_ORDERS_PER_USER: '100000', UNPAID_PIECES_PER_USER: '100000' } });
  const shop = new Shop(server);
  let other;

  before(async () => {
    shop.token = (await server.newUser()).token;
    other = (await server.newUser()).token;
    shop.administrator = (await server.newAdministrator()).token;
  });

  const product = (fields) => server.newProduct(other, fields);
  const paymentOf = async ({ payment_id }) => (await shop.get(`/payments/${payment_id}`)).body;
  const cancel = ({ id }, as) => shop.post(`/orders/${id}/cancel`, undefined, { as, key: null });

  describe('that are paid with a card', () => {
    test('are paid at once, at the prices of that moment, and the stock is less', async () => {
      const [coffee, cup] = [await product({ price: 1990, stock: 5 }), await product({ name: 'Xícara', price: 500 })];
      const made = await shop.order([[coffee, 2], [cup, 3]], cardIsGood);
      assert.equal(made.status, 201, made.text);
      assert.equal(made.headers.get('location'), `/orders/${made.body.id}`);
      const { status, currency, total, items, payment_status: paymentStatus, decline } = made.body;
      assert.deepEqual({ status, currency, total, paymentStatus, decline },
        { status: 'paid', currency: 'BRL', total: 5480, paymentStatus: 'succeeded', decline: null });
      assert.deepEqual(new Map(items.map(({ product_id: id, ...rest }) => [id, rest])), new Map([
        [coffee.id, { name: 'Café', unit_price: 1990, quantity: 2, subtotal: 3980 }],
        [cup.id, { name: 'Xícara', unit_price: 500, quantity: 3, subtotal: 1500 }],
      ]));
      assert.equal(await shop.stockOf(coffee), 3);
      assert.equal(await shop.stockOf(cup), null);
      const payment = await paymentOf(made.body);
      assert.deepEqual([payment.status, payment.amount_captured, payment.order_id], ['succeeded', 5480, made.body.id]);
      assert.deepEqual((await shop.get(`/orders/${made.body.id}`)).body, made.body);
    });

    test('keep their prices whatever becomes of the products', async () => {
      const coffee = await product({ stock: 5 });
      const made = await shop.ordered(coffee, cardIsGood);
      await server.api('PUT', `/products/${coffee.id}`, { token: other, body: { price: 1, name: 'Chá' } });
      assert.deepEqual((await shop.get(`/orders/${made.id}`)).body.items, made.items);
      await server.api('DELETE', `/products/${coffee.id}`, { token: other });
      assert.deepEqual((await shop.get(`/orders/${made.id}`)).body, made);
    });

    test('change the page of the catalog and the ETag of the product at once', async () => {
      const coffee = await product({ stock: 7 });
      const before = await shop.get(`/products/${coffee.id}`);
      const listed = async () => (await server.allProducts()).get(coffee.id).stock;
      assert.equal(await listed(), 7);
      await shop.ordered([[coffee, 3]], cardIsGood);
      const after = await shop.get(`/products/${coffee.id}`);
      assert.notEqual(after.headers.get('etag'), before.headers.get('etag'));
      assert.equal(after.body.stock, 4);
      await until(async () => await listed() === 4, 'every process shows it');
    });

    test('fail where the card is declined, and the pieces are back', async () => {
      const coffee = await product({ stock: 5 });
      const key = randomUUID();
      const declined = await shop.order([[coffee, 2]], { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }, { key });
      assertProblem(declined, 402, { code: 'payment_declined' });
      assert.deepEqual([declined.body.gateway_code, declined.body.decline_code], ['card_declined', 'insufficient_funds']);
      const order = (await shop.get(`/orders/${declined.body.order_id}`)).body;
      assert.deepEqual([order.status, order.decline.decline_code], ['failed', 'insufficient_funds']);
      assert.equal(await shop.stockOf(coffee), 5);
      const payment = await paymentOf(order);
      assert.equal(payment.status, 'canceled');
      assertProblem(await shop.post(`/payments/${payment.id}/confirm`, cardIsGood), 409);
      const again = await shop.order([[coffee, 2]], { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }, { key });
      assert.deepEqual([again.status, again.body.order_id], [402, order.id]);
    });

    test('fail where the gateway does not know the method', async () => {
      const coffee = await product({ stock: 5 });
      const refused = await shop.order(coffee, { payment_method: 'pm_bogus' });
      assertProblem(refused, 422, { code: 'gateway_refused' });
      assert.equal(refused.body.gateway_code, 'resource_missing');
      assert.equal((await shop.get(`/orders/${refused.body.order_id}`)).body.status, 'failed');
      assert.equal(await shop.stockOf(coffee), 5);
    });
  });

  describe('that wait for the customer', () => {
    test('are paid when he has scanned the Pix', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered(coffee, { payment_method: 'pix' });
      assert.deepEqual([order.status, order.payment_status], ['pending', 'requires_action']);
      assert.equal(await shop.stockOf(coffee), 4);
      const payment = await paymentOf(order);
      assert.ok(payment.next_action.pix_display_qr_code.data);
      await shop.act(payment, 'succeed');
      assert.equal((await shop.comesTo(order, 'paid', 'failed')).status, 'paid');
      assert.equal(await shop.stockOf(coffee), 4);
    });

    test('are paid when he has passed 3-D Secure, and fail when he has not', async () => {
      const coffee = await product({ stock: 5 });
      const fields = { payment_method: 'pm_card_threeDSecure2Required', return_url: 'https://shop.example/back' };
      const [good, bad] = [await shop.ordered(coffee, fields), await shop.ordered(coffee, fields)];
      await shop.act(await paymentOf(good), 'succeed');
      await shop.act(await paymentOf(bad), 'fail');
      await shop.comesTo(good, 'paid');
      const failed = await shop.comesTo(bad, 'failed');
      assert.ok(failed.decline.code);
      assert.equal(await shop.stockOf(coffee), 4);
    });

    test('wait four days for a boleto', async () => {
      const order = await shop.ordered(await product(), { payment_method: 'boleto', billing });
      assert.equal(order.status, 'pending');
      assert.equal(Date.parse(order.expires_at) - Date.parse(order.created_at), 4 * 86_400_000);
      assert.ok(!(await server.query('SELECT payment FROM orders WHERE payment IS NOT NULL', 'products')).includes('Ana'));
    });

    test('are over when the buyer cancels the payment', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered(coffee, { payment_method: 'pix' });
      assert.equal((await shop.post(`/payments/${order.payment_id}/cancel`, {})).status, 200);
      await shop.comesTo(order, 'canceled');
      assert.equal(await shop.stockOf(coffee), 5);
    });
  });

  describe('that are paid on a page', () => {
    test('wait for it, and are paid there', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered([[coffee, 2]]);
      assert.deepEqual([order.status, order.payment_id], ['pending', null]);
      assert.equal(await shop.stockOf(coffee), 3);
      const page = await shop.checkout(order.id);
      assert.equal(page.status, 201, page.text);
      const payment = (await shop.get(`/payments/${page.body.payment_id}`)).body;
      assert.deepEqual([payment.amount, payment.currency, payment.order_id], [3980, 'BRL', order.id]);
      await shop.press(page.body.url, 'method', 'card');
      const paid = await shop.comesTo(order, 'paid');
      assert.equal(paid.payment_id, payment.id);
      assertProblem(await shop.checkout(order.id), 409, { code: 'order_not_payable' });
    });

    test('have one page, however often it is asked for', async () => {
      const order = await shop.ordered(await product());
      const key = randomUUID();
      const pages = await Promise.all([shop.checkout(order.id, {}, { key }), ...Array.from({ length: 4 }, () => shop.checkout(order.id))]);
      const made = pages.filter(({ status }) => status === 201);
      for (const page of pages) if (page.status !== 201) assertProblem(page, 409, { code: 'order_being_paid' });
      assert.equal(new Set(made.map(({ body }) => body.id)).size, 1);
      const again = await shop.checkout(order.id);
      assert.deepEqual([again.status, again.body.id], [201, made[0].body.id]);
      assert.equal((await shop.checkout(order.id, {}, { key })).body.id, made[0].body.id);
    });

    test('outlive a card that is declined there', async () => {
      const order = await shop.ordered(await product());
      const { body: page } = await shop.checkout(order.id);
      await shop.press(page.url, 'method', 'card_insufficient_funds');
      await shop.press(page.url, 'method', 'card');
      await shop.comesTo(order, 'paid');
    });

    test('close it when they are canceled', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered(coffee);
      const { body: page } = await shop.checkout(order.id);
      const canceled = await cancel(order);
      assert.deepEqual([canceled.status, canceled.body.status], [200, 'canceled'], canceled.text);
      assert.equal((await shop.get(`/checkout/${page.id}`)).body.status, 'expired');
      assert.equal(await shop.stockOf(coffee), 5);
    });

    test('say themselves what is paid, and to nobody else', async () => {
      const order = await shop.ordered(await product());
      for (const [fields, pointer] of [[{ amount: 5 }, '/order_id'], [{ currency: 'BRL' }, '/currency'], [{ capture: 'manual' }, '/capture']]) {
        assertProblem(await shop.checkout(order.id, fields), 422, { pointers: [pointer] });
      }
      assertProblem(await shop.checkout(undefined), 422, { pointers: ['/amount'] });
      const foreign = await shop.checkout(order.id, {}, { as: other });
      assertProblem(foreign, 422, { pointers: ['/order_id'] });
      const unknown = await shop.checkout(randomUUID(), {}, { as: other });
      assert.deepEqual(foreign.body.errors, unknown.body.errors);
      const waiting = await shop.ordered(await product(), { payment_method: 'pix' });
      assertProblem(await shop.checkout(waiting.id), 409, { code: 'order_being_paid' });
    });
  });

  describe('that are canceled', () => {
    test('before they are paid give their pieces back, once', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered([[coffee, 2]]);
      const answers = await Promise.all(Array.from({ length: 8 }, () => cancel(order)));
      for (const { status, body, text } of answers) assert.ok(status === 200 ? body.status === 'canceled' : status === 202, text);
      await shop.comesTo(order, 'canceled');
      assert.equal((await cancel(order)).status, 200);
      assert.equal(await shop.stockOf(coffee), 5);
      assertProblem(await shop.checkout(order.id), 409, { code: 'order_not_payable' });
    });

    test('after that are given back, by an administrator alone', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered([[coffee, 2]], cardIsGood);
      assertProblem(await cancel(order), 403, { code: 'forbidden' });
      assertProblem(await cancel(order, other), 404);
      const refunded = await cancel(order, shop.administrator);
      assert.equal(refunded.status, 200, refunded.text);
      assert.equal(refunded.body.status, 'refunded');
      assert.equal(await shop.stockOf(coffee), 5);
      const payment = await paymentOf(order);
      assert.equal(payment.amount_refunded, order.total);
      assert.equal((await cancel(order, shop.administrator)).body.status, 'refunded');
      assert.equal((await shop.get(`/payments/${payment.id}/refunds`)).body.data.length, 1);
      assert.equal(await shop.stockOf(coffee), 5);
    });

    test('are refunded when the refund that is pending has come', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered(coffee, { payment_method: 'pm_card_pendingRefund' });
      const begun = await cancel(order, shop.administrator);
      assert.deepEqual([begun.status, begun.body.status], [202, 'refunding'], begun.text);
      assert.equal(await shop.stockOf(coffee), 4);
    });

    test('stay paid where the gateway gives nothing back', async () => {
      const order = await shop.ordered(await product({ stock: 3 }), { payment_method: 'boleto', billing });
      await shop.act(await paymentOf(order), 'succeed');
      await shop.comesTo(order, 'paid');
      assertProblem(await cancel(order, shop.administrator), 422, { code: 'gateway_refused' });
      assert.equal((await shop.get(`/orders/${order.id}`)).body.status, 'paid');
    });

    test('owe what could not be given back after all, until somebody does', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered(coffee, { payment_method: 'pm_card_refundFail' });
      assert.equal((await cancel(order, shop.administrator)).body.status, 'refunded');
      const owed = await shop.comesTo(order, 'refunding');
      assert.equal(owed.decline.code, 'refund_failed');
      assertProblem(await cancel(order), 403);
      assert.equal((await cancel(order, shop.administrator)).body.status, 'refunded');
      assert.equal((await shop.get(`/payments/${order.payment_id}/refunds`)).body.data.length, 2);
      assert.equal(await shop.stockOf(coffee), 5);
    });

    test('at the payment are refunded too, and their pieces stay with the buyer', async () => {
      const coffee = await product({ stock: 5 });
      const order = await shop.ordered([[coffee, 2]], cardIsGood);
      const path = `/payments/${order.payment_id}/refunds`;
      assertProblem(await shop.post(path, {}), 403, { code: 'forbidden' });
      assert.equal((await shop.post(path, { amount: 100 }, { as: shop.administrator })).status, 201);
      assert.equal((await shop.get(`/orders/${order.id}`)).body.status, 'paid');
      assert.equal((await shop.post(path, {}, { as: shop.administrator })).status, 201);
      await shop.comesTo(order, 'refunded');
      assert.equal(await shop.stockOf(coffee), 3);
    });
  });

  describe('of what there is not enough', () => {
    test('are refused, and name it', async () => {
      const [coffee, cup] = [await product({ stock: 5 }), await product({ stock: 1 })];
      assertProblem(await shop.order([[coffee, 1], [cup, 2]]), 409, { code: 'out_of_stock', pointers: ['/items/1/quantity'] });
      assert.deepEqual([await shop.stockOf(coffee), await shop.stockOf(cup)], [5, 1]);
    });

    test('the last piece goes to one', async () => {
      const coffee = await product({ stock: 1 });
      const answers = await Promise.all(Array.from({ length: 30 }, () => shop.order(coffee)));
      const taken = answers.filter(({ status }) => status === 201);
      for (const answer of answers) if (answer.status !== 201) assertProblem(answer, 409, { code: 'out_of_stock' });
      assert.equal(taken.length, 1);
      assert.equal(await shop.stockOf(coffee), 0);
    });

    test('many products in any order do not stand in each other\'s way', async () => {
      const products = await Promise.all(Array.from({ length: 8 }, () => product({ stock: 100 })));
      const shuffled = () => [...products].sort(() => Math.random() - 0.5).map((one) => [one, 1]);
      const answers = await Promise.all(Array.from({ length: 120 }, () => shop.order(shuffled())));
      assert.equal(answers.filter(({ status }) => status === 201).length, 100);
      assert.equal(answers.filter(({ status }) => status === 409).length, 20);
      for (const one of products) assert.equal(await shop.stockOf(one), 0);
    });
  });

  describe('the Idempotency-Key', () => {
    test('gives the same answer in the same bytes, and nothing more is taken', async () => {
      const coffee = await product({ stock: 2 });
      const key = randomUUID();
      for (const fields of [{}, cardIsGood]) {
        const own = fields === cardIsGood ? randomUUID() : key;
        const first = await shop.order(coffee, fields, { key: own });
        assert.equal(first.status, 201, first.text);
        assert.equal((await shop.order(coffee, fields, { key: own })).text, first.text);
      }
      assert.equal(await shop.stockOf(coffee), 0);
    });

    test('is needed, belongs to one request, and to one user', async () => {
      const coffee = await product();
      assertProblem(await shop.order(coffee, {}, { key: null }), 400, { code: 'idempotency_key_missing' });
      const key = randomUUID();
      const first = await shop.ordered(coffee, {}, { key });
      assertProblem(await shop.order([[coffee, 2]], {}, { key }), 422, { code: 'idempotency_key_reused' });
      assert.notEqual((await shop.ordered(coffee, {}, { key, as: other })).id, first.id);
    });

    test('twenty at once are one order', async () => {
      const coffee = await product({ stock: 50 });
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 20 }, () => shop.order(coffee, cardIsGood, { key })));
      for (const answer of answers) {
        if (![201, 202].includes(answer.status)) assertProblem(answer, 409, { code: 'idempotency_key_in_use' });
      }
      assert.equal(await shop.stockOf(coffee), 49);
    });

    test('of what there was not enough of can be used again', async () => {
      const coffee = await product({ stock: 0 });
      const key = randomUUID();
      assertProblem(await shop.order(coffee, {}, { key }), 409);
      await server.api('PUT', `/products/${coffee.id}`, { token: other, body: { stock: 1 } });
      assert.equal((await shop.order(coffee, {}, { key })).status, 201);
    });
  });

  describe('what is wrong is said, and nothing is half done', () => {
    let coffee, tea, hidden, gone, free, dear, dollars;
    before(async () => {
      [coffee, tea] = [await product({ stock: 5 }), await product({ name: 'Chá' })];
      [hidden, gone] = [await product({ active: false }), await product()];
      [free, dear, dollars] = [await product({ price: 0 }), await product({ price: dearest }), await product({ currency: 'USD' })];
      assert.equal((await server.api('DELETE', `/products/${gone.id}`, { token: other })).status, 204);
    });

    for (const [what, items, pointer] of [
      ['nothing', () => [], '/items'],
      ['101 things', () => Array.from({ length: 101 }, () => ({ product_id: randomUUID(), quantity: 1 })), '/items'],
      ['no pieces', () => [{ product_id: coffee.id, quantity: 0 }], '/items/0/quantity'],
      ['less than nothing', () => [{ product_id: coffee.id, quantity: -1 }], '/items/0/quantity'],
      ['half a piece', () => [{ product_id: coffee.id, quantity: 0.5 }], '/items/0/quantity'],
      ['too many pieces', () => [{ product_id: tea.id, quantity: 100_001 }], '/items/0/quantity'],
      ['what is no id', () => [{ product_id: 'coffee', quantity: 1 }], '/items/0/product_id'],
      ['the same twice', () => [{ product_id: coffee.id, quantity: 1 }, { product_id: coffee.id, quantity: 1 }], '/items/1/product_id'],
      ['two currencies', () => [{ product_id: coffee.id, quantity: 1 }, { product_id: dollars.id, quantity: 1 }], '/items/1/product_id'],
      ['what comes to nothing', () => [{ product_id: free.id, quantity: 5 }], '/items'],
      ['what comes to too much', () => [{ product_id: dear.id, quantity: 1 }, { product_id: tea.id, quantity: 1 }], '/items'],
      ['what comes to far too much', () => [{ product_id: dear.id, quantity: 100_000 }], '/items'],
      ['a field that nobody knows', () => [{ product_id: tea.id, quantity: 1, price: 1 }], '/items/0/price'],
    ]) {
      test(what, async () => {
        assertProblem(await shop.post('/orders', { items: items() }), 422, { code: 'invalid_fields', pointers: [pointer] });
        assert.equal(await shop.stockOf(coffee), 5);
      });
    }

    test('what is unknown, deleted or not active is the same', async () => {
      const answers = await Promise.all([{ id: randomUUID() }, gone, hidden].map((one) => shop.order([[coffee, 1], [one, 1]])));
      for (const answer of answers) {
        assertProblem(answer, 422, { code: 'invalid_fields', pointers: ['/items/1/product_id'] });
        assert.deepEqual(answer.body.errors, answers[0].body.errors);
      }
      assert.equal(await shop.stockOf(coffee), 5);
    });

    for (const [what, fields, pointer] of [
      ['a method that is none', { payment_method: 'cash' }, '/payment_method'],
      ['a boleto of nobody', { payment_method: 'boleto' }, '/billing'],
      ['a payer without a method', { billing }, '/billing'],
      ['a way back without a method', { return_url: 'https://shop.example' }, '/return_url'],
      ['a way back to nowhere', { ...cardIsGood, return_url: 'javascript:alert(1)' }, '/return_url'],
    ]) {
      test(what, async () => {
        assertProblem(await shop.order(coffee, fields), 422, { code: 'invalid_fields', pointers: [pointer] });
      });
    }

    test('a Pix in dollars', async () => {
      assertProblem(await shop.order(dollars, { payment_method: 'pix' }), 422, { pointers: ['/payment_method'] });
    });

    test("a card's number", async () => {
      const fields = { payment_method: 'pix', billing: { name: '4242 4242 4242 4242', email: 'ana@example.com' } };
      const refused = await shop.order(coffee, fields);
      assertProblem(refused, 422, { code: 'card_number_refused' });
      assert.doesNotMatch(refused.text, /42424242|4242[- ]4242/);
    });
  });

  describe('whose they are', () => {
    test('others see none of it, an administrator all', async () => {
      const order = await shop.ordered(await product());
      const foreign = await shop.get(`/orders/${order.id}`, other);
      assertProblem(foreign, 404);
      assertProblem(await cancel(order, other), 404);
      assert.equal((await shop.get(`/orders/${order.id}`, shop.administrator)).status, 200);
      const ids = async (query, as) => (await shop.get(`/orders?limit=100${query}`, as)).body.data.map(({ id }) => id);
      assert.ok((await ids('')).includes(order.id));
      assert.ok((await ids(`&owner=${order.owner_id}`, shop.administrator)).includes(order.id));
      assert.deepEqual(await ids(`&owner=${order.owner_id}`, other), []);
      assert.ok(!(await ids('', other)).includes(order.id));
    });

    test('lists go page by page, and by state', async () => {
      const buyer = (await server.newUser()).token;
      const tea = await product();
      const made = [];
      for (let n = 0; n < 5; ++n) made.push((await shop.ordered(tea, n % 2 ? cardIsGood : {}, { as: buyer })).id);
      const walk = async (query) => {
        const seen = [];
        for (let cursor = ''; ;) {
          const { body } = await shop.get(`/orders?limit=2${query}${cursor}`, buyer);
          seen.push(...body.data.map(({ id }) => id));
          if (!body.has_more) return seen;
          cursor = `&cursor=${body.next_cursor}`;
        }
      };
      assert.deepEqual(await walk(''), made.toReversed());
      assert.deepEqual(await walk('&status=paid'), [made[3], made[1]]);
      assertProblem(await shop.get('/orders?status=lost', buyer), 422, { pointers: ['?status'] });
      assertProblem(await shop.get('/orders?cursor=x', buyer), 422, { pointers: ['?cursor'] });
    });
  });
});

describe('orders that nobody pays', () => {
  const server = serverForSuite({ env: { ORDER_RESERVATION: '2' } });
  const shop = new Shop(server);
  let coffee;

  before(async () => {
    shop.token = (await server.newUser()).token;
    coffee = await server.newProduct(shop.token, { stock: 5 });
  });

  for (const [what, fields] of [['with nothing begun', {}], ['with a Pix that is shown', { payment_method: 'pix' }]]) {
    test(`expire ${what}, and can never be paid again`, async () => {
      const order = await shop.ordered([[coffee, 5]], fields);
      assertProblem(await shop.order(coffee), 409, { code: 'out_of_stock' });
      const expired = await shop.comesTo(order, 'expired');
      assert.equal(await shop.stockOf(coffee), 5);
      assert.equal(expired.payment_status, 'canceled');
      assertProblem(await shop.checkout(order.id), 409, { code: 'order_not_payable' });
    });
  }

  test('expire with an open page, which is closed', async () => {
    const order = await shop.ordered(coffee);
    const page = await shop.checkout(order.id);
    assert.equal(page.status, 201, page.text);
    await shop.comesTo(order, 'expired');
    assert.equal((await shop.get(`/checkout/${page.body.id}`)).body.status, 'expired');
    assert.equal(await shop.stockOf(coffee), 5);
  });
});

describe('orders that are not paid', () => {
  const server = serverForSuite({ env: { UNPAID_ORDERS_PER_USER: '3', UNPAID_PIECES_PER_USER: '10' } });
  const shop = new Shop(server);
  let seller, coffee;

  before(async () => {
    seller = (await server.newUser()).token;
    coffee = await server.newProduct(seller, { stock: 100 });
  });

  test('are as many as a user may have, however many are asked for at once', async () => {
    shop.token = (await server.newUser()).token;
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.order(coffee)));
    const made = answers.filter(({ status }) => status === 201);
    assert.equal(made.length, 3);
    for (const refused of answers.filter(({ status }) => status !== 201)) assertProblem(refused, 409, { code: 'too_many_unpaid_orders' });
    assert.equal(await shop.stockOf(coffee), 97);

    assert.equal((await shop.post(`/orders/${made[0].body.id}/cancel`, undefined, { key: null })).status, 200);
    assert.equal((await shop.order(coffee, cardIsGood)).status, 201, 'one that is paid at once');
    assert.equal((await shop.order(coffee)).status, 201, 'which holds nothing unpaid');
  });

  test('hold no more pieces than a user may have', async () => {
    shop.token = (await server.newUser()).token;
    assertProblem(await shop.order([[coffee, 11]]), 409, { code: 'too_many_unpaid_orders' });
    assert.equal((await shop.order([[coffee, 10]])).status, 201);
    assertProblem(await shop.order(coffee), 409, { code: 'too_many_unpaid_orders' });
    shop.token = (await server.newUser()).token;
    assert.equal((await shop.order(coffee)).status, 201, 'others have theirs');
  });

  test('are not counted for a program, which orders for many', async () => {
    shop.token = (await server.newServiceAccount('orders:write', 'products:write')).token;
    for (let i = 0; i < 5; ++i) assert.equal((await shop.order(coffee)).status, 201);
  });
});

import assert from 'node:assert/strict';

export const password = 'an unlikely counter phrase';

let users = 0;

/** What a test asks of a Balcão at `url`, whatever stands behind it. */
export class Client {
  async api(method, path, { body, token, headers = {} } = {}) {
    const sent = { ...headers };
    if (token) sent.authorization = `Bearer ${token}`;
    if (body !== undefined && !isRaw(body)) {
      sent['content-type'] ??= 'application/json';
      body = JSON.stringify(body);
    }
    const response = await fetch(this.url + path, { method, body, headers: sent, redirect: 'manual' });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  async login(username, secret = password) {
    const response = await this.api('POST', '/login', { body: { username, password: secret } });
    assert.equal(response.status, 200, response.text);
    return response.body;
  }

  async logout(token) {
    const response = await this.api('POST', '/logout', { body: { Token: token } });
    assert.equal(response.status, 204, response.text);
  }

  /** A new user with a session: {id, username, token, refreshToken, sessionId}. */
  async newUser(username = `guest-${process.pid}-${++users}`) {
    const registered = await this.api('POST', '/register', { body: { username, password } });
    assert.equal(registered.status, 201, registered.text);
    return { id: registered.body.id, username, ...(await this.newSession(username)) };
  }

  async newSession(username) {
    const session = await this.login(username);
    return { token: session.access_token, refreshToken: session.refresh_token, sessionId: session.session_id };
  }

  async newAdministrator() {
    const user = await this.newUser();
    const promoted = await this.run('user', 'promote', user.username);
    assert.equal(promoted.code, 0, promoted.stderr);
    return { ...user, ...(await this.newSession(user.username)) };
  }

  /** A program with these scopes, and a token with all of them: {id, secret, token}. */
  async newServiceAccount(...scopes) {
    const named = scopes.flatMap((scope) => ['--scope', scope]);
    const made = await this.run('user', 'create', `program-${process.pid}-${++users}`, '--service', ...named);
    assert.equal(made.code, 0, made.stderr);
    const [, id, secret] = made.stdout.match(/^client_id +(\S+)\nclient_secret +(\S+)$/m);
    return { id, secret, token: scopes.length > 0 ? await this.newServiceToken({ id, secret }) : undefined };
  }

  async newServiceToken({ id, secret }, fields = {}) {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret, ...fields });
    const response = await this.api('POST', '/token', { body });
    assert.equal(response.status, 200, response.text);
    return response.body.access_token;
  }

  async newProduct(token, fields = {}) {
    const response = await this.api('POST', '/products', { token, body: { name: 'Café', price: 1990, ...fields } });
    assert.equal(response.status, 201, response.text);
    return response.body;
  }

  /** The whole catalog, page by page: id -> product. */
  async allProducts() {
    const products = new Map();
    for (let query = '?limit=100'; query;) {
      const { status, text, body } = await this.api('GET', `/products${query}`);
      assert.equal(status, 200, text);
      for (const product of body.data) products.set(product.id, product);
      query = body.has_more && `?limit=100&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
    return products;
  }
}

// A string, bytes or a form goes out as it is.
function isRaw(body) {
  return typeof body === 'string' || body instanceof Uint8Array || body instanceof URLSearchParams;
}

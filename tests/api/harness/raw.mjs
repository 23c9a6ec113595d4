import { once } from 'node:events';
import net from 'node:net';

import { within } from './wait.mjs';

/** A TCP connection that sends whatever bytes a test likes, and reads HTTP responses one after the other. */
export class RawConnection {
  #received = Buffer.alloc(0);
  #wake = () => {};
  closed = false;

  static async open(port) {
    const connection = new RawConnection();
    connection.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    connection.socket.on('data', (bytes) => connection.#grow(bytes));
    // A server that refuses what it has not read may reset the connection: an end like any other.
    const end = () => {
      connection.closed = true;
      connection.#wake();
    };
    connection.socket.on('end', end).on('close', end).on('error', end);
    await within(once(connection.socket, 'connect'), 'the connection opens');
    return connection;
  }

  #grow(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    this.#wake();
  }

  send(bytes) {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  #more() {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async #until(ready, what) {
    for (;;) {
      const value = ready();
      if (value !== undefined) return value;
      if (this.closed) throw new Error(`closed before ${what}; received ${JSON.stringify(this.#received.toString('latin1'))}`);
      await within(this.#more(), what);
    }
  }

  #take(length) {
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  /** The next response; `bodyless` for the answer to a HEAD. */
  async response({ bodyless = false } = {}) {
    const headLength = await this.#until(() => {
      const end = this.#received.indexOf('\r\n\r\n');
      return end < 0 ? undefined : end + 4;
    }, 'a response head');
    const [statusLine, ...lines] = this.#take(headLength).toString('latin1').trimEnd().split('\r\n');
    const headers = new Headers(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
    const [, version, status] = statusLine.match(/^HTTP\/(\d\.\d) (\d{3})/);
    const hasBody = !bodyless && status >= 200 && status !== '204' && status !== '304';
    const text = hasBody ? await this.#body(headers) : '';
    return { version, status: Number(status), headers, text };
  }

  async #body(headers) {
    if (!headers.has('content-length')) throw new Error('the response has no length');
    const length = Number(headers.get('content-length'));
    await this.#until(() => (this.#received.length >= length ? true : undefined), 'the whole body');
    return this.#take(length).toString('utf8');
  }

  /** Waits for the server to end the connection; gives what else it sent. */
  async end() {
    while (!this.closed) await within(this.#more(), 'the server closes the connection');
    return this.#received.toString('latin1');
  }

  destroy() {
    this.socket.destroy();
  }
}

/** One connection for one exchange: sends the bytes, gives the response and whether the server then closed. */
export async function exchange(port, bytes, options) {
  const connection = await RawConnection.open(port);
  try {
    return await connection.send(bytes).response(options);
  } finally {
    connection.destroy();
  }
}

/** As `exchange`, for what is answered once: `rest` is what follows until the close that the response announces. */
export async function refused(port, bytes) {
  const connection = await RawConnection.open(port);
  try {
    const response = await connection.send(bytes).response();
    const closes = response.headers.get('connection') === 'close';
    return { ...response, rest: closes ? await connection.end() : undefined };
  } finally {
    connection.destroy();
  }
}

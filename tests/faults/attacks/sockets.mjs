import { setMaxListeners } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * What all attacks share: who is attacked, whether they go on, and what they were answered. `target`: {port}. Every
 * connection comes from `localAddress`, a proxy that the server trusts, and says which stranger it is for.
 */
export class Attacker {
  static localAddress = '127.0.0.2';
  answers = {};
  stopping = new AbortController();
  #sockets = new Set();
  #begin;
  #begun = new Promise((resolve) => (this.#begin = resolve));

  constructor(target) {
    this.target = target;
    setMaxListeners(0, this.stopping.signal);
  }

  /** Until then its lanes wait. */
  begin() {
    this.#begin();
  }

  get stopped() {
    return this.stopping.signal.aborted;
  }

  count(outcome) {
    this.answers[outcome] = (this.answers[outcome] ?? 0) + 1;
  }

  /** Ends early when the attack does. */
  rest(milliseconds) {
    return pause(milliseconds, undefined, { signal: this.stopping.signal }).catch(() => {});
  }

  /** A connection; destroyed at the end of the attack. */
  connect() {
    const socket = net.connect({ port: this.target.port, host: '127.0.0.1', localAddress: Attacker.localAddress });
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    return socket;
  }

  head(method, path, { from, token, length, chunked, type = 'application/json' } = {}) {
    const lines = [`${method} ${path} HTTP/1.1`, 'Host: x', `X-Forwarded-For: ${from ?? '198.51.100.1'}`, `Content-Type: ${type}`];
    if (token) lines.push(`Authorization: Bearer ${token}`);
    if (length !== undefined) lines.push(`Content-Length: ${length}`);
    if (chunked) lines.push('Transfer-Encoding: chunked');
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  /** Resolves, with the status or what happened instead, once the socket has an answer or an end; counts it. */
  outcome(socket) {
    return new Promise((resolve) => {
      let text = '';
      const done = (what) => {
        socket.off('data', read);
        this.count(what);
        resolve(what);
      };
      const read = (bytes) => {
        text += bytes.toString('latin1');
        const status = text.match(/^HTTP\/1\.1 (\d{3})/);
        if (status) done(status[1]);
      };
      socket.on('data', read);
      socket.once('close', () => text.length < 12 && done(this.stopped ? 'unanswered' : 'closed'));
    });
  }

  /** One exchange on a connection of its own. */
  async ask(method, path, { body, ...options } = {}) {
    const socket = this.connect();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answered = this.outcome(socket);
    socket.write(this.head(method, path, { ...options, length: text?.length ?? 0 }) + (text ?? ''));
    const status = await answered;
    socket.destroy();
    return status;
  }

  /** Resolves once the socket takes more, or is closed. */
  drained(socket) {
    return new Promise((resolve) => {
      const done = () => {
        socket.off('drain', done).off('close', done);
        resolve();
      };
      socket.on('drain', done).on('close', done);
    });
  }

  /** Starts `many` loops that each do `work(index)` from the beginning of the attack to its end. */
  lanes(many, work) {
    for (let n = 0; n < many; ++n) {
      (async () => {
        await this.#begun;
        while (!this.stopped) await work(n);
      })();
    }
  }

  stop() {
    this.stopping.abort();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** One of 65,000 strangers' addresses. */
export const stranger = (n) => `203.${(n >> 14) % 100}.${(n >> 7) % 128}.${1 + (n % 127)}`;

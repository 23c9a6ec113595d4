import { once } from 'node:events';
import net from 'node:net';

/**
 * Spreads connections over the servers on `ports`, in turn, and takes the next one where one refuses, as HAProxy does in
 * `mode tcp`. It keeps its own port whatever becomes of the servers.
 */
export class Balancer {
  #turn = 0;
  #sockets = new Set();

  constructor(ports) {
    this.ports = ports;
  }

  async start() {
    this.server = net.createServer((client) => this.#lead(client));
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async #lead(client) {
    this.#keep(client);
    const turn = ++this.#turn;
    for (let i = 0; i < this.ports.length; ++i) {
      const server = await this.#connect(this.ports[(turn + i) % this.ports.length]);
      if (!server) continue;
      const end = () => [client, server].forEach((socket) => socket.destroy());
      client.on('close', end).pipe(server);
      server.on('close', end).pipe(client);
      if (client.destroyed) end();
      return;
    }
    client.resetAndDestroy();
  }

  #connect(port) {
    const socket = net.connect({ port, host: '127.0.0.1' });
    this.#keep(socket);
    return new Promise((resolve) => socket.on('connect', () => resolve(socket)).on('error', () => resolve(undefined)));
  }

  #keep(socket) {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }
}

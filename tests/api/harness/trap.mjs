import { once } from 'node:events';
import net from 'node:net';

/** An address to which nobody must connect. */
export class Trap {
  connections = 0;

  /** On any free port, or on this one. */
  async start(port = 0) {
    this.server = net.createServer((socket) => {
      ++this.connections;
      socket.destroy();
    }).listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async close() {
    await new Promise((closed) => this.server.close(closed));
  }
}

import { once } from 'node:events';
import net from 'node:net';

import { Attacker } from './sockets.mjs';

const part = Buffer.alloc(64 * 1024, 'a');
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
/** What each answers with, and then without end. */
const kinds = {
  extension: [`${chunked}1;`, part],
  trailers: [`${chunked}0\r\n`, Buffer.from('X-Trailer: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(1024))],
  informational: ['', Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1024))],
  header: ['HTTP/1.1 200 OK\r\n', Buffer.from('X-Header: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(1024))],
};

async function listen(attacker, [begin, endless]) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', async () => {
      attacker.count('called');
      socket.write(begin);
      while (!socket.destroyed && !attacker.stopped) {
        if (!socket.write(endless)) await attacker.drained(socket);
      }
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  attacker.stopping.signal.addEventListener('abort', () => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

/** Webhook endpoints whose answers never end, tested twice a second each. `target`: {port, url, users}. */
export async function start(target) {
  const attacker = new Attacker(target);
  const token = target.users.receivers;
  for (const kind of Object.values(kinds)) {
    const url = await listen(attacker, kind);
    const made = await fetch(`${target.url}/webhook-endpoints`, {
      method: 'POST', body: JSON.stringify({ url }), headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    const { id } = await made.json();
    attacker.lanes(1, async () => {
      await attacker.ask('POST', `/webhook-endpoints/${id}/test`, { token });
      await attacker.rest(500);
    });
  }
  return attacker;
}

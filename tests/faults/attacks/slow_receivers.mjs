import { once } from 'node:events';
import { createServer } from 'node:http';

import { Attacker } from './sockets.mjs';

/** 16 webhook endpoints of one user that answer after 14 seconds, each with eight deliveries under way. */
export async function start(target) {
  const attacker = new Attacker(target);
  const token = target.users.slow;
  const server = createServer(async (request, response) => {
    request.resume();
    attacker.count('called');
    await attacker.rest(14_000);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  attacker.stopping.signal.addEventListener('abort', () => {
    server.closeAllConnections();
    server.close();
  });
  for (let n = 0; n < 16; ++n) {
    const made = await fetch(`${target.url}/webhook-endpoints`, {
      method: 'POST', body: JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/${n}` }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    const { id } = await made.json();
    attacker.lanes(1, async () => {
      await attacker.ask('POST', `/webhook-endpoints/${id}/test`, { token });
      await attacker.rest(1500);
    });
  }
  return attacker;
}

import { Attacker, stranger } from './sockets.mjs';

const rows = Buffer.from('{"x":1}\n'.repeat(8192));
const pieces = 37 * 16;  // 37 MiB

/** Imports of bad rows whose results are never read. */
export function start(target) {
  const attacker = new Attacker(target);
  attacker.lanes(2, async (n) => {
    const socket = attacker.connect();
    socket.pause();
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.write(attacker.head('POST', '/products/import', {
      from: stranger(n), token: target.users.unread, length: rows.length * pieces, type: 'application/x-ndjson',
    }));
    for (let sent = 0; sent < pieces && !socket.destroyed && !attacker.stopped; ++sent) {
      if (!socket.write(rows)) await attacker.drained(socket);
      if (sent % 16 === 15) attacker.count('MiB sent');
    }
    await Promise.race([ended, attacker.rest(30_000)]);
    attacker.count(socket.destroyed ? 'cut' : 'left');
    socket.destroy();
    await attacker.rest(2000);
  });
  return attacker;
}

import { Attacker, stranger } from './sockets.mjs';

/** 32 imports of one user that send a byte every 12 seconds. */
export function start(target) {
  const attacker = new Attacker(target);
  attacker.lanes(32, async (n) => {
    const socket = attacker.connect();
    const answered = attacker.outcome(socket);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.write(attacker.head('POST', '/products/import', {
      from: stranger(n), token: target.users.dripping, chunked: true, type: 'application/x-ndjson',
    }));
    const drip = setInterval(() => socket.write('1\r\n \r\n'), 12_000);
    if (await answered !== '200') socket.destroy();
    await ended;
    clearInterval(drip);
    await attacker.rest(1000);
  });
  return attacker;
}

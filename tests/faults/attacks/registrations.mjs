import { Attacker, stranger } from './sockets.mjs';

/** 200 connections at a time that register users, from 20 addresses. */
export function start(target) {
  const attacker = new Attacker(target);
  let made = 0;
  attacker.lanes(200, async (n) => {
    const body = { username: `flood-${++made}`, password: 'one of very many users' };
    const status = await attacker.ask('POST', '/register', { from: stranger(5000 + (n % 20)), body });
    if (status !== '201') await attacker.rest(500);
  });
  return attacker;
}

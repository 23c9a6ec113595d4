import { Attacker, stranger } from './sockets.mjs';

/** 24 guesses at a time at users who were imported with expensive hashes; each from another address, at another user. */
export function start(target) {
  const attacker = new Attacker(target);
  let guesses = 0;
  attacker.lanes(24, async () => {
    const guess = ++guesses;
    const username = target.imported[guess % target.imported.length];
    const status = await attacker.ask('POST', '/login', { from: stranger(1000 + guess), body: { username, password: 'not this one either' } });
    if (status !== '401') await attacker.rest(250);
  });
  return attacker;
}

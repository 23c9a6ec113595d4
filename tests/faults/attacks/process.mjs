import { readdirSync } from 'node:fs';
import os from 'node:os';
import { basename } from 'node:path';

// Runs all attacks of this folder in a process of their own, so that they do not slow down who measures. The parent
// sends the target, later 'stop', and is told {name: {answer: count}}.

const notAttacks = ['process', 'sockets'];
const names = readdirSync(import.meta.dirname ?? new URL('.', import.meta.url)).map((file) => basename(file, '.mjs'));
os.setPriority(5);

process.once('message', async (target) => {
  const chosen = names.filter((name) => !notAttacks.includes(name) && (target.only?.includes(name) ?? true));
  const running = {};
  for (const name of chosen) running[name] = await (await import(`./${name}.mjs`)).start(target);
  for (const attacker of Object.values(running)) attacker.begin();
  process.once('message', () => {
    for (const attacker of Object.values(running)) attacker.stop();
    const report = Object.fromEntries(Object.entries(running).map(([name, { answers }]) => [name, answers]));
    process.send(report, () => process.exit());
  });
  process.send('started');
});
process.once('disconnect', () => process.exit());

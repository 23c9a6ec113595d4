import { setTimeout as pause } from 'node:timers/promises';

// A sanitized build runs several times slower; nobody waits longer than needed, so a generous bound costs nothing.
export const patience = 30_000;

/** Asks again and again until `condition` gives something true, and gives that; throws once the deadline has passed. */
export async function until(condition, what, deadline = patience) {
  const end = Date.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${deadline} ms: ${what}`);
    await pause(10);
  }
}

/** The promise's value, or an error that says what did not happen in time. */
export async function within(promise, what, deadline = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${deadline} ms: ${what}`)), deadline);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

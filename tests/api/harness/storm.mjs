/** mulberry32: the same seed, the same numbers. */
export function chances(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The things of a list by their key: a Map of lists. */
export const grouped = (list, key) => list.reduce((groups, one) => groups.set(key(one), [...(groups.get(key(one)) ?? []), one]), new Map());

/**
 * Kills the server, `most` times, and starts it again, when so much has gone over the wire to the gateway as `between`
 * says: before a request, or before its answer. `back` resolves when it is there again.
 */
export function killer({ server, proxy, most, between }) {
  const state = { kills: 0, down: false, back: Promise.resolve() };
  let left = between();
  proxy.before = proxy.after = async () => {
    if (state.down || state.kills === most || --left > 0) return;
    left = between();
    ++state.kills;
    state.down = true;
    const killed = server.kill();
    state.back = killed.then(() => server.restart()).then(() => (state.down = false));
    await killed;
  };
  return state;
}

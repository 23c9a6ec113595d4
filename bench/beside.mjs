// A figure of ours and its peer's, taken in turn.
import { cpuSeconds, residentMegabytes } from "./processes.mjs";
import { median } from "./table.mjs";

export const rounds = 5;
export const seconds = 3;

/** `ours` gives a run of wrk against the process `pid`, `peer` a rate; each is asked once a round. A row for the table. */
export function beside({ work, pid, ours, peer, peerName, reach }) {
  const runs = [];
  const peers = [];
  const cpuBefore = cpuSeconds(pid);
  for (let round = 0; round < rounds; round++) {
    runs.push(ours());
    peers.push(peer(round));
  }
  const cpu = cpuSeconds(pid) - cpuBefore;
  const sum = (name) => runs.reduce((total, run) => total + run[name], 0);
  if (sum("failures") > 0) throw new Error(`${work}: ${sum("failures")} requests were refused`);
  return {
    work,
    ours: median(runs.map((run) => run.rate)),
    peer: median(peers),
    peerName,
    ratio: median(runs.map((run, i) => run.rate / peers[i])),
    reach,
    p50: median(runs.map((run) => run.p50)),
    p99: median(runs.map((run) => run.p99)),
    cpu: (cpu / sum("requests")) * 1e6,
    memory: residentMegabytes(pid),
  };
}

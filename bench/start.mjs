// Start to ready on existing data, and memory when idle.
import { join } from "node:path";
import { residentMegabytes, scratch, startBalcao, stop } from "./processes.mjs";
import { median } from "./table.mjs";

export async function startup() {
  const dataDir = join(scratch, "start");
  const first = await startBalcao({ dataDir });
  await stop(first.child);

  const times = [];
  const memory = [];
  for (let round = 0; round < 11; round++) {
    const balcao = await startBalcao({ dataDir });
    times.push(balcao.readyAfter);
    memory.push(residentMegabytes(balcao.child.pid));
    await stop(balcao.child);
  }
  return [
    { work: "start to ready, ms", ours: median(times), reach: "≤ 100" },
    { work: "idle, resident MB", ours: median(memory), reach: "≤ 20" },
  ];
}

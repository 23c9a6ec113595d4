// The first page of the catalog, kept in memory while it is written to every 100 ms through another process, beside nginx
// with the same bytes; and how soon every process shows a write.
import { setTimeout as pause } from "node:timers/promises";
import { Fleet } from "../tests/api/harness/fleet.mjs";
import { PostgresAndRedis } from "../tests/api/harness/backing.mjs";
import { beside, seconds } from "./beside.mjs";
import { start, startBalcao, startNginx, scratch, stop, wrk } from "./processes.mjs";
import { json, login } from "./requests.mjs";
import { percentile } from "./table.mjs";
import { join } from "node:path";

const serverCpu = "0";
const loadCpu = "1"; // which the writer, its process, PostgreSQL and Redis share, beside ours as beside nginx
const connections = 64;

async function warmPage() {
  const backing = new PostgresAndRedis({ durable: true });
  const started = [];
  try {
    const settings = { ...(await backing.start()), SERVICE_KEY: "a key for the bench, of thirty-two bytes and more" };
    const process = (name, cpus) => startBalcao({ dataDir: join(scratch, name), cpus, env: { ...settings, LOOPS: "1" } });
    const read = await process("read", serverCpu);
    started.push(read.child);
    const written = await process("written", loadCpu);
    started.push(written.child);
    const token = await login(written.url);
    let id;
    for (let i = 0; i < 20; i++) {
      const made = await fetch(`${written.url}/products`, json({ name: `Product ${i}`, price: 100 + i }, token));
      ({ id } = await made.json());
    }
    const page = Buffer.from(await (await fetch(`${read.url}/products`)).arrayBuffer());
    const nginx = await startNginx({ files: { "products.json": page }, cpus: serverCpu });
    started.push(nginx.child);
    started.push(start(globalThis.process.execPath, ["bench/writer.mjs", written.url, token, id], { cpus: loadCpu }));
    return beside({
      work: "GET /products, a write every 100 ms",
      pid: read.child.pid,
      ours: () => wrk(`${read.url}/products`, { seconds, connections, cpus: loadCpu }),
      peer: () => wrk(`${nginx.url}/products.json`, { seconds, connections, cpus: loadCpu }).rate,
      peerName: "nginx req/s",
      reach: "1.0",
    });
  } finally {
    for (const child of started.reverse()) await stop(child, "SIGKILL");
    await backing.close();
  }
}

/** Milliseconds from the answer to a write through one process until each of both shows it in its first page. */
async function seenBy(fleet, id, token, price) {
  const [writer, ...others] = fleet.products;
  await Promise.all(fleet.products.map((server) => fetch(`${server.url}/products`).then((answer) => answer.text())));
  const written = await fetch(`${writer.url}/products/${id}`, { ...json({ price }, token), method: "PUT" });
  if (!written.ok) throw new Error(`the write was answered ${written.status}`);
  const answered = performance.now();
  const shownBy = async (server) => {
    for (;;) {
      const { data } = await (await fetch(`${server.url}/products`)).json();
      if (data.find((product) => product.id === id).price === price) return performance.now() - answered;
      await pause(1);
    }
  };
  return Math.max(...(await Promise.all([writer, ...others].map(shownBy))));
}

async function visibility() {
  const fleet = new Fleet({ backing: new PostgresAndRedis({ durable: true }) });
  try {
    await fleet.start();
    const { token } = await fleet.newUser();
    const made = await fetch(`${fleet.url}/products`, json({ name: "Seen", price: 1 }, token));
    const { id } = await made.json();
    let price = 1;
    const measure = async (rounds) => {
      const times = [];
      for (let round = 0; round < rounds; round++) times.push(await seenBy(fleet, id, token, ++price));
      return times;
    };
    const together = await measure(300);
    await fleet.backing.redis.kill();
    const alone = await measure(30);
    const row = (work, values, reach) => ({ work, reach, p50: percentile(values, 0.5), p99: percentile(values, 0.99) });
    return [
      row("write answered → shown by both", together, "p99 ≤ 50 ms"),
      row("  the same with Redis gone", alone, "p99 ≤ 1000 ms"),
    ];
  } finally {
    await fleet.close();
  }
}

export async function pages() {
  return [await warmPage(), ...(await visibility())];
}

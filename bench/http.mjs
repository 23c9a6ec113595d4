// GET /livez and a warm GET /products beside nginx with the same bytes; durable POST /products beside one transaction a row.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpuSeconds, residentMegabytes, scratch, startBalcao, startNginx, stop, wrk } from "./processes.mjs";
import { median } from "./table.mjs";

const serverCpu = "0";
const loadCpu = "1";
const rounds = 5;
const seconds = 3;
const connections = 64;

const json = (body, token) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
  body: JSON.stringify(body),
});

async function login(url) {
  const user = { username: "bench", password: "a-password-for-the-bench" };
  await fetch(`${url}/register`, json(user));
  const response = await fetch(`${url}/login`, json(user));
  return (await response.json()).access_token;
}

async function besideNginx(path, balcao, nginx, file) {
  const ours = [];
  const peers = [];
  const cpuBefore = cpuSeconds(balcao.child.pid);
  for (let round = 0; round < rounds; round++) {
    ours.push(wrk(balcao.url + path, { seconds, connections, cpus: loadCpu }));
    peers.push(wrk(`${nginx.url}/${file}`, { seconds, connections, cpus: loadCpu }));
  }
  const cpu = cpuSeconds(balcao.child.pid) - cpuBefore;
  const requests = ours.reduce((sum, run) => sum + run.requests, 0);
  return {
    work: `GET ${path}`,
    ours: median(ours.map((run) => run.rate)),
    peer: median(peers.map((run) => run.rate)),
    peerName: "nginx req/s",
    ratio: median(ours.map((run, i) => run.rate / peers[i].rate)),
    reach: "0.9",
    p50: median(ours.map((run) => run.p50)),
    p99: median(ours.map((run) => run.p99)),
    cpu: (cpu / requests) * 1e6,
    memory: residentMegabytes(balcao.child.pid),
  };
}

async function reads() {
  const balcao = await startBalcao({ dataDir: join(scratch, "reads"), cpus: serverCpu, env: { LOOPS: "1" } });
  const token = await login(balcao.url);
  for (let i = 0; i < 20; i++) {
    await fetch(`${balcao.url}/products`, json({ name: `Product ${i}`, price: 100 + i }, token));
  }
  const page = Buffer.from(await (await fetch(`${balcao.url}/products`)).arrayBuffer());
  const live = Buffer.from(await (await fetch(`${balcao.url}/livez`)).arrayBuffer());
  const nginx = await startNginx({ files: { "livez.json": live, "products.json": page }, cpus: serverCpu });
  const rows = [
    await besideNginx("/livez", balcao, nginx, "livez.json"),
    await besideNginx("/products", balcao, nginx, "products.json"),
  ];
  await stop(balcao.child);
  await stop(nginx.child);
  return rows;
}

/** Rows a second of the sqlite3 shell with our table and settings, one transaction a row. */
function sqliteShell(round) {
  const count = 2000;
  const file = join(scratch, `peer-${round}.db`);
  const ddl = readFileSync("src/products/migrations/0001_products.sqlite.sql", "utf8").replaceAll("products.products", "products");
  const indexes = ddl.replaceAll("INDEX products.", "INDEX ");
  const inserts = Array.from({ length: count }, (_, i) => {
    const id = `0193-${String(round * count + i).padStart(31, "0")}`;
    return `INSERT INTO products VALUES ('${id}','owner','Product ${i}','',100,'BRL',NULL,NULL,1,1,${i},${i},NULL);`;
  });
  const script = (lines) => ["PRAGMA journal_mode=WAL;", "PRAGMA synchronous=FULL;", ...lines].join("\n");
  execFileSync("sqlite3", [file], { input: script([indexes]), stdio: ["pipe", "ignore", "inherit"] });
  const begin = performance.now();
  execFileSync("sqlite3", [file], { input: script(inserts), stdio: ["pipe", "ignore", "inherit"] });
  return count / ((performance.now() - begin) / 1000);
}

async function durableWrites() {
  const dataDir = join(scratch, "writes");
  mkdirSync(dataDir);
  const balcao = await startBalcao({ dataDir });
  const token = await login(balcao.url);
  const script = join(scratch, "post.lua");
  writeFileSync(
    script,
    `wrk.method = "POST"
     wrk.body = '{"name":"Product","price":100}'
     wrk.headers["Content-Type"] = "application/json"
     wrk.headers["Authorization"] = "Bearer ${token}"`,
  );
  const ours = [];
  const peers = [];
  const cpuBefore = cpuSeconds(balcao.child.pid);
  for (let round = 0; round < rounds; round++) {
    ours.push(wrk(`${balcao.url}/products`, { seconds, connections: 256, cpus: "0,1", script }));
    peers.push(sqliteShell(round));
  }
  const cpu = cpuSeconds(balcao.child.pid) - cpuBefore;
  const failures = ours.reduce((sum, run) => sum + run.failures, 0);
  if (failures > 0) throw new Error(`${failures} writes were refused`);
  const row = {
    work: "POST /products, durable",
    ours: median(ours.map((run) => run.rate)),
    peer: median(peers),
    peerName: "sqlite3 rows/s, a transaction each",
    ratio: median(ours.map((run, i) => run.rate / peers[i])),
    reach: "10",
    p50: median(ours.map((run) => run.p50)),
    p99: median(ours.map((run) => run.p99)),
    cpu: (cpu / ours.reduce((sum, run) => sum + run.requests, 0)) * 1e6,
    memory: residentMegabytes(balcao.child.pid),
  };
  await stop(balcao.child);
  return row;
}

export async function http() {
  return [...(await reads()), await durableWrites()];
}

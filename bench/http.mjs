// GET /livez and a warm GET /products beside nginx with the same bytes; durable POST /products beside one transaction a row.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beside, seconds } from "./beside.mjs";
import { scratch, startBalcao, startNginx, stop, wrk } from "./processes.mjs";
import { createProducts, json, login } from "./requests.mjs";

const serverCpu = "0";
const loadCpu = "1";
const connections = 64;

const besideNginx = (path, balcao, nginx, file) =>
  beside({
    work: `GET ${path}`,
    pid: balcao.child.pid,
    ours: () => wrk(balcao.url + path, { seconds, connections, cpus: loadCpu }),
    peer: () => wrk(`${nginx.url}/${file}`, { seconds, connections, cpus: loadCpu }).rate,
    peerName: "nginx req/s",
    reach: "1.0",
  });

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
  writeFileSync(script, createProducts(token));
  const row = beside({
    work: "POST /products, durable",
    pid: balcao.child.pid,
    ours: () => wrk(`${balcao.url}/products`, { seconds, connections: 256, cpus: "0,1", script }),
    peer: sqliteShell,
    peerName: "sqlite3 rows/s, a transaction each",
    reach: "10",
  });
  await stop(balcao.child);
  return row;
}

export async function http() {
  return [...(await reads()), await durableWrites()];
}

// One product through to PostgreSQL beside `pgbench -S`, and durable writes beside pgbench's single-row inserts.
//
// One core for those who ask, wrk here and pgbench there; the other for what answers. There pgbench has PostgreSQL
// alone, while Balcão and PostgreSQL share it: all that HTTP, JSON and the way between them cost is in our figure. The
// server, its settings and the number of clients are the same; each client of pgbench has a connection of its own.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beside, seconds } from "./beside.mjs";
import { startPostgres } from "./database.mjs";
import { scratch, startBalcao, stop, wrk } from "./processes.mjs";
import { createProducts, login } from "./requests.mjs";

const serverCpu = "0";
const loadCpu = "1";
const clients = 64;
const rows = 100_000; // as many as pgbench has for each unit of its scale

const prefix = "01930000-0000-7000-8000-";

// With a token the answer is not one of those kept for everyone: the database is asked each time.
const readProducts = (token) => `
  math.randomseed(os.time())
  wrk.headers["Authorization"] = "Bearer ${token}"
  request = function()
    return wrk.format("GET", string.format("/products/${prefix}%012x", math.random(0, ${rows - 1})))
  end`;

// Ids in their order, as ours are.
const insertProduct = `
  INSERT INTO peer (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at,
    search_text)
  VALUES (lpad(to_hex(nextval('peer_ids')), 32, '0')::uuid, '${prefix}000000000000', 'Product', '', 100, 'BRL', NULL, NULL,
          true, 1, now(), now(), 'product');`;

function file(name, text) {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

export async function postgres() {
  const database = await startPostgres({ cpus: serverCpu });
  database.pgbench(loadCpu, "--initialize", "--quiet", "--scale=1");
  const balcao = await startBalcao({ dataDir: join(scratch, "postgres-data"), cpus: serverCpu, env: { DATABASE_URL: database.url, LOOPS: "1" } });
  const token = await login(balcao.url);
  database.sql(`
    INSERT INTO products.products
      (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at,
       search_text)
    SELECT ('${prefix}' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), 'Product ' || n, '', 100, 'BRL', NULL, NULL, true, 1, now(), now(),
      'product ' || n
    FROM generate_series(0, ${rows - 1}) n;
    CREATE TABLE peer (LIKE products.products INCLUDING ALL);
    CREATE SEQUENCE peer_ids;
    VACUUM ANALYZE;
    CHECKPOINT;`);

  const pgbench = (...args) => {
    const text = database.pgbench(loadCpu, ...args, "--protocol=prepared", "--no-vacuum", `--client=${clients}`, `--time=${seconds}`);
    return Number(/tps = ([\d.]+)/.exec(text)[1]);
  };
  const ask = (path, script) => wrk(balcao.url + path, { seconds, connections: clients, cpus: loadCpu, script });
  const reading = file("read.lua", readProducts(token));
  const creating = file("create.lua", createProducts(token));
  const inserting = file("insert.sql", insertProduct.replaceAll("\n", " "));

  const result = [
    beside({
      work: "GET /products/{id}, PostgreSQL",
      pid: balcao.child.pid,
      ours: () => ask("/", reading),
      peer: () => pgbench("--select-only"),
      peerName: "pgbench -S tps",
      reach: "1.5",
    }),
    beside({
      work: "POST /products, PostgreSQL",
      pid: balcao.child.pid,
      ours: () => ask("/products", creating),
      peer: () => pgbench(`--file=${inserting}`),
      peerName: "pgbench rows/s, a transaction each",
      reach: "1.0",
    }),
  ];
  await stop(balcao.child);
  await database.stop();
  return result;
}

// One product through to PostgreSQL beside `pgbench -S`, and durable writes beside pgbench's single-row inserts.
//
// Both sides have the same two cores, unpinned within them, the same server, and as many clients. pgbench talks to the
// server with nothing between; on our side wrk, Balcão and PostgreSQL share the cores, so everything that HTTP and JSON
// cost is in our figure. Each pgbench client has a connection of its own, as a program without a pool would.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beside, seconds } from "./beside.mjs";
import { startPostgres } from "./database.mjs";
import { scratch, startBalcao, stop, wrk } from "./processes.mjs";
import { createProducts, login } from "./requests.mjs";

const cpus = "0,1";
const clients = 64;
const rows = 100_000; // as many as pgbench has for each unit of its scale

const prefix = "01930000-0000-7000-8000-";

const readProducts = `
  math.randomseed(os.time())
  request = function()
    return wrk.format("GET", string.format("/products/${prefix}%012x", math.random(0, ${rows - 1})))
  end`;

// Ids in their order, as ours are.
const insertProduct = `
  INSERT INTO peer (id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at)
  VALUES (lpad(to_hex(nextval('peer_ids')), 32, '0')::uuid, '${prefix}000000000000', 'Product', '', 100, 'BRL', NULL, NULL,
          true, 1, now(), now());`;

function file(name, text) {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

export async function postgres() {
  const database = await startPostgres({ cpus });
  database.pgbench("--initialize", "--quiet", "--scale=1");
  const balcao = await startBalcao({ dataDir: join(scratch, "postgres-data"), cpus, env: { DATABASE_URL: database.url } });
  const token = await login(balcao.url);
  database.sql(`
    INSERT INTO products.products
    SELECT ('${prefix}' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), 'Product ' || n, '', 100, 'BRL', NULL, NULL, true, 1, now(), now()
    FROM generate_series(0, ${rows - 1}) n;
    CREATE TABLE peer (LIKE products.products INCLUDING ALL);
    CREATE SEQUENCE peer_ids;
    VACUUM ANALYZE;
    CHECKPOINT;`);

  const pgbench = (...args) => {
    const text = database.pgbench(...args, "--protocol=prepared", "--no-vacuum", `--client=${clients}`, "--jobs=2", `--time=${seconds}`);
    return Number(/tps = ([\d.]+)/.exec(text)[1]);
  };
  const ask = (path, script) => wrk(balcao.url + path, { seconds, connections: clients, cpus, script });
  const reading = file("read.lua", readProducts);
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

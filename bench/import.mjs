// Products imported by the command and by the endpoint beside psql's \copy into an equal table, and beside the sqlite3
// shell.
//
// One core for PostgreSQL, the other for who asks. The table beside ours has the same columns, constraints, indexes and
// triggers, and is given what a product is found by in its file, since only we make that; all tables are empty at the
// start of each turn.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "./database.mjs";
import { binary, residentMegabytes, scratch, startBalcao, stop } from "./processes.mjs";
import { login } from "./requests.mjs";
import { median } from "./table.mjs";

const serverCpu = "0";
const clientCpu = "1";
const rows = 200_000;
const rounds = 3;

const goods = ["Café", "Pão de queijo", "Açúcar mascavo", "Feijão preto", "Camiseta", "Caneca", "Lâmpada", "Vassoura"];
const kinds = ["torrado", "grande", "pequeno", "azul", "orgânico", "importado", "sortido", "artesanal"];

function writeProducts() {
  const file = join(process.cwd(), scratch, "products.csv");
  const line = (i) =>
    `${goods[i % 8]} ${kinds[(i >> 3) % 8]} ${i},${i % 100_000},"Descrição do produto, número ${i % 977}",${i % 50}\n`;
  writeFileSync(file, `name,price,description,stock\n${Array.from({ length: rows }, (_, i) => line(i)).join("")}`);
  return file;
}

/** Rows a second. */
function rateOf(work) {
  const begin = performance.now();
  work();
  return rows / ((performance.now() - begin) / 1000);
}

const pinned = (program, ...args) =>
  execFileSync("taskset", ["-c", clientCpu, program, ...args], { stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });

function importProducts(file, env) {
  const said = execFileSync("taskset", ["-c", clientCpu, binary, "products", "import", file, "--owner", "bench"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  if (said !== `${rows} imported, 0 failed\n`) throw new Error(`the command said: ${said}`);
}

function row(work, ours, peers, peerName, more = {}) {
  return { work, ours: median(ours), peer: median(peers), peerName, ratio: median(ours.map((rate, i) => rate / peers[i])), ...more };
}

async function besideCopy(file) {
  const database = await startPostgres({ cpus: serverCpu });
  const env = { DATABASE_URL: database.url, DATA_DIR: join(scratch, "import-data"), LOG_LEVEL: "warn" };
  const balcao = await startBalcao({ dataDir: env.DATA_DIR, cpus: clientCpu, env: { ...env, LOOPS: "1" } });
  const token = await login(balcao.url);
  database.sql(`
    CREATE SEQUENCE products.peer_ids;
    CREATE TABLE products.peer (LIKE products.products INCLUDING ALL);
    ALTER TABLE products.peer
      ALTER id SET DEFAULT ('01930000-0000-7000-8000-' || lpad(to_hex(nextval('products.peer_ids')), 12, '0'))::uuid,
      ALTER owner_id SET DEFAULT '01930000-0000-7000-8000-000000000000', ALTER currency SET DEFAULT 'BRL',
      ALTER active SET DEFAULT true, ALTER version SET DEFAULT 1, ALTER created_at SET DEFAULT now(),
      ALTER updated_at SET DEFAULT now();
    DO $$ DECLARE definition text; BEGIN
      FOR definition IN SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'products.products'::regclass AND NOT tgisinternal
      LOOP EXECUTE replace(definition, ' ON products.products ', ' ON products.peer '); END LOOP;
    END $$;`);
  const empty = () =>
    database.sql(`
      DO $$ DECLARE names text; BEGIN
        SELECT string_agg('products.' || tablename, ', ') INTO names FROM pg_tables WHERE schemaname = 'products' AND tablename <> 'schema_migrations';
        EXECUTE 'TRUNCATE ' || names;
      END $$;
      CHECKPOINT;`);
  const peerFile = join(process.cwd(), scratch, "peer.csv");
  const psql = (text) => pinned(database.program("psql"), database.url, "--quiet", "--set=ON_ERROR_STOP=1", "--command", text);
  const columns = "name, price, description, stock, search_text";

  importProducts(file, env);
  psql(`\\copy (SELECT ${columns} FROM products.products ORDER BY id) TO '${peerFile}' CSV HEADER`);
  const copy = () => psql(`\\copy products.peer (${columns}) FROM '${peerFile}' CSV HEADER`);
  const post = () => {
    const answer = pinned("curl", "--silent", "--fail", "--data-binary", `@${file}`, "-H", "Content-Type: text/csv", "-H", `Authorization: Bearer ${token}`, `${balcao.url}/products/import`);
    if (!answer.toString().endsWith(`{"imported":${rows},"failed":0}\n`)) throw new Error("the endpoint did not take all");
  };
  const turn = (work) => {
    empty();
    return rateOf(work);
  };
  const [command, endpoint, peers] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    command.push(turn(() => importProducts(file, env)));
    peers.push(turn(copy));
    endpoint.push(turn(post));
  }
  const memory = residentMegabytes(balcao.child.pid);
  await stop(balcao.child);
  await database.stop();
  return [
    row("balcao products import, PostgreSQL, rows/s", command, peers, "\\copy rows/s", { reach: "0.5" }),
    row("POST /products/import, PostgreSQL, rows/s", endpoint, peers, "\\copy rows/s", { memory }),
  ];
}

async function besideShell(file) {
  const dataDir = join(scratch, "import-sqlite");
  const balcao = await startBalcao({ dataDir });
  await login(balcao.url);
  await stop(balcao.child);
  const pristine = join(scratch, "import-pristine");
  cpSync(dataDir, pristine, { recursive: true });
  const sqlite = (directory, ...commands) =>
    execFileSync("taskset", ["-c", clientCpu, "sqlite3", join(directory, "products.db"), ...commands], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1 << 28,
    });
  const peerFile = join(scratch, "peer-sqlite.csv");
  const fresh = (name) => {
    const directory = join(scratch, name);
    cpSync(pristine, directory, { recursive: true });
    return directory;
  };

  const sample = fresh("import-sample");
  importProducts(file, { DATA_DIR: sample, LOG_LEVEL: "warn" });
  writeFileSync(peerFile, sqlite(sample, "-csv", "SELECT id, name, price, description, stock, search_text FROM products ORDER BY id"));
  if (readFileSync(peerFile).length === 0) throw new Error("there is nothing to import");

  const [ours, peers] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const data = fresh(`import-ours-${round}`);
    ours.push(rateOf(() => importProducts(file, { DATA_DIR: data, LOG_LEVEL: "warn" })));
    const peer = fresh(`import-peer-${round}`);
    peers.push(
      rateOf(() =>
        sqlite(
          peer,
          "PRAGMA synchronous = FULL",
          "CREATE TEMP TABLE raw (id, name, price, description, stock, search_text)",
          `.import --csv ${peerFile} raw`,
          `INSERT INTO products (id, owner_id, name, description, price, currency, stock, active, version, created_at, updated_at, search_text)
           SELECT id, '01930000-0000-7000-8000-000000000000', name, description, CAST(price AS INTEGER), 'BRL', CAST(stock AS INTEGER), 1, 1, 0, 0, search_text FROM raw`,
        ),
      ),
    );
  }
  return [row("balcao products import, SQLite, rows/s", ours, peers, "sqlite3 .import rows/s")];
}

export async function importing() {
  const file = writeProducts();
  return [...(await besideCopy(file)), ...(await besideShell(file))];
}

// What the catalog costs with a thousand products, a hundred thousand, and a million: the same questions to three
// databases on one PostgreSQL, in turn, which has memory for all of them, as one has that is made for so many. A question
// never comes twice, so that no kept answer is counted.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "./database.mjs";
import { scratch, startBalcao, stop, until, wrk } from "./processes.mjs";
import { createProducts, login } from "./requests.mjs";
import { idOf, owners, seed } from "./seed_catalog.mjs";
import { median } from "./table.mjs";

const serverCpu = "0";
const loadCpu = "1";
const sizes = (process.env.BENCH_SIZES ?? "1000,100000,1000000").split(",").map(Number);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const seconds = 2;
const connections = 4;

const name = (size) => (size >= 1e6 ? `${size / 1e6} M` : `${size / 1e3} k`);
const someNumber = "math.random(math.floor(size / 2), size)";
const place = idOf("n", `string.format("7000-8000-%06x%06x", math.random(0, 16777215), math.random(0, 16777215))`);

/** `path` is an expression of Lua; `size` is how many products there are, `cursor(mark, key)` a place deep in the list. */
const asking = (size, path, token) => `
  local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  local function base64url(text)
    local out = ""
    for i = 1, #text, 3 do
      local a, b, c = text:byte(i, i + 2)
      local n = a * 65536 + (b or 0) * 256 + (c or 0)
      for j = 3, 0, -1 do
        if (j > 1) or (j == 1 and b) or (j == 0 and c) then
          local k = math.floor(n / 64 ^ j) % 64
          out = out .. digits:sub(k + 1, k + 1)
        end
      end
    end
    return out
  end
  local size = ${size}
  local function cursor(mark, key)
    local n = ${someNumber}
    return "&cursor=" .. base64url(mark .. ${place} .. key)
  end
  local function product(n) return ${idOf("n")} end
  local function any(most) return string.format("%d", math.random(0, most)) end
  math.randomseed(os.time() + ${Math.floor(Math.random() * 1e6)})
  ${token ? `wrk.headers["Authorization"] = "Bearer ${token}"` : ""}
  request = function() return wrk.format("GET", ${path}) end`;

// A deep page begins anywhere in the newer half.
const questions = [
  ["page", `"/products?min_price=" .. any(200000)`, "1.5"],
  ["page by price", `"/products?sort=price&min_price=" .. any(500000)`, "1.5"],
  ["page of a currency by price", `"/products?sort=-price&currency=USD&max_price=" .. any(500000) + 500000`, "1.5"],
  ["page of an owner", `"/products?owner=" .. product(math.random(0, ${owners - 1})) .. cursor("a", "")`, "1.5"],
  ["deep page", `"/products?limit=20" .. cursor("a", "")`, "1.5"],
  ["deep page by price", `"/products?sort=price" .. cursor("c", any(900000))`, "1.5"],
  ["search, common word", `"/products?q=caf%C3%A9" .. cursor("a", "")`, "3"],
  ["search, two common words", `"/products?q=cafe+azul" .. cursor("a", "")`, "3"],
  ["search, common word by price", `"/products?q=cafe&sort=price&min_price=" .. any(500000)`, "3"],
  ["search, beginning of many words", `"/products?q=ca" .. cursor("a", "")`, "3"],
  ["search, rare word", `"/products?q=vuvuzela&limit=" .. any(99) + 1 .. "&max_price=" .. any(9999999) + 10000000`, "3"],
  ["search, misspelt word", `"/products?q=cafateria" .. cursor("a", "")`, "3"],
  ["search, no such word", `"/products?q=xyzzyx" .. any(99999999)`, "3"],
  ["get", `"/products/" .. product(${someNumber})`, "1.5", true],
];

async function start(database, size) {
  const own = database.create(`catalog_${size}`);
  const run = () => startBalcao({ dataDir: join(scratch, `catalog-${size}`), cpus: serverCpu, env: { DATABASE_URL: own.url, LOOPS: "1" } });
  const first = await run();
  const token = await login(first.url);
  await stop(first.child);
  own.sql(seed(size));
  const balcao = await run(); // which looks at all that is there
  const knows = async () => {
    const { data } = await (await fetch(`${balcao.url}/products?q=vuvuzelo&limit=${1 + Math.floor(Math.random() * 100)}`)).json();
    return data.length > 0;
  };
  await until(knows, "the words are learned", 120_000);
  own.sql("VACUUM ANALYZE; CHECKPOINT;");
  return { size, token, ...balcao };
}

/** For each size, beside the first: the medians of the rounds. */
function rows(work, reach, shops, scriptOf, path = "/") {
  const runs = shops.map(() => []);
  for (let round = 0; round < rounds; ++round) {
    shops.forEach((shop, i) => {
      const script = join(scratch, "catalog.lua");
      writeFileSync(script, scriptOf(shop));
      const run = wrk(shop.url + path, { seconds, connections, cpus: loadCpu, script });
      if (run.failures > 0) throw new Error(`${work}, ${name(shop.size)}: ${run.failures} requests were refused`);
      runs[i].push(run);
    });
  }
  const middle = (i, what) => median(runs[i].map((run) => run[what]));
  return shops.slice(1).flatMap(({ size }, i) =>
    ["p50", "p99"].map((what) => ({
      work: `${work}, ${name(size)}, ${what}`,
      ours: middle(i + 1, what),
      peer: middle(0, what),
      peerName: `ms with ${name(shops[0].size)}`,
      ratio: median(runs[i + 1].map((run, round) => run[what] / runs[0][round][what])),
      reach: reach && `≤ ${reach}`,
    })),
  );
}

export async function catalog() {
  const database = await startPostgres({ cpus: serverCpu, settings: { shared_buffers: "2GB" } });
  const shops = [];
  for (const size of sizes) shops.push(await start(database, size));
  const wanted = new RegExp(process.env.BENCH_WORK ?? "");
  const result = questions.filter(([work]) => wanted.test(work)).flatMap(([work, path, reach, withToken]) =>
    rows(work, reach, shops, ({ size, token }) => asking(size, path, withToken && token)),
  );
  result.push(...rows("write", "", shops, ({ token }) => createProducts(token), "/products"));
  for (const shop of shops) await stop(shop.child);
  await database.stop();
  return result;
}

import { auth } from "./auth.mjs";
import { catalog } from "./catalog.mjs";
import { http } from "./http.mjs";
import { importing } from "./import.mjs";
import { logout } from "./logout.mjs";
import { pages } from "./pages.mjs";
import { payments } from "./payments.mjs";
import { postgres } from "./postgres.mjs";
import { startup } from "./start.mjs";
import { print } from "./table.mjs";

const parts = { auth, http, postgres, start: startup, logout, pages, payments, catalog, import: importing };
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`bench/run: no part named ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  process.exit(64);
}

const rows = [];
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length === 0 || wanted.includes(name)) rows.push(...(await measure()));
}
print(rows);

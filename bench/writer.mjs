// Changes a product's price every 100 ms until it is stopped: node bench/writer.mjs URL TOKEN ID
import { setTimeout as pause } from "node:timers/promises";
import { json } from "./requests.mjs";

const [url, token, id] = process.argv.slice(2);
for (let price = 1; ; price++) {
  const response = await fetch(`${url}/products/${id}`, { ...json({ price }, token), method: "PUT" });
  if (!response.ok) throw new Error(`the write was answered ${response.status}`);
  await pause(100);
}

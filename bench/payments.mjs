// A payment, which is two calls of the gateway's and three commits of ours, beside the two calls alone.
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { beside, seconds } from "./beside.mjs";
import { binary, freePort, scratch, start, startBalcao, stop, until, wrk } from "./processes.mjs";
import { login } from "./requests.mjs";

const key = "sk_test_bench";
const connections = 64;

const script = (name, text) => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

/** A new Idempotency-Key for each request, as a client has to send. */
const paying = (token, run) => `
  local count = 0
  local headers = {["Authorization"] = "Bearer ${token}", ["Content-Type"] = "application/json"}
  function request()
    count = count + 1
    headers["Idempotency-Key"] = "ours-${run}-" .. count
    return wrk.format("POST", nil, headers, '{"amount":1000,"payment_method":"pm_card_visa"}')
  end`;

/** Makes intents, and confirms those that are made: as many of the one as of the other. */
const twoCalls = (run) => `
  local count = 0
  local made = {}
  local headers = {["Authorization"] = "Bearer ${key}", ["Content-Type"] = "application/x-www-form-urlencoded"}
  function request()
    count = count + 1
    headers["Idempotency-Key"] = "peer-${run}-" .. count
    local id = table.remove(made)
    if id then return wrk.format("POST", "/v1/payment_intents/" .. id .. "/confirm", headers, "") end
    return wrk.format("POST", "/v1/payment_intents", headers,
      "amount=1000&currency=brl&payment_method_types[0]=card&payment_method=pm_card_visa&metadata[payment_id]=" .. count)
  end
  function response(status, fields, body)
    local id, state = body:match('"id":"(pi_%w+)"'), body:match('"status":"(requires_confirmation)"')
    if id and state then table.insert(made, id) end
  end`;

async function startSandbox() {
  const port = await freePort();
  const child = start(binary, ["sandbox", "--port", String(port)], {
    env: { DATA_DIR: join(scratch, "gateway"), STRIPE_SECRET_KEY: key, LOG_LEVEL: "warn" }, cpus: "1",
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() => fetch(`${url}/_sandbox/faults`).then(({ ok }) => ok, () => false), "the sandbox is ready");
  return { child, url };
}

export async function payments() {
  const sandbox = await startSandbox();
  const balcao = await startBalcao({
    dataDir: join(scratch, "payments"), cpus: "0",
    env: { STRIPE_SECRET_KEY: key, STRIPE_API_BASE: sandbox.url, LOOPS: "1" },
  });
  const token = await login(balcao.url);
  const load = { seconds, connections, cpus: "0-1" };
  let runs = 0;
  const row = beside({
    work: "POST /payments, durable",
    pid: balcao.child.pid,
    ours: () => wrk(`${balcao.url}/payments`, { ...load, script: script("pay.lua", paying(token, ++runs)) }),
    peer: () => wrk(sandbox.url, { ...load, script: script("gateway.lua", twoCalls(++runs)) }).rate / 2,
    peerName: "the gateway's two calls",
    reach: "0.8",
  });
  await stop(balcao.child);
  await stop(sandbox.child);
  return [row];
}

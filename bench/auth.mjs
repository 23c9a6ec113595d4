// Logins beside argon2id alone, a request with a token beside one without, refreshes, and whether a wrong password takes
// as long as an unknown user.
import { execFileSync } from "node:child_process";
import http from "node:http";
import { cpus } from "node:os";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { beside, seconds } from "./beside.mjs";
import { scratch, startBalcao, stop, wrk } from "./processes.mjs";
import { json, login } from "./requests.mjs";
import { median, percentile } from "./table.mjs";

const unlimited = { LOGIN_ATTEMPTS_PER_ACCOUNT: "1000000", LOGIN_ATTEMPTS_PER_ADDRESS: "1000000" };
const user = { username: "bench", password: "a-password-for-the-bench" };

const script = (name, text) => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

const loginScript = (body) => `
  wrk.method = "POST"
  wrk.body = '${JSON.stringify(body)}'
  wrk.headers["Content-Type"] = "application/json"`;

/** Hashes a second of argon2id alone, on all cores. */
function argon2id() {
  const program = join(scratch, "argon2id");
  execFileSync("clang++-19", ["-O2", "-std=c++20", "bench/argon2id.cpp", "-largon2", "-pthread", "-o", program]);
  return () => Number(execFileSync(program, [String(cpus().length), String(seconds)], { encoding: "utf8" }));
}

async function logins() {
  const balcao = await startBalcao({ dataDir: join(scratch, "logins"), env: unlimited });
  await login(balcao.url);
  const posting = script("login.lua", loginScript(user));
  const row = beside({
    work: "POST /login",
    pid: balcao.child.pid,
    ours: () => wrk(`${balcao.url}/login`, { seconds, connections: 8, cpus: `0-${cpus().length - 1}`, script: posting }),
    peer: argon2id(),
    peerName: "argon2id alone, hashes/s",
    reach: "0.95",
  });
  await stop(balcao.child);
  return row;
}

/** The same read of a product, which looks at a token where one is shown: whether it is good, and has not ended. */
async function withToken() {
  const balcao = await startBalcao({ dataDir: join(scratch, "token"), cpus: "0", env: { LOOPS: "1" } });
  const token = await login(balcao.url);
  const made = await fetch(`${balcao.url}/products`, json({ name: "Product", price: 100 }, token));
  const url = `${balcao.url}/products/${(await made.json()).id}`;
  const asking = script("token.lua", `wrk.headers["Authorization"] = "Bearer ${token}"`);
  const load = { seconds, connections: 64, cpus: "1" };
  const row = beside({
    work: "GET /products/{id}, with a token",
    pid: balcao.child.pid,
    ours: () => wrk(url, { ...load, script: asking }),
    peer: () => wrk(url, load).rate,
    peerName: "without, req/s",
    reach: "0.9",
  });
  await stop(balcao.child);
  return row;
}

/** One request on a kept connection. */
function post(agent, url, body) {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      agent, method: "POST", headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
    }, (response) => {
      let received = "";
      response.setEncoding("utf8").on("data", (part) => (received += part));
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(received) }));
    });
    request.on("error", reject).end(text);
  });
}

/** Sessions that each exchange their refresh token for the next, one after the other. */
async function refreshes() {
  const sessions = 64;
  const balcao = await startBalcao({ dataDir: join(scratch, "refreshes"), env: unlimited });
  await login(balcao.url);
  const agent = new http.Agent({ keepAlive: true, maxSockets: sessions });
  const times = [];
  const opened = [];
  for (let i = 0; i < sessions; i++) opened.push((await post(agent, `${balcao.url}/login`, user)).body.refresh_token);
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const chain = async (token) => {
    while (performance.now() < end) {
      const sent = performance.now();
      const { status, body } = await post(agent, `${balcao.url}/refresh`, { refresh_token: token });
      if (status !== 200) throw new Error(`a refresh answers ${status}`);
      times.push(performance.now() - sent);
      token = body.refresh_token;
    }
  };
  await Promise.all(opened.map(chain));
  const rate = (times.length / (performance.now() - begin)) * 1000;
  agent.destroy();
  await stop(balcao.child);
  return { work: "POST /refresh, durable, 64 sessions", ours: rate, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** Medians of 500 each, in turn. */
async function timing() {
  const balcao = await startBalcao({ dataDir: join(scratch, "timing"), env: unlimited });
  await login(balcao.url);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const once = async (username) => {
    const begin = performance.now();
    const { status } = await post(agent, `${balcao.url}/login`, { username, password: "not that phrase at all" });
    if (status !== 401) throw new Error(`a wrong login answers ${status}`);
    return performance.now() - begin;
  };
  const wrong = [];
  const unknown = [];
  for (let i = 0; i < 500; i++) {
    wrong.push(await once("bench"));
    unknown.push(await once("nobody"));
  }
  agent.destroy();
  await stop(balcao.child);
  const [ours, peer] = [median(wrong), median(unknown)];
  return { work: "login, wrong password, ms", ours, peer, peerName: "unknown user, ms", ratio: ours / peer, reach: "0.95 to 1.05",
    p50: ours, p99: percentile(wrong, 0.99) };
}

export async function auth() {
  return [await logins(), await withToken(), await refreshes(), await timing()];
}

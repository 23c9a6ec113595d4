// Starts and stops what is measured, and reads from the kernel what it used.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const binary = process.env.BALCAO_BIN ?? "build/release/balcao";
// On the disk of the checkout, since /tmp may be in memory and durable writes would cost nothing there.
export const scratch = mkdtempSync(join(process.env.BENCH_DIR ?? "build", "bench-"));
const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export function start(command, args, { env = {}, cpus } = {}) {
  const pinned = cpus ? ["taskset", ["-c", cpus, command, ...args]] : [command, args];
  const child = spawn(...pinned, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.resume();
  running.add(child);
  child.on("exit", () => running.delete(child));
  return child;
}

export async function stop(child, signal = "SIGTERM") {
  const ended = new Promise((done) => child.on("exit", done));
  child.kill(signal);
  await ended;
}

/** Asks until the answer is yes, for at most ten seconds; gives the milliseconds that it took. */
export async function until(condition, what, longest = 10_000) {
  const begin = performance.now();
  while (performance.now() - begin < longest) {
    if (await condition()) return performance.now() - begin;
    await new Promise((done) => setImmediate(done));
  }
  throw new Error(`not within ${longest / 1000} s: ${what}`);
}

export const untilReady = (url) =>
  until(() => fetch(url).then((response) => response.ok, () => false), `${url} is ready`);

export async function startBalcao({ env = {}, cpus, dataDir }) {
  const port = await freePort();
  const child = start(binary, ["serve"], {
    env: { PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: "warn", ...env },
    cpus,
  });
  const url = `http://127.0.0.1:${port}`;
  const readyAfter = await untilReady(`${url}/readyz`);
  return { child, url, readyAfter };
}

/** nginx as a static file server at its best: one worker a core, no log, open files cached. */
export async function startNginx({ files, cpus, workers = 1 }) {
  const port = await freePort();
  const directory = mkdtempSync(join(scratch, "nginx-"));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes);
  const root = join(process.cwd(), directory);
  writeFileSync(
    join(directory, "nginx.conf"),
    `daemon off; master_process off; worker_processes ${workers}; pid ${root}/nginx.pid; error_log ${root}/error.log;
     events { worker_connections 4096; }
     http {
       access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type application/json;
       open_file_cache max=100; open_file_cache_valid 60s;
       client_body_temp_path ${root}; proxy_temp_path ${root}; fastcgi_temp_path ${root};
       uwsgi_temp_path ${root}; scgi_temp_path ${root};
       server { listen 127.0.0.1:${port} reuseport; root ${root}; }
     }`,
  );
  const child = start("nginx", ["-p", root, "-c", join(root, "nginx.conf")], { cpus });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}/${Object.keys(files)[0]}`);
  return { child, url };
}

/** Seconds of processor time that the process has used. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const ticksASecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksASecond;
}

export function residentMegabytes(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(kilobytes) / 1024;
}

/** One run of wrk: requests a second, latencies in milliseconds, and failures. */
export function wrk(url, { seconds, connections, cpus, script }) {
  const args = ["-c", cpus, "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency"];
  if (script) args.push("-s", script);
  const text = execFileSync("taskset", [...args, url], { encoding: "utf8" });
  const milliseconds = (name) => {
    const [, amount, unit] = new RegExp(`${name}\\s+([\\d.]+)(us|ms|s)`).exec(text);
    return Number(amount) * { us: 0.001, ms: 1, s: 1000 }[unit];
  };
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]),
    requests: Number(/(\d+) requests in/.exec(text)[1]),
    p50: milliseconds("50%"),
    p99: milliseconds("99%"),
    failures: failed ? Number(failed[1]) : 0,
  };
}

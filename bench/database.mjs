// A private PostgreSQL with the durability that it has by default, and the programs that come with it.
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, scratch, start, stop, until } from "./processes.mjs";

const programs = () => {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).map(Number).sort((a, b) => b - a) : [];
  if (versions.length === 0) throw new Error("there is no PostgreSQL server; install `postgresql`");
  return join(root, String(versions[0]), "bin");
};

const password = "bench";

/** Listens on a port of 127.0.0.1. */
export async function startPostgres({ cpus, settings = {} }) {
  const bin = programs();
  const directory = join(process.cwd(), scratch, "postgres");
  const passwordFile = join(process.cwd(), scratch, "password");
  writeFileSync(passwordFile, password);
  mkdirSync(directory);
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid() === 0;
  const asItself = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  if (isRoot) {
    const id = (kind) => Number(execFileSync("id", [kind, "postgres"], { encoding: "utf8" }));
    chmodSync(scratch, 0o711);
    chownSync(directory, id("-u"), id("-g"));
    chmodSync(passwordFile, 0o644);
  }
  const run = (program, ...args) => [...asItself, join(bin, program), ...args];
  const initdb = run("initdb", "-D", directory, "-U", "bench", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C");
  execFileSync(initdb[0], initdb.slice(1), { stdio: "ignore" });

  const port = await freePort();
  const server = run("postgres", "-D", directory, "-p", String(port), "-h", "127.0.0.1", "-k", "", "-c", "log_min_messages=panic",
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]));
  const child = start(server[0], server.slice(1), { cpus });
  const urlOf = (name) => `postgres://bench:${password}@127.0.0.1:${port}/${name}`;
  const url = urlOf("postgres");
  const sqlOn = (to) => (text) =>
    execFileSync(join(bin, "psql"), [to, "--quiet", "--set=ON_ERROR_STOP=1"], { input: text, stdio: ["pipe", "ignore", "pipe"] });
  const sql = sqlOn(url);
  const answers = () => {
    try {
      sql("SELECT 1");
      return true;
    } catch {
      return false;
    }
  };
  await until(answers, "PostgreSQL answers");
  return {
    url,
    sql,
    /** One more database on the same server. */
    create: (name) => {
      sql(`CREATE DATABASE ${name}`);
      return { url: urlOf(name), sql: sqlOn(urlOf(name)) };
    },
    program: (name) => join(bin, name),
    pgbench: (cpusOfIt, ...args) => execFileSync("taskset", ["-c", cpusOfIt, join(bin, "pgbench"), ...args, url], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
    stop: () => stop(child, "SIGINT"),
  };
}

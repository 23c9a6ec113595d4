import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const interruption = new AbortController();

/** Ends every program that `run` waits for, and those that it would run. */
export const interrupt = () => interruption.abort();

/** Runs a program to its end; gives its output, or throws with all that it said. */
export async function run(command, args = [], { env, cwd, input, timeout = 120_000 } = {}) {
  const options = { cwd, timeout, env: { ...process.env, ...env }, maxBuffer: 256 << 20, signal: interruption.signal };
  const running = execute(command, args, options);
  if (input !== undefined) running.child.stdin.end(input);
  try {
    return (await running).stdout;
  } catch (fault) {
    throw new Error(`${command} ${args.join(' ')}: ${fault.code ?? fault.signal}\n${fault.stdout}\n${fault.stderr}`);
  }
}

export const docker = (...args) => run('docker', args);

/** The same at once, for the end of the process; what fails is passed over. */
export const dockerNow = (...args) => spawnSync('docker', args, { encoding: 'utf8' }).stdout ?? '';

const works = (command, ...args) => run(command, args).then(() => true, () => false);

/** What the deployment stands on. */
const images = ['debian:trixie-slim', 'postgres:17', 'redis:8', 'caddy:2'];

/** Every way in which this machine can run a compose file: [['docker-compose'], ['docker', 'compose']]. */
export async function composeCommands() {
  const known = [['docker-compose'], ['docker', 'compose']];
  const found = await Promise.all(known.map(([command, ...args]) => works(command, ...args, 'version')));
  return known.filter((_, index) => found[index]);
}

/** Why the stack cannot be run here, or undefined. */
export async function hindrance() {
  if (!(await works('docker', 'version'))) return 'there is no Docker engine that `docker version` can reach';
  if (!(await composeCommands()).length) return 'there is neither docker-compose nor `docker compose`';
  for (const image of images) {
    if (await works('docker', 'image', 'inspect', image)) continue;
    if (!(await works('docker', 'pull', '--quiet', image))) return `the image ${image} is not here and cannot be pulled`;
  }
  return undefined;
}

/**
 * Where `caddy:2` has no wget it is not the official image, but one that was made of Debian's packages for a machine that
 * cannot pull. Debian's Caddy is of 2022, and cannot send a write again when a replica is gone (caddyserver/caddy#7546,
 * mended in 2.11.2): makes an image of this tag with a newer one, from Debian's backports. Whether it was needed.
 */
export async function caddyInstead(tag) {
  if (await works('docker', 'run', '--rm', '--entrypoint', 'wget', 'caddy:2', '--help')) return false;
  const layers = `FROM caddy:2
RUN echo 'deb http://deb.debian.org/debian trixie-backports main' >/etc/apt/sources.list.d/backports.list \\
 && apt-get update && apt-get install -y --no-install-recommends wget caddy/trixie-backports
`;
  await run('docker', ['build', '--quiet', '--tag', tag, '-'], { input: layers });
  return true;
}

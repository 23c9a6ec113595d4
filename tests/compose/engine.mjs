import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end; gives its output, or throws with all that it said. */
export async function run(command, args = [], { env, cwd, input, timeout = 120_000 } = {}) {
  const options = { cwd, timeout, env: { ...process.env, ...env }, maxBuffer: 256 << 20 };
  const running = execute(command, args, options);
  if (input !== undefined) running.child.stdin.end(input);
  try {
    return (await running).stdout;
  } catch (fault) {
    throw new Error(`${command} ${args.join(' ')}: ${fault.code ?? fault.signal}\n${fault.stdout}\n${fault.stderr}`);
  }
}

export const docker = (...args) => run('docker', args);

const works = (command, ...args) => run(command, args).then(() => true, () => false);

/** What DATABASE_URL, REDIS_URL and the ports of docker-compose.yml are made of. */
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
 * The health check of `caddy` needs the wget of the official image. Where another image has that name (one made of
 * Debian's packages, say), gives one with wget beside it; undefined where none is needed.
 */
export async function caddyWithWget(tag) {
  if (await works('docker', 'run', '--rm', '--entrypoint', 'wget', 'caddy:2', '--help')) return undefined;
  const layers = 'FROM caddy:2\nRUN apt-get update && apt-get install -y --no-install-recommends wget\n';
  await run('docker', ['build', '--quiet', '--tag', tag, '-'], { input: layers });
  return tag;
}

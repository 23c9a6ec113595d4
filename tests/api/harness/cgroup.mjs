import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const hierarchy = '/sys/fs/cgroup';

/** The names of the files, which differ between the two versions of control groups. */
const versions = [
  {
    root: join(hierarchy, 'memory'),
    limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes', kills: 'memory.oom_control',
    swap: ['memory.memsw.limit_in_bytes', (limit) => limit],
  },
  { root: hierarchy, limit: 'memory.max', peak: 'memory.peak', kills: 'memory.events', swap: ['memory.swap.max', () => 0] },
];

const make = ({ root }) => mkdtempSync(join(root, 'balcao-test-'));

function isUsable(version) {
  try {
    const path = make(version);
    const has = existsSync(join(path, version.limit));
    rmdirSync(path);
    return has;
  } catch {
    return false;
  }
}

const version = versions.find(isUsable);

/** Why no cgroup with a memory limit can be made here; false where one can. */
export const noCgroups = version ? false : `no control group with a memory limit can be made in ${hierarchy}`;

/** A control group that holds the programs started `under` it to `limit` bytes, without swap. */
export class MemoryCgroup {
  constructor(limit) {
    this.path = make(version);
    process.on('exit', () => this.remove());
    writeFileSync(join(this.path, version.limit), String(limit));
    const [swap, most] = version.swap;
    if (existsSync(join(this.path, swap))) writeFileSync(join(this.path, swap), String(most(limit)));
  }

  /** What starts a program in it. */
  get under() {
    return ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.path];
  }

  /** The most that has been in use, in bytes, the cache of files included; NaN where the kernel does not say. */
  get peak() {
    const path = join(this.path, version.peak);
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : NaN;
  }

  /** How many of its processes the kernel has killed for want of memory. */
  get kills() {
    return Number(readFileSync(join(this.path, version.kills), 'utf8').match(/^oom_kill (\d+)$/m)[1]);
  }

  /** Once its programs have ended. */
  remove() {
    if (existsSync(this.path)) rmdirSync(this.path);
  }
}

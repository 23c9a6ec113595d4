import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup/memory';

/** Why no cgroup with a memory limit can be made here; false where one can. */
export const noCgroups = (() => {
  if (!existsSync(join(root, 'memory.limit_in_bytes'))) return 'there are no memory cgroups (version 1) here';
  try {
    rmdirSync(mkdtempSync(join(root, 'balcao-test-')));
    return false;
  } catch {
    return 'memory cgroups cannot be made here';
  }
})();

/** A control group that holds the programs started `under` it to `limit` bytes. */
export class MemoryCgroup {
  constructor(limit) {
    this.path = mkdtempSync(join(root, 'balcao-test-'));
    writeFileSync(join(this.path, 'memory.limit_in_bytes'), String(limit));
    process.on('exit', () => this.remove());
  }

  /** What starts a program in it. */
  get under() {
    return ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.path];
  }

  /** The most that has been in use, in bytes. */
  get peak() {
    return Number(readFileSync(join(this.path, 'memory.max_usage_in_bytes'), 'utf8'));
  }

  remove() {
    if (existsSync(this.path)) rmdirSync(this.path);
  }
}

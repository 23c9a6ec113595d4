import { setTimeout as pause } from 'node:timers/promises';

import { patience } from './wait.mjs';

const report = /(Address|Leak|Thread|Memory)Sanitizer|runtime error:/;

/**
 * Starts, kills and restarts the processes of a fleet, and what it stands on, at random. Whatever ends otherwise than by
 * its hand is a fault, and so is what does not end on SIGTERM, or leaves a sanitizer's report.
 */
export class Weather {
  faults = [];
  counts = { starts: 0, kills: 0, stops: 0, redis: 0, postgres: 0 };
  #backings = Promise.resolve();

  constructor(fleet, chance) {
    this.fleet = fleet;
    this.chance = chance;
  }

  pick(list) {
    return list[Math.floor(this.chance() * list.length)];
  }

  isUp(one) {
    return one.process && !one.process.ended;
  }

  start(one) {
    ++this.counts.starts;
    const program = one.launch();
    program.exited.then((ended) => this.#judge(one, program, ended));
  }

  #judge(one, program, { code, signal }) {
    const name = `${one.services} at ${one.url}`;
    const how = `code ${code}, signal ${signal}`;
    // A process that has just begun does not listen to SIGTERM yet.
    const isRight = { SIGKILL: signal === 'SIGKILL' || code === 0, SIGTERM: code === 0 || signal === 'SIGTERM' }[program.endedBy];
    if (!isRight) this.faults.push(`${name} ended by ${program.endedBy ?? 'itself'}: ${how}\n${program.output().slice(-4000)}`);
    else if (report.test(program.stderr)) this.faults.push(`${name} reported\n${program.stderr.slice(-4000)}`);
  }

  end(one, signal) {
    ++this.counts[signal === 'SIGKILL' ? 'kills' : 'stops'];
    if (one.process.endedBy === undefined) one.process.endedAt = Date.now();
    one.process.endedBy = signal;
    one.process.child.kill(signal);
  }

  #stir(one) {
    const { process } = one;
    if (!this.isUp(one)) return this.start(one);
    if (process.endedBy && Date.now() - process.endedAt < patience) return;
    if (process.endedBy) {
      this.faults.push(`${one.services} at ${one.url} does not end on ${process.endedBy}\n${one.output().slice(-4000)}`);
      return this.end(one, 'SIGKILL');
    }
    if (this.chance() < 0.5) this.end(one, this.chance() < 0.5 ? 'SIGKILL' : 'SIGTERM');
  }

  /** One after the other, while all else goes on. */
  #interrupt(name, backing) {
    this.#backings = this.#backings.then(async () => {
      ++this.counts[name];
      await (name === 'redis' ? backing.kill() : backing.crash());
      await pause(this.chance() * 2000);
      await backing.start();
    });
  }

  /** Goes on for so many seconds, or until something is wrong. */
  async rage(seconds) {
    const { processes, backing } = this.fleet;
    for (const end = Date.now() + 1000 * seconds; Date.now() < end && this.faults.length === 0;) {
      const dice = this.chance();
      if (dice < 0.02) processes.filter((one) => this.isUp(one) && !one.process.endedBy).forEach((one) => this.end(one, 'SIGKILL'));
      else if (dice < 0.03) this.#interrupt('redis', backing.redis);
      else if (dice < 0.035) this.#interrupt('postgres', backing.postgres);
      else this.#stir(this.pick(processes));
      await pause(50 + this.chance() * 600);
    }
  }

  /** What is down is started again, in any order. */
  async calm() {
    await this.#backings;
    await Promise.all(this.fleet.processes.map(async (one) => {
      if (this.isUp(one) && one.process.endedBy) await one.process.signal(one.process.endedBy);
      if (!this.isUp(one)) this.start(one);
    }));
  }
}

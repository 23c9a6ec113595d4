import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Postgres, sharedPostgres } from './postgres.mjs';
import { Redis } from './redis.mjs';

/** What Balcão stands on when it has nothing but its data directory. */
export class Embedded {
  async start() {
    return {};
  }

  query(sql, schema, dataDir) {
    return execFileSync('sqlite3', [join(dataDir, `${schema}.db`), sql], { encoding: 'utf8' }).trim();
  }

  contents(dataDir) {
    const names = readdirSync(dataDir).filter((name) => !/-(wal|shm)$/.test(name));
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(dataDir, name)).toString('base64')]));
  }

  async close() {}
}

/** A database of one's own in PostgreSQL, and a Redis. `durable`: the PostgreSQL too, one that a crash does not hurt. */
export class PostgresAndRedis {
  constructor({ durable = false } = {}) {
    this.durable = durable;
    this.redis = new Redis();
  }

  /** Gives the settings that lead here. */
  async start() {
    if (!this.env) {
      this.postgres = await (this.durable ? new Postgres({ durable: true }).start() : sharedPostgres());
      this.database = await this.postgres.newDatabase();
      await this.redis.start();
      this.env = { DATABASE_URL: this.postgres.url(this.database), REDIS_URL: this.redis.url() };
    }
    return this.env;
  }

  query(sql, schema) {
    return this.postgres.query(`SET search_path TO ${schema}; ${sql}`, this.database);
  }

  contents() {
    return this.postgres.dump(this.database);
  }

  async close() {
    await this.redis.close();
    if (this.durable) await this.postgres?.close();
  }
}

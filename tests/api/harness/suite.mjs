import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { PostgresAndRedis } from './backing.mjs';
import { Fleet } from './fleet.mjs';
import { Server } from './server.mjs';

/** The shapes of Balcão that the suites run on; ./test tells which suite runs on which. */
const shapes = {
  sqlite: ({ durable, ...options }) => new Server(options),
  postgres: ({ durable, ...options }) => new Server({ ...options, backing: new PostgresAndRedis({ durable }) }),
  fleet: ({ durable, ...options }) => new Fleet({ ...options, backing: new PostgresAndRedis({ durable }) }),
};
export const engines = Object.keys(shapes);

const chosen = process.env.BALCAO_TEST_ENGINE ?? 'sqlite';
assert.ok(engines.includes(chosen), `BALCAO_TEST_ENGINE is one of ${engines}, not '${chosen}'`);

/** A Balcão with `env` among its settings; `durable` for suites that crash its database. */
export const newServer = ({ engine = chosen, ...options } = {}) => shapes[engine](options);

/** A server for the suite that calls this: started before its tests, stopped after them, whatever happened. */
export function serverForSuite(options) {
  const server = newServer(options);
  before(() => server.start());
  after(() => server.close());
  return server;
}

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { doors } from './harness/doors.mjs';
import { Forger, decodeJson } from './harness/forger.mjs';
import { assertProblem } from './harness/problem.mjs';
import { serverForSuite } from './harness/suite.mjs';
import { tokenAttacks } from './harness/token_attacks.mjs';
import { Trap } from './harness/trap.mjs';

// RFC 8725 and RFC 9068: a token is ours, to its last bit, or it is refused like any other.

const secret = 'a secret of more than thirty-two bytes, ção';

/** The private bytes as the database holds them. */
async function privateBytes({ backing, dataDir }) {
  const sql = dataDir && !backing.postgres ? 'SELECT hex(private_key) FROM signing_keys' : "SELECT encode(private_key, 'hex') FROM signing_keys";
  return Buffer.from(await backing.query(sql, 'auth', dataDir), 'hex');
}

async function forgerOf(server) {
  if (server.env.JWT_SECRET) return Forger.ofSecret(server.env.JWT_SECRET);
  const [jwk] = (await server.api('GET', '/.well-known/jwks.json')).body.keys;
  return Forger.ofPrivate(jwk, await privateBytes(server));
}

const masked = ({ text }) => text.replace(/"trace_id":"[0-9a-f]{32}"/, '"trace_id":"…"');

for (const [name, env] of Object.entries({ HS256: { JWT_SECRET: secret }, EdDSA: {}, ES256: { SIGNING_ALGORITHM: 'ES256' } })) {
  describe(`attacks with tokens on ${name}`, () => {
    const server = serverForSuite({ env });
    const trap = new Trap();
    before(() => trap.start());
    after(() => trap.close());

    test('are refused alike, and lead nowhere', async (t) => {
      const { token: good } = await server.newUser();
      const real = await forgerOf(server);
      const [header, claims] = good.split('.').slice(0, 2).map(decodeJson);
      assert.equal(header.alg, name);
      const forged = real.token(header, { ...claims, forged: true });
      for (const door of doors(server)) assert.notEqual(await door.status(forged), 401, 'the forger has the real key');

      const attacks = Object.entries(tokenAttacks({ real, good, trap }));
      let refusal;
      for (const [what, token] of attacks) {
        const response = await server.api('GET', '/me', { token });
        assertProblem(response, 401);
        assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="balcao", error="invalid_token"', what);
        refusal ??= masked(response);
        assert.equal(masked(response), refusal, what);
        const statuses = await Promise.all(doors(server).map((door) => door.status(token)));
        for (const status of statuses) assert.equal(status, 401, what);
      }
      t.diagnostic(`${attacks.length} attacks on ${name} refused`);

      assert.equal(trap.connections, 0, 'nobody fetched a key');
      for (const process of server.processes) {
        assert.equal((await process.api('GET', '/readyz')).status, 200, 'the server is well');
        assert.ok(!process.output().includes(good.split('.')[2]), 'no token is logged');
      }
      assert.equal((await server.api('GET', '/me', { token: good })).status, 200, 'the good token is still good');
    });
  });
}

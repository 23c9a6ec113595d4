import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { assertProblem } from './harness/problem.mjs';
import { balcao } from './harness/process.mjs';
import { serverForSuite } from './harness/suite.mjs';

const salt = randomBytes(16);
const base64 = (bytes) => bytes.toString('base64');
const unpadded = (bytes) => base64(bytes).replace(/=+$/, '');
const passlib = (bytes) => unpadded(bytes).replaceAll('+', '.');

// Where Node or OpenSSL can make a hash it is made here; the others are published: bcrypt's by Openwall, argon2's by its
// authors, scrypt's `$7$` from RFC 7914's example.
const secret = 'lètmein, 42 times';
const django = (digest, size) =>
  `pbkdf2_${digest}$1000$seasalt$${base64(pbkdf2Sync(secret, 'seasalt', 1000, size, digest))}`;
const opensslHash = (option) => execFileSync('openssl', ['passwd', option, '-stdin'], { input: secret, encoding: 'utf8' }).trim();
const hashes = {
  'bcrypt-2a': ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  'bcrypt-2b': ['U*U*', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
  'bcrypt-2y': ['U*U', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  'sha256-crypt': [secret, opensslHash('-5')],
  'sha512-crypt': [secret, opensslHash('-6')],
  'scrypt-crypt': ['pleaseletmein', '$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D'],
  'scrypt-phc': [secret, `$scrypt$ln=12,r=8,p=1$${unpadded(salt)}$${unpadded(scryptSync(secret, salt, 32, { N: 4096, r: 8, p: 1 }))}`],
  'pbkdf2-django': [secret, django('sha256', 32)],
  'pbkdf2-django-sha1': [secret, django('sha1', 20)],
  'pbkdf2-passlib': [secret, `$pbkdf2-sha512$2500$${passlib(salt)}$${passlib(pbkdf2Sync(secret, salt, 2500, 64, 'sha512'))}`],
  'pbkdf2-phc': [secret, `$pbkdf2-sha256$i=1000,l=32$${unpadded(salt)}$${unpadded(pbkdf2Sync(secret, salt, 1000, 32, 'sha256'))}`],
  'argon2i': ['password', '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8'],
  'argon2d': ['password', '$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8'],
  'argon2id': ['password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
};

describe('a user who was imported', () => {
  const server = serverForSuite();
  const login = (username, password) => server.api('POST', '/login', { body: { username, password } });
  const storedHash = (username) => server.query(`SELECT password_hash FROM users WHERE username = '${username}'`, 'auth');

  before(async () => {
    const rows = Object.entries(hashes).map(([username, [, hash]]) => JSON.stringify({ username, password_hash: hash }));
    const { code, stderr } = await balcao(['user', 'import', '-'], { env: server.env, cwd: server.home, input: rows.join('\n') });
    assert.equal(code, 0, stderr);
  });

  for (const [username, [password, hash]] of Object.entries(hashes)) {
    test(`logs in with ${username}, which is replaced by a hash of ours`, async () => {
      assertProblem(await login(username, `${password}!`), 401, { code: 'invalid_credentials' });
      assert.equal(await storedHash(username), hash, 'a wrong password replaces nothing');
      assert.equal((await login(username, password)).status, 200);
      const ours = await storedHash(username);
      assert.match(ours, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      assert.equal((await login(username, password)).status, 200, 'the new hash is of the same password');
      assertProblem(await login(username, `${password}!`), 401);
      assert.equal(await storedHash(username), ours, 'replaced once');
    });
  }

  test('logs in several times at once the first time', async () => {
    const row = JSON.stringify({ username: 'hasty', password_hash: hashes['bcrypt-2b'][1] });
    assert.equal((await balcao(['user', 'import', '-'], { env: server.env, cwd: server.home, input: row })).code, 0);
    const answers = await Promise.all(Array.from({ length: 5 }, () => login('hasty', 'U*U*')));
    assert.deepEqual(answers.map((answer) => answer.status), Array(5).fill(200));
    assert.match(await storedHash('hasty'), /^\$argon2id\$/);
  });
});

import { Forger, decodeJson, encode, encodeJson } from './forger.mjs';

const orderOfP256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const orderOfEd25519 = 2n ** 252n + 27742317777372353535851937790883648493n;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const bigEndian = (number) => Buffer.from(number.toString(16).padStart(64, '0'), 'hex');
const littleEndian = (number) => bigEndian(number).reverse();
const numberOf = (bytes) => BigInt(`0x${bytes.toString('hex')}`);

/** Sets a bit that the last character of a base64url text does not need, so that it decodes to the same bytes. */
const withSpareBit = (text) => text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)) | 1];
/** JSON of which base64url leaves bits to spare. */
const uneven = (value) => {
  let text = JSON.stringify(value);
  while (Buffer.byteLength(text) % 3 === 0) text += ' ';
  return text;
};
const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
const each = (names, make) => Object.fromEntries(names.map((name) => [`${JSON.stringify(name)}`, make(name)]));
const titled = (title, tokens) => Object.fromEntries(Object.entries(tokens).map(([name, token]) => [`${title} ${name}`, token]));

/** The token chooses how it is checked, or with what. */
function onTheKey({ real, header, claims, good, trap }) {
  const [, payload, signature] = good.split('.');
  const stranger = Forger.stranger(real.alg === 'HS256' ? 'EdDSA' : real.alg, header.kid);
  const nobody = { alg: stranger.alg, typ: 'at+jwt', kid: header.kid };
  const algorithms = ['none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'PS256', 'ES384', 'ES256K', 'hs256', 'eddsa',
    ...['HS256', 'EdDSA', 'ES256'].filter((alg) => alg !== real.alg)];
  return {
    ...titled('unsigned, alg', each(algorithms, (alg) => `${encodeJson({ ...header, alg })}.${payload}.`)),
    ...titled('with the good signature, alg', each(algorithms, (alg) => `${encodeJson({ ...header, alg })}.${payload}.${signature}`)),
    ...titled('signed, alg', each([...algorithms, null, 256, ['HS256'], { alg: real.alg }], (alg) => real.token({ ...header, alg }, claims))),
    'alg missing': real.token(without(header, 'alg'), claims),
    'alg twice': real.token(`{"alg":"none",${JSON.stringify(header).slice(1)}`, claims),
    'alg twice, once escaped': real.token(`{"\\u0061lg":"none",${JSON.stringify(header).slice(1)}`, claims),
    "a stranger's signature": stranger.token(header, claims),
    "a stranger's signature and algorithm": stranger.token(nobody, claims),
    'its own key, as jwk': stranger.token({ ...nobody, jwk: stranger.jwk }, claims),
    'its own key, as jwk, under the real algorithm': stranger.token({ ...header, jwk: stranger.jwk }, claims),
    'its own secret, as jwk': Forger.ofSecret('x').token({ alg: 'HS256', typ: 'at+jwt', jwk: { kty: 'oct', k: encode('x') } }, claims),
    ...titled('signed, and more in the header:', each(['jwk', 'jku', 'x5u', 'x5c', 'crit'], (name) => real.token({
      ...header, [name]: { jwk: stranger.jwk, jku: `${trap.url}/jwks.json`, x5u: `${trap.url}/cert.pem`, x5c: ['MIIB'], crit: ['exp'] }[name],
    }, claims))),
    'a key elsewhere, as jku': stranger.token({ ...nobody, jku: `${trap.url}/jwks.json` }, claims),
    'a key elsewhere, as x5u': stranger.token({ ...nobody, x5u: `${trap.url}/cert.pem` }, claims),
    ...titled('signed, crit', each([[], ['b64'], ['kid'], 'exp', null, true], (crit) => real.token({ ...header, crit, b64: true }, claims))),
    ...titled('kid', each([
      '../../../../../../dev/null', '/dev/null', `${trap.url}/key`, "' UNION SELECT 'x' --", "x'; DROP TABLE signing_keys; --",
      '| sleep 10', '%00', '\u0000', 'a'.repeat(2000), '', 'unknown',
    ], (kid) => Forger.ofSecret('').token({ alg: 'HS256', typ: 'at+jwt', kid }, claims))),
    ...titled('kid and the secret that it names,', each(['x', 'unknown'], (kid) => Forger.ofSecret(kid).token({ alg: 'HS256', typ: 'at+jwt', kid }, claims))),
    ...titled('signed, kid', each([1, null, ['x'], { x: 1 }], (kid) => real.token({ ...header, kid }, claims))),
    ...titled('typ', each(['JWT', 'jwt', 'dpop+jwt', 'id+jwt', 'text/at+jwt', 'at+jwt;x=1', '', null, 1, ['at+jwt']],
      (typ) => real.token({ ...header, typ }, claims))),
    'typ missing': real.token(without(header, 'typ'), claims),
    ...(real.publicKey ? onThePublicKey({ real, header, claims }) : {}),
  };
}

/** What is public taken for a secret (CVE-2015-9235), and signatures that are none. */
function onThePublicKey({ real, header, claims }) {
  const { jwk, publicKey } = real;
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const point = Buffer.from(jwk.x + (jwk.y ?? ''), 'base64url');
  const secrets = {
    'the PEM': pem, 'the PEM without its last line end': pem.trimEnd(), 'the DER': publicKey.export({ type: 'spki', format: 'der' }),
    'the JWK': JSON.stringify(jwk), 'x as text': jwk.x, 'x': Buffer.from(jwk.x, 'base64url'), 'the point': point,
    'the uncompressed point': Buffer.concat([Buffer.from([4]), point]), 'the kid': jwk.kid, 'nothing': '',
  };
  const hmacs = Object.fromEntries(Object.entries(secrets).flatMap(([name, secret]) => [
    [`HMAC with ${name}`, Forger.ofSecret(secret).token({ ...header, alg: 'HS256' }, claims)],
    [`HMAC with ${name}, without a kid`, Forger.ofSecret(secret).token({ alg: 'HS256', typ: 'at+jwt' }, claims)],
    [`HMAC with ${name} under the real algorithm`, Forger.ofSecret(secret).token(header, claims)],
  ]));
  const text = `${encodeJson(header)}.${encodeJson(claims)}`;
  const good = real.signer(text);
  const [left, right] = [good.subarray(0, 32), good.subarray(32)];
  const zero = Buffer.alloc(32);
  const signatures = {
    'zero (CVE-2022-21449)': Buffer.alloc(64), 'empty': Buffer.alloc(0), 'r zero': Buffer.concat([zero, right]),
    's zero': Buffer.concat([left, zero]), 'one': Buffer.concat([bigEndian(1n), bigEndian(1n)]), 'all ones': Buffer.alloc(64, 255),
    'swapped': Buffer.concat([right, left]), 'a byte short': good.subarray(1), 'a byte more': Buffer.concat([good, Buffer.alloc(1)]),
    'a byte before': Buffer.concat([Buffer.alloc(1), good]), 'half': left, 'twice': Buffer.concat([good, good]),
    'a bit changed': Buffer.concat([good.subarray(0, 63), Buffer.from([good[63] ^ 1])]),
  };
  if (real.derSigner) {
    signatures['DER instead of r and s'] = real.derSigner(text);
    signatures['r the order'] = Buffer.concat([bigEndian(orderOfP256), right]);
    signatures['s the order'] = Buffer.concat([left, bigEndian(orderOfP256)]);
    const wrapped = numberOf(left) + orderOfP256;
    if (wrapped < 2n ** 256n) signatures['r beyond the order'] = Buffer.concat([bigEndian(wrapped), right]);
  } else {
    const s = numberOf(Buffer.from(right).reverse());
    signatures['s beyond the order (malleable)'] = Buffer.concat([left, littleEndian(s + orderOfEd25519)]);
    signatures['the neutral element'] = Buffer.concat([littleEndian(1n), zero]);
  }
  const forged = Object.entries(signatures).map(([name, bytes]) => [`signature ${name}`, `${text}.${encode(bytes)}`]);
  return { ...hmacs, ...Object.fromEntries(forged) };
}

/** The text is no compact JWS, or not the one that was signed. */
function onTheShape({ real, header, claims, good }) {
  const [head, body, tail] = good.split('.');
  const foreign = [];
  for (let code = 0x20; code < 0x100; ++code) {
    const character = String.fromCharCode(code);
    if ((code < 0x7f || code > 0x9f) && !/[\w.-]/.test(character)) foreign.push(character);
  }
  const within = (part, character) => part.slice(0, 5) + character + part.slice(5);
  const longClaims = { ...claims, padding: 'x'.repeat(8192) };
  return {
    ...titled('in the header', each(foreign, (character) => [within(head, character), body, tail].join('.'))),
    ...titled('in the payload', each(foreign, (character) => [head, within(body, character), tail].join('.'))),
    ...titled('in the signature', each(foreign, (character) => [head, body, within(tail, character)].join('.'))),
    ...titled('signed, in the payload', each(foreign, (character) => real.sign(`${head}.${within(body, character)}`))),
    'padding behind': `${good}=`,
    'padding behind each part': `${head}=.${body}=.${tail}=`,
    'spare bits in the signature': `${head}.${body}.${withSpareBit(tail)}`,
    'signed, spare bits in the header': real.sign(`${withSpareBit(encode(uneven(header)))}.${body}`),
    'signed, spare bits in the payload': real.sign(`${head}.${withSpareBit(encode(uneven(claims)))}`),
    'one character': 'a', 'a dot': '.', 'two dots': '..', 'three dots': '...',
    'one part': head, 'two parts': `${head}.${body}`, 'no signature': `${head}.${body}.`, 'no header': `.${body}.${tail}`,
    'no payload': `${head}..${tail}`, 'four parts': `${good}.${tail}`, 'five parts, as a JWE': `${good}.${tail}.${tail}`,
    'a dot behind': `${good}.`, 'a dot before': `.${good}`, 'Bearer twice': `Bearer ${good}`, 'two tokens': `${good} ${good}`,
    'two tokens, a comma between': `${good},${good}`, 'quoted': `"${good}"`,
    ...Object.fromEntries([0.1, 0.25, 0.5, 0.75, 0.9, 0.99].map((share) => [`cut at ${share}`, good.slice(0, Math.floor(good.length * share))])),
    'signed, longer than 8 KiB': real.token(header, longClaims),
    'as long as the header may be': 'A'.repeat(15_000), 'dots only': '.'.repeat(15_000),
    'signed, nested': real.token(header, good), 'signed, nested with cty': real.token({ ...header, cty: 'JWT' }, encode(good)),
    'another header': `${encodeJson({ ...header, x: 1 })}.${body}.${tail}`,
    'another role': `${head}.${encodeJson({ ...claims, role: 'admin' })}.${tail}`,
    'signed, a header that is no JSON': real.token('alg', claims), 'signed, a header that is a list': real.token('["HS256"]', claims),
    'signed, a header behind which something comes': real.token(`${JSON.stringify(header)}{}`, claims),
    'signed, a header nested deeply': real.token({ ...header, x: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) }, claims),
  };
}

/** Whoever signed it did so with the real key, and it is no token of ours all the same. */
function onTheClaims({ real, header, claims, trap }) {
  const now = Math.floor(Date.now() / 1000);
  const signed = (changed) => real.token(header, changed);
  const change = (name, values) => titled(name, each(values, (value) => signed({ ...claims, [name]: value })));
  const text = JSON.stringify(claims);
  const more = (members) => signed(`{${members},${text.slice(1)}`);
  const numbers = ['1', '', null, true, 1.5, [9_999_999_999], {}];
  return {
    ...titled('without', each(['iss', 'sub', 'aud', 'jti', 'sid', 'client_id', 'scope', 'role', 'iat', 'exp'],
      (name) => signed(without(claims, name)))),
    ...change('iss', [`${claims.iss}/`, `${claims.iss}.evil.example`, claims.iss.slice(0, -1), claims.iss.toUpperCase(), 'balcao', '',
      trap.url, null, 1, [claims.iss], 'balcao-internal']),
    ...change('aud', ['other', '', 'Balcao', ['balcao'], ['balcao', 'other'], null, 1, 'balcao-internal']),
    ...change('sub', ['', '1', `${claims.sub}0`, "' OR 1=1 --", null, 1, [claims.sub]]),
    ...change('sid', ['', '1', `${claims.sid}0`, null, 1, [claims.sid]]),
    ...change('role', [null, 1, ['admin']]),
    ...change('exp', [...numbers, String(claims.exp), now - 1, now - 3600, 0, -1]),
    ...change('iat', [...numbers, String(claims.iat), now + 3600]),
    ...change('nbf', [...numbers, String(now - 10), now + 3600]),
    ...titled('exp written as', each(['1e10', '9999999999.0', '18446744073709551616', '9e999', '0x7fffffff', '+9999999999', 'NaN', 'Infinity'],
      (written) => signed(text.replace(String(claims.exp), written)))),
    'sub twice': more(`"sub":"${claims.sub}"`), 'exp twice': more('"exp":9999999999'), 'role twice': more('"role":"admin"'),
    'role twice, once escaped': more('"r\\u006fle":"admin"'), 'a duplicate further in': more('"x":{"y":1,"y":2}'),
    'no JSON': signed('claims'), 'a list': signed('[]'), 'a text': signed('"claims"'), 'null': signed('null'), 'nothing': signed(''),
    'something behind': signed(`${text}{}`), 'a comma behind': signed(text.replace(/}$/, ',}')), 'a comment': signed(`${text}/**/`),
    'a byte order mark': signed(`\ufeff${text}`), 'nested deeply': more(`"x":${'['.repeat(2000)}${']'.repeat(2000)}`),
    'invalid UTF-8': real.sign(`${encodeJson(header)}.${Buffer.from(text.replace('"role"', '"\xe9":1,"role"'), 'latin1').toString('base64url')}`),
    'single quotes': signed(text.replaceAll('"', "'")),
  };
}

/** name -> token. `real` signs with the server's own key; `good` is one of its tokens; nobody must come to `trap`. */
export function tokenAttacks({ real, good, trap }) {
  const [header, claims] = good.split('.').slice(0, 2).map(decodeJson);
  const ground = { real, header, claims, good, trap };
  return { ...onTheKey(ground), ...onTheShape(ground), ...onTheClaims(ground) };
}

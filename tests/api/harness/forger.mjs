import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

export const encode = (value) => Buffer.from(value).toString('base64url');
export const encodeJson = (value) => encode(typeof value === 'string' ? value : JSON.stringify(value));
export const decodeJson = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

// What stands before the 32 private bytes of Ed25519 in PKCS #8 (RFC 8410).
const pkcs8OfEd25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

const hmac = (secret) => (text) => createHmac('sha256', secret).update(text).digest();
const ed25519 = (key) => (text) => sign(null, Buffer.from(text), key);
const p256 = (key, dsaEncoding = 'ieee-p1363') => (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding });

/** Makes tokens as somebody who has a key would, with whatever header and claims he likes. */
export class Forger {
  /** `signer`: text -> the signature's bytes. */
  constructor(alg, signer, { publicKey, jwk, derSigner } = {}) {
    Object.assign(this, { alg, signer, publicKey, jwk, derSigner });
  }

  static ofSecret(secret) {
    return new Forger('HS256', hmac(secret));
  }

  /** `jwk`: the public half; `bytes`: the 32 private bytes. */
  static ofPrivate(jwk, bytes) {
    if (jwk.kty === 'OKP') {
      const key = createPrivateKey({ key: Buffer.concat([pkcs8OfEd25519, bytes]), format: 'der', type: 'pkcs8' });
      return new Forger('EdDSA', ed25519(key), { jwk, publicKey: createPublicKey(key) });
    }
    const { kty, crv, x, y } = jwk;
    const key = createPrivateKey({ key: { kty, crv, x, y, d: bytes.toString('base64url') }, format: 'jwk' });
    return new Forger('ES256', p256(key), { jwk, publicKey: createPublicKey(key), derSigner: p256(key, 'der') });
  }

  /** A key that nobody knows, under a kid that somebody may. */
  static stranger(alg, kid) {
    const kind = alg === 'ES256' ? ['ec', { namedCurve: 'P-256' }] : ['ed25519'];
    const { privateKey, publicKey } = generateKeyPairSync(...kind);
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
    return new Forger(alg, alg === 'ES256' ? p256(privateKey) : ed25519(privateKey), { jwk, publicKey });
  }

  /** Header and payload may be text, right or wrong. */
  token(header, payload) {
    return this.sign(`${encodeJson(header)}.${encodeJson(payload)}`);
  }

  sign(text) {
    return `${text}.${encode(this.signer(text))}`;
  }
}

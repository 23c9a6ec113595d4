import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const period = 30_000;

function bytesOf(text) {
  const bits = [...text].map((letter) => base32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

/** An authenticator app (RFC 6238) that holds a secret, and never shows one code twice. */
export class Authenticator {
  #last = 0;

  constructor(secret) {
    this.key = bytesOf(secret);
  }

  codeAt(step) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', this.key).update(counter).digest();
    const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }

  /** A fresh code: the one of now, and once that is used the next one, which a server takes early. No third at once. */
  code() {
    const now = Math.floor(Date.now() / period);
    this.#last = Math.max(now, this.#last + 1);
    assert.ok(this.#last <= now + 1, 'use a recovery code, or wait for half a minute');
    return this.codeAt(this.#last);
  }

  /** A code of no step that could be accepted now. */
  wrongCode() {
    const now = Math.floor(Date.now() / period);
    const right = [-2, -1, 0, 1, 2].map((away) => this.codeAt(now + away));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code));
  }
}

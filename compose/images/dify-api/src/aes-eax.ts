import { createCipheriv, timingSafeEqual } from 'node:crypto';

/**
 * AES-EAX with a key of 16 bytes, which node:crypto does not have: counter mode keyed by the nonce, and one OMAC each over
 * nonce, header and ciphertext (Bellare, Rogaway, Wagner: "The EAX Mode of Operation", 2004). Tags are 16 bytes.
 */
const blockBytes = 16;

export interface Sealed {
  ciphertext: Buffer;
  tag: Buffer;
}

/** Encrypts and authenticates. */
export function sealEax(key: Buffer, nonce: Buffer, plain: Buffer, header: Buffer = Buffer.alloc(0)): Sealed {
  const counter = omac(key, 0, nonce);
  const ciphertext = counterMode(key, counter, plain);
  return { ciphertext, tag: tagOf(key, counter, header, ciphertext) };
}

/** The text of a sealed message. Throws `MAC check failed` when anything of it was changed or the key is another one. */
export function openEax(key: Buffer, nonce: Buffer, sealed: Sealed, header: Buffer = Buffer.alloc(0)): Buffer {
  const counter = omac(key, 0, nonce);
  const wanted = tagOf(key, counter, header, sealed.ciphertext);
  if (wanted.length !== sealed.tag.length || !timingSafeEqual(wanted, sealed.tag)) throw new Error('MAC check failed');
  return counterMode(key, counter, sealed.ciphertext);
}

function tagOf(key: Buffer, counter: Buffer, header: Buffer, ciphertext: Buffer): Buffer {
  return xor(xor(counter, omac(key, 1, header)), omac(key, 2, ciphertext));
}

function counterMode(key: Buffer, counter: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ctr', key, counter);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** The OMAC of a message behind a block that holds `purpose`: CBC over it, its last block masked as OMAC1 (CMAC) asks. */
function omac(key: Buffer, purpose: number, message: Buffer): Buffer {
  const first = Buffer.alloc(blockBytes);
  first[blockBytes - 1] = purpose;
  const text = Buffer.concat([first, message]);
  const whole = text.length % blockBytes === 0;
  const once = doubled(cbc(key, Buffer.alloc(blockBytes)));
  const padding = whole ? Buffer.alloc(0) : Buffer.alloc(blockBytes - (text.length % blockBytes));
  if (!whole) padding[0] = 0x80;
  const padded = Buffer.concat([text, padding]);
  const last = padded.length - blockBytes;
  const masked = xor(padded.subarray(last), whole ? once : doubled(once));
  return cbc(key, Buffer.concat([padded.subarray(0, last), masked]));
}

/** The last block of CBC from zeros. */
function cbc(key: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(blockBytes)).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]).subarray(-blockBytes);
}

/** A block times x in GF(2^128). */
function doubled(block: Buffer): Buffer {
  const result = Buffer.alloc(blockBytes);
  for (let at = 0; at < blockBytes; at += 1) {
    result[at] = (((block[at] ?? 0) << 1) | ((block[at + 1] ?? 0) >> 7)) & 0xff;
  }
  if ((block[0] ?? 0) & 0x80) result[blockBytes - 1] = (result[blockBytes - 1] ?? 0) ^ 0x87;
  return result;
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)));
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The query of a signed address of a file. */
export interface Signature {
  timestamp: string;
  nonce: string;
  sign: string;
}

/** Signs an address of a file as Dify does with SECRET_KEY: HMAC-SHA256 in URL-safe base64 with its padding. */
export function signFile(
  fileId: string,
  secret: string,
  nowMs = Date.now(),
  nonce: string = randomBytes(16).toString('hex'),
): Signature {
  const timestamp = String(Math.floor(nowMs / 1000));
  return { timestamp, nonce, sign: signature(fileId, timestamp, nonce, secret) };
}

/** Whether the signature is of this file and not older than `seconds`. */
export function isSigned(fileId: string, given: Signature, secret: string, seconds: number): boolean {
  const wanted = Buffer.from(signature(fileId, given.timestamp, given.nonce, secret));
  const signed = Buffer.from(given.sign);
  if (wanted.length !== signed.length || !timingSafeEqual(wanted, signed)) return false;
  return Math.floor(Date.now() / 1000) - Number(given.timestamp) <= seconds;
}

/** The address at which a file is shown to whoever holds it. */
export function signedAddress(filesUrl: string, fileId: string, secret: string): string {
  const { timestamp, nonce, sign } = signFile(fileId, secret);
  return `${filesUrl}/files/${fileId}/file-preview?timestamp=${timestamp}&nonce=${nonce}&sign=${sign}`;
}

function signature(fileId: string, timestamp: string, nonce: string, secret: string): string {
  const digest = createHmac('sha256', secret).update(`file-preview|${fileId}|${timestamp}|${nonce}`).digest('base64');
  return digest.replaceAll('+', '-').replaceAll('/', '_');
}

import {
  constants,
  createPrivateKey,
  generateKeyPair,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { openEax, sealEax } from './aes-eax.ts';
import type { FileStore } from './stores/stores.ts';

const generate = promisify(generateKeyPair);

/** Where a tenant's private key lies in the storage. The credentials of the tenant are encrypted for it. */
export function privateKeyName(tenantId: string): string {
  return `privkeys/${tenantId}/private.pem`;
}

/** Makes the key pair of a tenant: saves the private key in the storage and returns the public one, both as PEM. */
export async function makeTenantKeys(files: FileStore, tenantId: string): Promise<string> {
  const pair = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  await files.save(privateKeyName(tenantId), pair.privateKey.trimEnd());
  return pair.publicKey.trimEnd();
}

/** What Dify's libs/rsa.py puts before a text that is encrypted with a key of its own. */
const hybridPrefix = Buffer.from('HYBRID:');
const nonceBytes = 16;
const tagBytes = 16;
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };

/**
 * Encrypts a text for a tenant as Dify keeps credentials: base64 of `HYBRID:`, the AES key encrypted for the tenant's public
 * key (PEM), nonce, tag and the text in AES-EAX.
 */
export function encryptForTenant(publicKey: string, text: string): string {
  const key = randomBytes(16);
  const nonce = randomBytes(nonceBytes);
  const { ciphertext, tag } = sealEax(key, nonce, Buffer.from(text));
  const wrapped = publicEncrypt({ key: publicKey, ...oaep }, key);
  return Buffer.concat([hybridPrefix, wrapped, nonce, tag, ciphertext]).toString('base64');
}

/**
 * The text that was encrypted for a tenant. Throws, by the words of the real one, `Incorrect decryption.` with another key,
 * `MAC check failed` when the text was changed, and when the private key is not in the storage.
 */
export async function decryptForTenant(files: FileStore, tenantId: string, encrypted: string): Promise<string> {
  const key = await privateKeyOf(files, tenantId);
  const keyBytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const data = Buffer.from(encrypted, 'base64');
  if (!data.subarray(0, hybridPrefix.length).equals(hybridPrefix)) return unwrapped(key, data).toString('utf8');
  const sealed = data.subarray(hybridPrefix.length);
  const aesKey = unwrapped(key, sealed.subarray(0, keyBytes));
  const [nonceAt, tagAt, textAt] = [keyBytes, keyBytes + nonceBytes, keyBytes + nonceBytes + tagBytes];
  const parts = { tag: sealed.subarray(tagAt, textAt), ciphertext: sealed.subarray(textAt) };
  return openEax(aesKey, sealed.subarray(nonceAt, tagAt), parts).toString('utf8');
}

async function privateKeyOf(files: FileStore, tenantId: string): Promise<KeyObject> {
  try {
    return createPrivateKey(await files.load(privateKeyName(tenantId)));
  } catch (error) {
    throw new PrivateKeyMissing(`Private key not found, tenant_id: ${tenantId}`, { cause: error });
  }
}

/** The tenant's private key is not where it should be. Dify answers 500 then, and not the 400 of a wrong text. */
export class PrivateKeyMissing extends Error {}

function unwrapped(key: KeyObject, data: Buffer): Buffer {
  try {
    return privateDecrypt({ key, ...oaep }, data);
  } catch (error) {
    throw new Error('Incorrect decryption.', { cause: error });
  }
}

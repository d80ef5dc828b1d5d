import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
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

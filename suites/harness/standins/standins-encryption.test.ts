import { constants, createPublicKey, privateDecrypt } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openEax, sealEax } from '../../../compose/images/dify-api/src/aes-eax.ts';
import {
  decryptForTenant,
  encryptForTenant,
  makeTenantKeys,
  PrivateKeyMissing,
  privateKeyName,
} from '../../../compose/images/dify-api/src/tenant-keys.ts';
import { memoryStores } from './standin-memory-stores.ts';

/** The test vectors of the EAX paper (appendix G): message, key, nonce, header, ciphertext with its tag. */
const vectors = [
  [
    '',
    '233952DEE4D5ED5F9B9C6D6FF80FF478',
    '62EC67F9C3A4A407FCB2A8C49031A8B3',
    '6BFB914FD07EAE6B',
    'E037830E8389F27B025A2D6527E79D01',
  ],
  [
    'F7FB',
    '91945D3F4DCBEE0BF45EF52255F095A4',
    'BECAF043B0A23D843194BA972C66DEBD',
    'FA3BFD4806EB53FA',
    '19DD5C4C9331049D0BDAB0277408F67967E5',
  ],
  [
    '1A47CB4933',
    '01F74AD64077F2E704C0F60ADA3DD523',
    '70C3DB4F0D26368400A10ED05D2BFF5E',
    '234A3463C1264AC6',
    'D851D5BAE03A59F238A23E39199DC9266626C40F80',
  ],
  [
    '481C9E39B1',
    'D07CF6CBB7F313BDDE66B727AFD3C5E8',
    '8408DFFF3C1A2B1292DC199E46B7D617',
    '33CCE2EABFF5A79D',
    '632A9D131AD4C168A4225D8E1FF755939974A7BEDE',
  ],
  [
    '40D0C07DA5E4',
    '35B6D0580005BBC12B0587124557D2C2',
    'FDB6B06676EEDC5C61D74276E1F8E816',
    'AEB96EAEBE2970E9',
    '071DFE16C675CB0677E536F73AFE6A14B74EE49844DD',
  ],
  [
    '4DE3B35C3FC039245BD1FB7D',
    'BD8E6E11475E60B268784C38C62FEB22',
    '6EAC5C93072D8E8513F750935E46DA1B',
    'D4482D1CA78DCE0F',
    '835BB4F15D743E350E728414ABB8644FD6CCB86947C5E10590210A4F',
  ],
  [
    '8B0A79306C9CE7ED99DAE4F87F8DD61636',
    '7C77D6E813BED5AC98BAA417477A2E7D',
    '1A8C98DCD73D38393B2BF1569DEEFC19',
    '65D2017990D62528',
    '02083E3979DA014812F59F11D52630DA30137327D10649B0AA6E1C181DB617D7F2',
  ],
  [
    '1BDA122BCE8A8DBAF1877D962B8592DD2D56',
    '5FFF20CAFAB119CA2FC73549E20F5B0D',
    'DDE59B97D722156D4D9AFF2BC7559826',
    '54B9F04E6A09189A',
    '2EC47B2C4954A489AFC7BA4897EDCDAE8CC33B60450599BD02C96382902AEF7F832A',
  ],
  [
    '6CF36720872B8513F6EAB1A8A44438D5EF11',
    'A4A4782BCFFD3EC5E7EF6D8C34A56123',
    'B781FCF2F75FA5A8DE97A9CA48E522EC',
    '899A175897561D7E',
    '0DE18FD0FDD91E7AF19F1D8EE8733938B1E8E7F6D2231618102FDB7FE55FF1991700',
  ],
  [
    'CA40D7446E545FFAED3BD12A740A659FFBBB3CEAB7',
    '8395FCF1E95BEBD697BD010BC766AAC3',
    '22E7ADD93CFC6393C57EC0B3C17D6B44',
    '126735FCC320D25A',
    'CB8920F87A6C75CFF39627B56E3ED197C552D295A7CFC46AFC253B4652B1AF3795B124AB6E',
  ],
].map((row) => row.map((hex) => Buffer.from(hex, 'hex')) as [Buffer, Buffer, Buffer, Buffer, Buffer]);

describe('AES-EAX', () => {
  test.for(vectors)('seals and opens vector %# of the paper', ([text, key, nonce, head, cipher]) => {
    const sealed = sealEax(key, nonce, text, head);
    expect(Buffer.concat([sealed.ciphertext, sealed.tag]).toString('hex')).toBe(cipher.toString('hex'));
    expect(openEax(key, nonce, sealed, head).toString('hex')).toBe(text.toString('hex'));
  });

  test('a changed byte of text, tag, nonce or key is refused', () => {
    const [key, nonce] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    const sealed = sealEax(key, nonce, Buffer.from('a text of more than one block'));
    const changed = (data: Buffer) => Buffer.from(data.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
    expect(openEax(key, nonce, sealed).toString()).toBe('a text of more than one block');
    expect(() => openEax(key, nonce, { ...sealed, ciphertext: changed(sealed.ciphertext) })).toThrow(
      'MAC check failed',
    );
    expect(() => openEax(key, nonce, { ...sealed, tag: changed(sealed.tag) })).toThrow('MAC check failed');
    expect(() => openEax(key, changed(nonce), sealed)).toThrow('MAC check failed');
    expect(() => openEax(changed(key), nonce, sealed)).toThrow('MAC check failed');
  });
});

describe('a credential of a tenant', () => {
  test('is kept as base64 of HYBRID:, the wrapped key, nonce, tag and text, and decrypts with the private key on disk', async () => {
    const { files } = memoryStores();
    const publicKey = await makeTenantKeys(files, 'one');
    const kept = encryptForTenant(publicKey, 'sk-geheim-äöü');
    const keyBytes = (createPublicKey(publicKey).asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const data = Buffer.from(kept, 'base64');
    expect(data.subarray(0, 7).toString()).toBe('HYBRID:');
    expect(data.length).toBe(7 + keyBytes + 16 + 16 + Buffer.byteLength('sk-geheim-äöü'));
    // Part by part, as Dify's own reader takes it: by itself our reader would accept whatever our writer does.
    const [wrapped, rest] = [data.subarray(7, 7 + keyBytes), data.subarray(7 + keyBytes)];
    const pem = await files.load(privateKeyName('one'));
    const aesKey = privateDecrypt({ key: pem, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, wrapped);
    const sealed = { tag: rest.subarray(16, 32), ciphertext: rest.subarray(32) };
    expect(aesKey.length).toBe(16);
    expect(openEax(aesKey, rest.subarray(0, 16), sealed).toString()).toBe('sk-geheim-äöü');
    expect(await decryptForTenant(files, 'one', kept)).toBe('sk-geheim-äöü');
    expect(encryptForTenant(publicKey, 'sk-geheim-äöü')).not.toBe(kept);
  });

  test('does not decrypt with the key of another tenant, without a key, or when it was changed', async () => {
    const { files } = memoryStores();
    const publicKey = await makeTenantKeys(files, 'one');
    await makeTenantKeys(files, 'two');
    const kept = encryptForTenant(publicKey, 'secret');
    await expect(decryptForTenant(files, 'two', kept)).rejects.toThrow('Incorrect decryption.');
    await expect(decryptForTenant(files, 'none', kept)).rejects.toThrow(PrivateKeyMissing);
    const changed = Buffer.from(kept, 'base64');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expect(decryptForTenant(files, 'one', changed.toString('base64'))).rejects.toThrow('MAC check failed');
  });
});

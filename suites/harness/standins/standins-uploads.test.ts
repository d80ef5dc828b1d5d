import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { signFile, type Signature } from '../../../compose/images/dify-api/src/file-signature.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { filesOnDisk } from '../../../compose/images/dify-api/src/stores/files-disk.ts';
import { requestFor } from '../../../compose/images/shared/src/http-message.ts';
import { jsonRequest, signIn, textOf, uploadRequest } from '../../../fixtures/testing/first-use.ts';
import { memoryStores } from './standin-memory-stores.ts';

const settings = readSettings({
  SECRET_KEY: 'of the test',
  UPLOAD_FILE_SIZE_LIMIT: '1',
  FILES_URL: 'http://files.test',
});
const uploadPath = '/console/api/files/upload';

/** What an upload was answered: the file, or why there is none. */
interface Answered {
  status: number;
  id: string;
  code?: string;
}

async function signedIn() {
  const stores = memoryStores();
  const api = difyApi({ settings, stores });
  const token = await signIn(api);
  const upload = async (name: string, content: string | Uint8Array<ArrayBuffer>, fields = {}): Promise<Answered> => {
    const answer = await api(await uploadRequest(uploadPath, { name, type: 'text/plain', content }, token, fields));
    return { ...(JSON.parse(textOf(answer)) as Answered), status: answer.status };
  };
  return { stores, api, token, upload };
}

describe('an upload', () => {
  test('lies under the tenant and its hash is kept', async () => {
    const { stores, upload } = await signedIn();
    const made = await upload('Grüße 🦊.TXT', 'eight 🦊');
    expect(made).toMatchObject({ status: 201, name: 'Grüße 🦊.TXT', size: 10, extension: 'txt' });
    const kept = await stores.uploads.find(made.id);
    expect(kept?.key).toMatch(new RegExp(`^upload_files/${kept?.tenantId}/[0-9a-f-]{36}\\.txt$`));
    expect((await stores.files.load(kept?.key ?? '')).toString()).toBe('eight 🦊');
    expect(kept).toMatchObject({
      hash: 'ed72f5f84e3ff4bab27977e05b3922e5edad0ee652f5662b1d0276023baccaf6',
      storageType: 'opendal',
      sourceUrl: expect.stringMatching(
        new RegExp(
          `^http://files.test/files/${made.id}/file-preview\\?timestamp=\\d+&nonce=[0-9a-f]{32}&sign=[\\w-]{43}=$`,
        ),
      ),
    });
  });

  test.for([
    { name: 'big.txt', bytes: 1024 * 1024, status: 201, code: undefined },
    { name: 'big.txt', bytes: 1024 * 1024 + 1, status: 413, code: 'file_too_large' },
    // Images have a limit of their own: 10 MB.
    { name: 'big.png', bytes: 1024 * 1024 + 1, status: 201, code: undefined },
    { name: 'a:b.txt', bytes: 1, status: 400, code: 'invalid_param' },
  ])('of $bytes bytes as "$name" is answered $status', async ({ name, bytes, status, code }) => {
    const { upload } = await signedIn();
    const answer = await upload(name, new Uint8Array(bytes));
    expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
  });

  test('for a dataset has to be a document, by the form and not by the query', async () => {
    const { upload } = await signedIn();
    expect(await upload('a.exe', 'x')).toMatchObject({ status: 201 });
    expect(await upload('a.exe', 'x', { source: 'datasets' })).toEqual({
      code: 'unsupported_file_type',
      message: 'File type not allowed.',
      status: 415,
    });
  });

  test('without a file or without a token is refused', async () => {
    const { api, token } = await signedIn();
    const empty = await api(jsonRequest('POST', uploadPath, {}, token));
    expect([empty.status, JSON.parse(textOf(empty))]).toEqual([
      400,
      expect.objectContaining({ code: 'bad_request_key_error' }),
    ]);
    const stranger = await api(
      await uploadRequest(uploadPath, { name: 'a.txt', type: 'text/plain', content: 'x' }, 'no'),
    );
    expect(stranger.status).toBe(401);
  });
});

describe('the preview of an upload', () => {
  test('at the console is its text, 3,000 characters at most', async () => {
    const { api, token, upload } = await signedIn();
    const { id } = await upload('long.md', '🦊'.repeat(4000));
    const answer = await api(jsonRequest('GET', `/console/api/files/${id}/preview`, null, token));
    expect([answer.status, JSON.parse(textOf(answer))]).toEqual([200, { content: '🦊'.repeat(3000) }]);
  });

  test('of a file that the storage has lost is an error of the server', async () => {
    const { stores, api, token, upload } = await signedIn();
    const { id } = await upload('a.txt', 'x');
    stores.files.load = () => Promise.reject(new Error('File not found'));
    expect((await api(jsonRequest('GET', `/console/api/files/${id}/preview`, null, token))).status).toBe(500);
  });

  test('at a signed address is its bytes, for the right signature only', async () => {
    const { api, upload } = await signedIn();
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    const id = (await upload('all.txt', bytes)).id;
    const other = (await upload('other.txt', 'x')).id;
    const ask = async (fileId: string, query: Partial<Signature>) => {
      const target = `/files/${fileId}/file-preview?${new URLSearchParams(Object.entries(query)).toString()}`;
      return await api(requestFor('GET', target));
    };
    const right = signFile(id, 'of the test');
    const answer = await ask(id, right);
    expect([answer.status, answer.headers['Content-Type'], answer.body]).toEqual([
      200,
      'text/plain; charset=utf-8',
      Buffer.from(bytes),
    ]);
    const notFound = { code: 'not_found', message: 'File not found or signature is invalid', status: 404 };
    for (const [fileId, query] of [
      [other, right],
      [id, signFile(id, 'another key')],
      [id, { ...right, nonce: 'other' }],
      [id, signFile(id, 'of the test', Date.now() - 302_000)],
    ] as const) {
      expect(JSON.parse(textOf(await ask(fileId, query)))).toEqual(notFound);
    }
    expect((await ask(id, { ...right, sign: '' })).status).toBe(400);
    expect(JSON.parse(textOf(await ask(id, { timestamp: '1', nonce: '2' })))).toMatchObject({ params: 'sign' });
  });
});

describe('the storage on disk', () => {
  test('has what was saved, says in the words of Dify what it has not, and keeps to its folder', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'storage-'));
    const files = filesOnDisk(root);
    await files.save('upload_files/t/a.txt', Buffer.from([0, 255]));
    expect(await files.load('upload_files/t/a.txt')).toEqual(Buffer.from([0, 255]));
    await expect(files.load('upload_files/t/b.txt')).rejects.toThrow('File not found');
    await expect(files.load('upload_files/../../etc/hostname')).rejects.toThrow('a name outside the storage');
    await rm(root, { recursive: true });
  });
});

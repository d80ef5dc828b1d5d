import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { characterCount, firstCharacters } from '../characters.ts';
import { isSigned, signedAddress } from '../file-signature.ts';
import { json } from '../http/answers.ts';
import { apiError, invalidParam } from '../http/errors.ts';
import { formFile } from '../http/multipart.ts';
import type { Rule } from '../http/flask.ts';
import { documentExtensions, mostBytes } from '../upload-settings.ts';
import type { Upload } from '../stores/knowledge.ts';
import { requireLogin, timestamp, type Api, type SignedIn } from './context.ts';

const nameCharacters = 200;
const previewCharacters = 3000;
/** Of these a browser may ask for a part. */
const seekable = /^(audio\/(mpeg|wav|mp4|ogg|flac|aac|x-m4a)|video\/(mp4|webm|quicktime))$/;

/** Uploads at the console, and the files behind signed addresses. */
export function fileRules(api: Api): Rule[] {
  return [...consoleRules(api), previewRule(api)];
}

function consoleRules(api: Api): Rule[] {
  const { uploads, files } = api.stores;
  const limits = api.settings.uploads;
  return [
    {
      path: '/console/api/files/upload',
      blueprint: 'console',
      views: {
        GET: async ({ request }) => {
          await requireLogin(api, request);
          return json({
            file_size_limit: limits.fileMegabytes,
            batch_count_limit: limits.filesABatch,
            image_file_size_limit: limits.imageMegabytes,
            video_file_size_limit: limits.videoMegabytes,
            audio_file_size_limit: limits.audioMegabytes,
            workflow_file_upload_limit: limits.filesAWorkflow,
          });
        },
        POST: async ({ request }) => {
          const who = await requireLogin(api, request);
          const { file, fields } = await formFile(request);
          // Dify reads the source from the form: the console's `?source=datasets` does not count.
          return json(uploaded(await keep(api, who, file, fields.get('source') === 'datasets')), 201);
        },
      },
    },
    {
      path: '/console/api/files/support-type',
      blueprint: 'console',
      views: {
        GET: async ({ request }) => {
          await requireLogin(api, request);
          const upper = documentExtensions.map((extension) => extension.toUpperCase());
          return json({ allowed_extensions: [...documentExtensions, ...upper] });
        },
      },
    },
    {
      path: '/console/api/files/<uuid:file_id>/preview',
      blueprint: 'console',
      views: {
        GET: async ({ request, params }) => {
          await requireLogin(api, request);
          const upload = await uploads.find(params['file_id'] ?? '');
          if (!upload) throw apiError(404, 'not_found', 'File not found');
          if (!documentExtensions.includes(upload.extension)) throw apiError(400, 'invalid_param', '');
          const text = (await files.load(upload.key)).toString('utf8');
          return json({ content: firstCharacters(text, previewCharacters) });
        },
      },
    },
  ];
}

interface GivenFile {
  name: string;
  mimeType: string;
  content: Buffer;
}

async function keep(api: Api, who: SignedIn, file: GivenFile, forDataset: boolean): Promise<Upload> {
  const { uploads: limits, secretKey } = api.settings;
  const extension = path.posix.extname(file.name).slice(1).toLowerCase();
  if (/[/\\:*?"<>|]/.test(file.name)) throw apiError(400, 'invalid_param', 'Filename contains invalid characters');
  if (forDataset && !documentExtensions.includes(extension)) {
    throw apiError(415, 'unsupported_file_type', 'File type not allowed.');
  }
  if (file.content.length > mostBytes(limits, extension)) {
    // The braces are Dify's: nothing is ever put between them.
    throw apiError(413, 'file_too_large', 'File size exceeded. {message}');
  }
  const id = randomUUID();
  const key = `upload_files/${who.tenant.id}/${randomUUID()}.${extension}`;
  await api.stores.files.save(key, file.content);
  return await api.stores.uploads.create({
    id,
    tenantId: who.tenant.id,
    storageType: limits.storageType,
    key,
    name: shortened(file.name, extension),
    size: file.content.length,
    extension,
    mimeType: file.mimeType,
    accountId: who.account.id,
    hash: createHash('sha3-256').update(file.content).digest('hex'),
    sourceUrl: signedAddress(limits.filesUrl, id, secretKey),
  });
}

function shortened(name: string, extension: string): string {
  if (characterCount(name) <= nameCharacters) return name;
  return `${firstCharacters(name.split('.')[0] ?? '', nameCharacters)}.${extension}`;
}

function uploaded(upload: Upload): Record<string, unknown> {
  return {
    id: upload.id,
    name: upload.name,
    size: upload.size,
    extension: upload.extension,
    mime_type: upload.mimeType,
    created_by: upload.createdBy,
    created_at: timestamp(upload.createdAt),
    preview_url: null,
  };
}

function previewRule(api: Api): Rule {
  const { settings, stores } = api;
  return {
    path: '/files/<uuid:file_id>/file-preview',
    blueprint: 'files',
    views: {
      GET: async ({ params, query }) => {
        const given = (name: string) => {
          const value = query.get(name);
          if (value === null) throw invalidParam(name, 'Missing required parameter in the query string');
          return value;
        };
        const fileId = params['file_id'] ?? '';
        const signature = { timestamp: given('timestamp'), nonce: given('nonce'), sign: given('sign') };
        if (Object.values(signature).includes('')) return json({ content: 'Invalid request.' }, 400);
        const upload = isSigned(fileId, signature, settings.secretKey, settings.uploads.accessSeconds)
          ? await stores.uploads.find(fileId)
          : null;
        if (!upload) throw apiError(404, 'not_found', 'File not found or signature is invalid');
        const content = await stores.files.load(upload.key);
        const asAttachment = Boolean(query.get('as_attachment'));
        return { status: 200, headers: previewHeaders(upload, asAttachment), body: content };
      },
    },
  };
}

function previewHeaders(upload: Upload, asAttachment: boolean): Record<string, string> {
  const type = upload.mimeType.startsWith('text/') ? `${upload.mimeType}; charset=utf-8` : upload.mimeType;
  const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(upload.name)}`;
  return {
    'Content-Type': asAttachment ? 'application/octet-stream' : type,
    ...(seekable.test(upload.mimeType) ? { 'Accept-Ranges': 'bytes' } : {}),
    ...(asAttachment ? { 'Content-Disposition': disposition } : {}),
  };
}

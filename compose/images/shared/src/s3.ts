import { createHash, createHmac } from 'node:crypto';

/** A bucket of an S3 server, and how a client signs what it asks there. */
export interface S3Settings {
  /** `http://minio:9000`. */
  endpoint: string;
  region: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
  /** `virtual`: the bucket is a part of the host's name. Whatever else boto3 is told, for an endpoint of one's own it is in the path. */
  addressing: string;
}

export interface S3Answer {
  status: number;
  /** `NoSuchKey`, `SignatureDoesNotMatch` …; empty where the body names none. */
  code: string;
  headers: Headers;
  body: Buffer;
}

const ANSWER_WITHIN_MS = 10_000;

/** Asks a bucket (`key` empty) or an object, signed by version 4. Throws where no answer comes; a refusal is an answer. */
export async function askS3(
  settings: S3Settings,
  method: 'HEAD' | 'GET' | 'PUT',
  key = '',
  body: Buffer = Buffer.alloc(0),
): Promise<S3Answer> {
  const url = new URL(settings.endpoint);
  if (settings.addressing === 'virtual') url.hostname = `${settings.bucket}.${url.hostname}`;
  const parts = [
    ...(settings.addressing === 'virtual' ? [] : [settings.bucket]),
    ...(key === '' ? [] : key.split('/')),
  ];
  url.pathname = `/${parts.map(encoded).join('/')}`;
  const response = await fetch(url, {
    method,
    headers: signed(settings, method, url, body),
    ...(method === 'PUT' ? { body: new Uint8Array(body) } : {}),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const answer = Buffer.from(await response.arrayBuffer());
  const [, code = ''] = /<Code>(\w+)<\/Code>/.exec(response.ok ? '' : answer.toString()) ?? [];
  return { status: response.status, code, headers: response.headers, body: answer };
}

/** As AWS wants it: all but unreserved signs, which is more than encodeURIComponent escapes. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

const hash = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string) => createHmac('sha256', key).update(data).digest();

/** The headers of a request, its signature among them. */
function signed(
  { region, accessKey, secretKey }: S3Settings,
  method: string,
  url: URL,
  body: Buffer,
): Record<string, string> {
  const moment = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = moment.slice(0, 8);
  const own = { 'x-amz-content-sha256': hash(body), 'x-amz-date': moment };
  const canonical = { host: url.host, ...own };
  const names = Object.keys(canonical).join(';');
  const lines = Object.entries(canonical).map(([name, value]) => `${name}:${value}\n`);
  const request = [method, url.pathname, '', lines.join(''), names, own['x-amz-content-sha256']].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', moment, scope, hash(request)].join('\n');
  const signing = [region, 's3', 'aws4_request'].reduce((key, part) => hmac(key, part), hmac(`AWS4${secretKey}`, day));
  const signature = hmac(signing, toSign).toString('hex');
  return {
    ...own,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

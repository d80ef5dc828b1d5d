import aws4 from 'aws4';

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

/** The headers of a request, its signature among them. */
function signed(
  { region, accessKey, secretKey }: S3Settings,
  method: string,
  url: URL,
  body: Buffer,
): Record<string, string> {
  const { headers = {} } = aws4.sign(
    {
      service: 's3',
      region,
      method,
      host: url.host,
      path: url.pathname,
      ...(body.length === 0 ? {} : { body, headers: { 'Content-Type': 'application/octet-stream' } }),
    },
    { accessKeyId: accessKey, secretAccessKey: secretKey },
  );
  // fetch sends the host itself.
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name === 'Host' ? [] : [[name, String(value)]])),
  );
}

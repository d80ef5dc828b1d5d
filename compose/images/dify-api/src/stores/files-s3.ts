import { flag, text, type Environment } from '../../../shared/src/environment.ts';
import { log } from '../../../shared/src/log.ts';
import { askS3, type S3Answer, type S3Settings } from '../../../shared/src/s3.ts';
import type { FileStore } from './stores.ts';

/** What a placeholder of the copy answers with: it listens, and is no S3. */
const PLACEHOLDER = 'x-verify-placeholder';

/**
 * The bucket that files are kept in, by the variables of Dify (extensions/storage/aws_s3_storage.py); null: they are elsewhere, or in
 * one that cannot be had here: Amazon's own, whatever leads outside of the copy.
 */
export function s3Settings(env: Environment): S3Settings | null {
  const endpoint = text(env, 'S3_ENDPOINT');
  if (text(env, 'STORAGE_TYPE', 'opendal') !== 's3' || flag(env, 'S3_USE_AWS_MANAGED_IAM', false)) return null;
  if (!URL.canParse(endpoint) || new URL(endpoint).hostname.endsWith('.invalid')) return null;
  return {
    endpoint,
    region: text(env, 'S3_REGION', 'us-east-1'),
    bucket: text(env, 'S3_BUCKET_NAME'),
    accessKey: text(env, 'S3_ACCESS_KEY'),
    secretKey: text(env, 'S3_SECRET_KEY'),
    addressing: text(env, 'S3_ADDRESS_STYLE', 'auto'),
  };
}

/**
 * Opens the bucket as Dify does when it starts: makes it where there is none, and goes on where it may not look. Throws what else it is
 * answered, and the service ends. null: a placeholder answers there.
 */
export async function filesInS3(settings: S3Settings): Promise<FileStore | null> {
  const seen = await askS3(settings, 'HEAD');
  if (seen.headers.has(PLACEHOLDER)) return null;
  if (seen.status === 404) {
    log(`making the bucket ${settings.bucket}`);
    const made = await askS3(settings, 'PUT');
    // Replicas of the real one start seconds apart: that another was first is no more likely there than that one fails.
    if (!/^BucketAlready(OwnedByYou|Exists)$/.test(made.code)) taken(made, 'CreateBucket');
  } else if (seen.status !== 403) taken(seen, 'HeadBucket');
  return {
    async save(name, data) {
      taken(await askS3(settings, 'PUT', name, Buffer.from(data)), 'PutObject');
    },
    async load(name) {
      const answer = await askS3(settings, 'GET', name);
      // Dify's words for it, as for a folder.
      if (answer.code === 'NoSuchKey') throw new Error('File not found');
      return taken(answer, 'GetObject').body;
    },
  };
}

/** An answer that is none of a refusal; botocore's words for one that is. */
function taken(answer: S3Answer, operation: string): S3Answer {
  if (answer.status < 300) return answer;
  throw new Error(`An error occurred (${answer.code || answer.status}) when calling the ${operation} operation`);
}

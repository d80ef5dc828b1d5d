import { flag, text, type Environment } from '../../shared/src/environment.ts';
import { traitsOf } from './release.ts';
import { s3Settings } from './stores/files-s3.ts';
import type { HttpRequest } from '../../shared/src/http-message.ts';

/** A setting that the real api heeds and this stand-in does not, with the paths whose answers it changes. */
export interface Unheeded {
  /** As it stands in the environment, without what may be secret: `STORAGE_TYPE=s3`. */
  setting: string;
  /** Of `METHOD /path`. */
  changes: RegExp;
}

const everything = /^\S+ \/(?!health$)/;
const sessions = /^\S+ \/console\/api\/(login|logout|refresh-token)\b/;
const accounts = /^\S+ \/(console\/api|api)\//;
/** What keeps files or a workspace's private key, or reads them. */
const files = /^(POST \/console\/api\/setup$|\S+ \/files\/|\S+ .*\/(files|workflows|documents)\b)/;
const indexing = /^\S+ \/console\/api\/datasets\/.*(documents|indexing-status|hit-testing)\b/;

/**
 * The settings of `env` that this stand-in does not know. What they change is refused by name, never answered as if they
 * were not there. (Names, values and what they change: Dify's api/configs and their uses, 1.5.0 to 1.13.3.)
 */
export function unheededSettings(env: Environment): Unheeded[] {
  const unheeded: Unheeded[] = [];
  const knows = (name: string, fallback: string, known: RegExp, changes: RegExp) => {
    const value = text(env, name, fallback);
    if (!known.test(value)) unheeded.push({ setting: `${name}=${value}`, changes });
  };
  knows('EDITION', 'SELF_HOSTED', /^SELF_HOSTED$/, everything);
  const { mysql } = traitsOf(text(env, 'DIFY_VERSION', '1.5.0'));
  knows('DB_TYPE', 'postgresql', mysql ? /^(postgres|mysql$)/ : /^postgres/, everything);
  for (const name of ['LOGIN_DISABLED', 'BILLING_ENABLED', 'ENTERPRISE_ENABLED']) {
    if (flag(env, name, false)) unheeded.push({ setting: `${name}=true`, changes: accounts });
  }
  if (!knowsRedis(env)) unheeded.push({ setting: 'REDIS_USE_CLUSTERS=true', changes: sessions });
  if (s3Settings(env) === null) knows('STORAGE_TYPE', 'opendal', /^(opendal|local)$/, files);
  if (text(env, 'STORAGE_TYPE', 'opendal') === 'opendal') knows('OPENDAL_SCHEME', 'fs', /^fs$/, files);
  knows('KEYWORD_DATA_SOURCE_TYPE', 'database', /^database$/, indexing);
  return unheeded;
}

/** Whether Redis is where REDIS_HOST or sentinels say: else nothing is asked there, and what needs it is refused. Sentinels come first, as for Dify. */
export function knowsRedis(env: Environment): boolean {
  return flag(env, 'REDIS_USE_SENTINEL', false) || !flag(env, 'REDIS_USE_CLUSTERS', false);
}

/** A storage that nothing but a placeholder answers for: what needs it is refused, as where it is not known at all. */
export const storageUnheeded: Unheeded = { setting: 'STORAGE_TYPE=s3', changes: files };

/** The setting because of which a request cannot be answered as the real api would; undefined: none. */
export function unheededFor(unheeded: readonly Unheeded[], { method, path }: HttpRequest): string | undefined {
  return unheeded.find(({ changes }) => changes.test(`${method} ${path}`))?.setting;
}

import { header, type HttpRequest } from '../../../shared/src/http-message.ts';
import type { Blueprint } from './blueprint.ts';

/** Origins whose pages may read the answers of the console and of published apps, as Flask-CORS takes them. */
export interface Origins {
  console: readonly string[];
  web: readonly string[];
}

/**
 * The headers of Flask-CORS: the open groups name every origin, the signed-in ones the request's own where it is among
 * those that the settings allow, and nothing for any other.
 */
export function corsHeaders(blueprint: Blueprint, request: HttpRequest, origins: Origins): Record<string, string> {
  if (['service_api', 'files', 'trigger'].includes(blueprint)) return { 'Access-Control-Allow-Origin': '*' };
  const origin = header(request, 'Origin');
  if (origin === undefined || (blueprint !== 'console' && blueprint !== 'web')) return {};
  if (!origins[blueprint].some((allowed) => allows(allowed, origin))) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'X-Env, X-Version',
    Vary: 'Origin',
  };
}

/** One entry of the list: every origin, a pattern where it looks like one, else that very origin. */
function allows(allowed: string, origin: string): boolean {
  if (allowed === '*') return true;
  if (!/[*\\\]?$^[()]/.test(allowed)) return allowed.toLowerCase() === origin.toLowerCase();
  try {
    return new RegExp(`^(?:${allowed})`, 'i').test(origin);
  } catch {
    return false;
  }
}

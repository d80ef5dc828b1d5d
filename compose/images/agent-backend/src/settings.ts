import type { Environment } from '../../shared/src/environment.ts';

/** What the server of the agent reads from its environment, as far as it is heeded here. */
export interface AgentSettings {
  redisUrl: string;
  redisPrefix: string;
  runRetentionSeconds: number;
  /** null: DIFY_AGENT_API_TOKEN is not set, and whoever comes may start runs. An empty one lets nobody in. */
  apiToken: string | null;
  /** Whether tokens of Agent Stub can be read at all. */
  hasServerKey: boolean;
  /** Whether a sandbox for commands is named. */
  hasSandbox: boolean;
  /** What the real server heeds and this stand-in does not. */
  unheeded: string[];
}

/**
 * Reads the settings, and throws an Error that names the variable for what the real server stops at (Dify 1.16.1,
 * dify-agent/src/dify_agent/server/settings.py).
 */
export function agentSettings(env: Environment): AgentSettings {
  const serverKey = (env['DIFY_AGENT_SERVER_SECRET_KEY'] ?? '').trim();
  if (serverKey !== '') checkServerKey(serverKey);
  const stub = (env['DIFY_AGENT_STUB_API_BASE_URL'] ?? '').trim();
  if (stub !== '' && serverKey === '') {
    throw new Error('DIFY_AGENT_SERVER_SECRET_KEY is required when DIFY_AGENT_STUB_API_BASE_URL is set.');
  }
  if (stub !== '' && !/^(https?|grpc):\/\/[^/]/.test(stub)) throw new Error('DIFY_AGENT_STUB_API_BASE_URL is no URL');
  checkInnerUrl(env['DIFY_AGENT_INNER_API_URL'] ?? 'http://localhost:5001');
  checkPatterns(env['DIFY_AGENT_SHELL_REDACT_PATTERNS'] ?? '');
  number(env, 'DIFY_AGENT_SHUTDOWN_GRACE_SECONDS', 30, /^-?\d+(\.\d+)?$/);
  const provider = env['DIFY_AGENT_SHELL_PROVIDER'] ?? 'shellctl';
  if (!['shellctl', 'enterprise'].includes(provider))
    throw new Error("DIFY_AGENT_SHELL_PROVIDER: Input should be 'shellctl' or 'enterprise'");
  const retention = number(env, 'DIFY_AGENT_RUN_RETENTION_SECONDS', 259_200, /^-?\d+$/);
  if (retention < 1) throw new Error('DIFY_AGENT_RUN_RETENTION_SECONDS: Input should be greater than or equal to 1');
  return {
    redisUrl: env['DIFY_AGENT_REDIS_URL'] ?? 'redis://localhost:6379/0',
    redisPrefix: env['DIFY_AGENT_REDIS_PREFIX'] ?? 'dify-agent',
    runRetentionSeconds: retention,
    apiToken: env['DIFY_AGENT_API_TOKEN'] ?? null,
    hasServerKey: serverKey !== '',
    hasSandbox:
      (env[
        provider === 'shellctl' ? 'DIFY_AGENT_SHELLCTL_ENTRYPOINT' : 'DIFY_AGENT_ENTERPRISE_SANDBOX_GATEWAY_ENDPOINT'
      ] ?? '') !== '',
    unheeded: stub.startsWith('grpc:') ? ['DIFY_AGENT_STUB_API_BASE_URL=grpc://…'] : [],
  };
}

const KEY_BYTES = 32;

function checkServerKey(key: string): void {
  const name = 'DIFY_AGENT_SERVER_SECRET_KEY';
  if (!/^[\w-]+$/.test(key)) throw new Error(`${name} must be valid unpadded base64url text`);
  if (Buffer.from(key, 'base64url').length !== KEY_BYTES) {
    throw new Error(`${name} must decode to exactly ${KEY_BYTES} decoded bytes`);
  }
}

function checkInnerUrl(given: string): void {
  const name = 'DIFY_AGENT_INNER_API_URL';
  const url = given.trim();
  if (url === '') throw new Error(`${name} must not be empty`);
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new Error(`${name}: Input should be a valid URL`);
  if (/[?#]/.test(url)) throw new Error(`${name} must not include a query string or fragment`);
}

function checkPatterns(given: string): void {
  if (given.trim() === '') return;
  const isList = (() => {
    try {
      return Array.isArray(JSON.parse(given));
    } catch {
      return false;
    }
  })();
  if (!isList) throw new Error('DIFY_AGENT_SHELL_REDACT_PATTERNS must be a JSON array of strings');
}

/** An empty value is none that a number can be read from: the real server stops at it, too. */
function number(env: Environment, name: string, fallback: number, form: RegExp): number {
  const value = env[name] ?? String(fallback);
  if (!form.test(value.trim())) throw new Error(`${name}: Input should be a valid number`);
  return Number(value);
}

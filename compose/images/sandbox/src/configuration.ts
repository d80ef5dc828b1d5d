import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { flag, integer, text, type Environment } from '../../shared/src/environment.ts';
import { reason } from '../../shared/src/log.ts';

export interface SandboxConfiguration {
  port: number;
  key: string;
  maxWorkers: number;
  maxRequests: number;
  workerTimeoutMs: number;
  pythonPath: string;
  nodejsPath: string;
  enableNetwork: boolean;
  proxy: { socks5: string; http: string; https: string };
}

/**
 * Reads the configuration file and lets the environment override it, by the same names as the real sandbox. Throws
 * `failed to init config: …` when there is no file or it is not YAML.
 */
export function readConfiguration(file: string, env: Environment): SandboxConfiguration {
  const written = readFile(file);
  const app = section(written, 'app');
  const proxy = section(written, 'proxy');
  const enableNetwork = flag(env, 'ENABLE_NETWORK', written['enable_network'] === true);
  return {
    port: integer(env, 'SANDBOX_PORT', number(app['port'], 8194)),
    key: text(env, 'API_KEY', string(app['key'])),
    maxWorkers: integer(env, 'MAX_WORKERS', number(written['max_workers'], 4)),
    maxRequests: integer(env, 'MAX_REQUESTS', number(written['max_requests'], 50)),
    workerTimeoutMs: integer(env, 'WORKER_TIMEOUT', number(written['worker_timeout'], 5)) * 1000,
    pythonPath: text(env, 'PYTHON_PATH', string(written['python_path']) || '/usr/local/bin/python3'),
    nodejsPath: text(env, 'NODEJS_PATH', string(written['nodejs_path']) || '/usr/local/bin/node'),
    enableNetwork,
    proxy: {
      socks5: enableNetwork ? text(env, 'SOCKS5_PROXY', string(proxy['socks5'])) : '',
      http: enableNetwork ? text(env, 'HTTP_PROXY', string(proxy['http'])) : '',
      https: enableNetwork ? text(env, 'HTTPS_PROXY', string(proxy['https'])) : '',
    },
  };
}

type Section = Readonly<Record<string, unknown>>;

function readFile(file: string): Section {
  try {
    return asSection(parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Error(
      `failed to init config: ${missing ? `open conf/config.yaml: no such file or directory` : reason(error)}`,
      { cause: error },
    );
  }
}

function section(parent: Section, name: string): Section {
  return asSection(parent[name]);
}

function asSection(value: unknown): Section {
  return typeof value === 'object' && value !== null ? (value as Section) : {};
}

function number(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

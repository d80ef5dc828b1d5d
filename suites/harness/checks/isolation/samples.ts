import type { StackModel } from '../../../../fixtures/model/model.ts';
import { parseRaw, servicesOf } from '../../../../fixtures/model/model.ts';
import type { Resolved } from '../../../../fixtures/engine/probe/protocol.ts';

/** The shared environment of Dify's own compose file: the hosts of stores that are not in use are in it, too. */
const SHARED = {
  DB_HOST: 'db',
  DB_PORT: '5432',
  REDIS_HOST: 'redis',
  REDIS_PORT: '6379',
  REDIS_SENTINELS: '',
  CELERY_BROKER_URL: 'redis://:difyai123456@redis:6379/1',
  CELERY_BACKEND: 'redis',
  VECTOR_STORE: 'weaviate',
  WEAVIATE_ENDPOINT: 'http://weaviate:8080',
  QDRANT_URL: 'http://qdrant:6333',
  MILVUS_URI: 'http://host.docker.internal:19530',
  PGVECTOR_HOST: 'pgvector',
  RELYT_HOST: 'db',
  ELASTICSEARCH_HOST: '0.0.0.0',
  OPENSEARCH_HOST: 'opensearch',
  ETCD_ENDPOINTS: 'etcd:2379',
  CODE_EXECUTION_ENDPOINT: 'http://sandbox:8194',
  SSRF_PROXY_HTTP_URL: 'http://ssrf_proxy:3128',
  SSRF_PROXY_HTTPS_URL: 'http://ssrf_proxy:3128',
  SANDBOX_HTTP_PROXY: 'http://ssrf_proxy:3128',
  SSRF_SANDBOX_HOST: 'sandbox',
  PLUGIN_DAEMON_URL: 'http://plugin_daemon:5002',
  PLUGIN_DIFY_INNER_API_URL: 'http://api:5001',
  MARKETPLACE_API_URL: 'https://marketplace.dify.ai',
  SERVICE_API_URL: 'https://api.dify.ai',
  PLUGIN_DEBUGGING_HOST: '0.0.0.0',
};

type RawService = Record<string, unknown> & { environment?: Record<string, string> };

/** A stack in the shape of release 1.5, as compose would say it; `edit` breaks it. */
export function sampleModel(
  edit: (raw: {
    services: Record<string, RawService>;
    networks: Record<string, { internal?: boolean }>;
  }) => void = () => undefined,
): StackModel {
  const both = { default: null, ssrf_proxy_network: null };
  const raw = {
    services: {
      api: { image: 'langgenius/dify-api:1.5.0', environment: { ...SHARED, MODE: 'api' }, networks: both },
      worker: { image: 'langgenius/dify-api:1.5.0', environment: { ...SHARED, MODE: 'worker' }, networks: both },
      web: { image: 'langgenius/dify-web:1.5.0', networks: { default: null } },
      db: { image: 'postgres:15-alpine', networks: { default: null } },
      redis: { image: 'redis:6-alpine', networks: { default: null } },
      weaviate: { image: 'semitechnologies/weaviate:1.19.0', networks: { default: null } },
      plugin_daemon: {
        image: 'langgenius/dify-plugin-daemon:0.1.2-local',
        environment: { ...SHARED, SERVER_PORT: '5002', DIFY_INNER_API_URL: 'http://api:5001' },
        networks: { default: null },
      },
      sandbox: {
        image: 'langgenius/dify-sandbox:0.2.12',
        environment: { HTTP_PROXY: 'http://ssrf_proxy:3128', HTTPS_PROXY: 'http://ssrf_proxy:3128' },
        networks: { ssrf_proxy_network: null },
      },
      ssrf_proxy: {
        image: 'ubuntu/squid:latest',
        environment: { HTTP_PORT: '3128', SANDBOX_HOST: 'sandbox', SANDBOX_PORT: '8194' },
        networks: both,
      },
      nginx: {
        image: 'nginx:latest',
        ports: [{ target: 80, published: '80' }],
        networks: { default: null },
      },
    } as Record<string, RawService>,
    networks: { default: {}, ssrf_proxy_network: { internal: true } } as Record<string, { internal?: boolean }>,
  };
  edit(raw);
  const parsed = parseRaw(raw);
  return {
    dir: '/stack',
    files: [],
    env: { path: null, generatedFrom: null, generatedKeys: [] },
    services: servicesOf(parsed, (file) => file),
    networks: Object.fromEntries(
      Object.entries(raw.networks).map(([key, network]) => [
        key,
        { name: key, internal: network.internal ?? false, external: false, driver: null },
      ]),
    ),
    volumes: {},
    warnings: [],
    raw: parsed,
  };
}

export const answer = (...addresses: string[]): Resolved => ({ addresses, error: null, durationMs: 1 });
export const noAnswer = (error: string): Resolved => ({ addresses: [], error, durationMs: 1 });

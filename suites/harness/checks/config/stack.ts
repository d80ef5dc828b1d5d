import path from 'node:path';
import { stringify } from 'yaml';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import type { Disk } from '../../../../fixtures/checks/config/disk.ts';
import { configInputs, judgeConfig } from '../../../../fixtures/checks/config/judge.ts';
import type { ConfigObligation } from '../../../../fixtures/checks/config/obligation.ts';
import { configContract } from '../../../../fixtures/checks/config/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { parseRaw, servicesOf, type StackModel } from '../../../../fixtures/model/model.ts';

const DIR = '/stack';

interface SyntheticService {
  image: string;
  environment: Record<string, string>;
  networks: Record<string, { aliases?: string[] } | null>;
  restart?: string;
  ports?: { target: number; published?: string; host_ip?: string }[];
  volumes?: { type: string; source?: string; target: string; read_only?: boolean }[];
  user?: string;
  healthcheck?: Record<string, unknown>;
  depends_on?: Record<string, { condition: string }>;
  command?: string[];
  entrypoint?: string[];
  extra_hosts?: string[];
  container_name?: string;
  network_mode?: string;
  hostname?: string;
  deploy?: { replicas?: number; resources?: { limits?: { cpus?: string; memory?: string } } };
  mem_limit?: string;
  logging?: { driver?: string; options?: Record<string, string> };
}

/** A stack in memory: what compose would say, and the files beside it. Tests break a fresh one each. */
export interface SyntheticStack {
  services: Record<string, SyntheticService>;
  networks: Record<string, { internal?: boolean }>;
  /** Texts by path relative to the stack directory; `''` with a trailing slash in the name: a folder. */
  files: Record<string, string>;
  /** What each link says, by path relative to the stack directory. */
  links: Record<string, string>;
  /** Who may do what with an entry, by path relative to the stack directory; absent: the disk tells none. */
  owners?: Record<string, { uid: number; gid: number; mode: number }>;
  warnings: string[];
  /** What git keeps, relative to the stack directory; absent: it is in no checkout. */
  tracked?: string[];
}

export interface Judged {
  obligation: ConfigObligation;
  verdict: Verdict;
}

/** A named service of the stack; throws for a name that is not there. */
export function service(stack: SyntheticStack, name: string): SyntheticService {
  const found = stack.services[name];
  if (!found) throw new Error(`no service ${name} in the synthetic stack`);
  return found;
}

/** Judges every obligation of the config suite over the stack, by check id. */
export function judgeAll(stack: SyntheticStack): Map<string, Judged> {
  const model = modelOf(stack);
  const roles = rolesOf(model);
  const inputs = configInputs(model, { roles, disk: diskOf(stack, model) });
  return new Map(
    configContract(model, roles).checks.map((obligation) => [
      obligation.id,
      { obligation, verdict: judgeConfig(obligation, inputs) },
    ]),
  );
}

/** Judges the obligations of the sound stack over another one, from which what they are about may be gone. */
export function judgeOver(stack: SyntheticStack): Judged[] {
  const sound = modelOf(soundStack());
  const model = modelOf(stack);
  const inputs = configInputs(model, { roles: rolesOf(model), disk: diskOf(stack, model) });
  return configContract(sound, rolesOf(sound)).checks.map((obligation) => ({
    obligation,
    verdict: judgeConfig(obligation, inputs),
  }));
}

/** The ids of the checks that are not `pass`, with their status. */
export function notPassed(stack: SyntheticStack): string[] {
  return [...judgeAll(stack)].flatMap(([id, { verdict }]) =>
    verdict.status === 'pass' ? [] : [`${verdict.status} ${id}`],
  );
}

export function modelOf(stack: SyntheticStack): StackModel {
  const raw = parseRaw({ services: stack.services, networks: stack.networks });
  return {
    dir: DIR,
    files: [path.join(DIR, 'docker-compose.yaml')],
    env: { path: path.join(DIR, '.env'), generatedFrom: null, generatedKeys: [] },
    services: servicesOf(raw, (source) => path.resolve(DIR, source)),
    networks: Object.fromEntries(
      Object.entries(stack.networks).map(([name, { internal = false }]) => [
        name,
        { name, internal, external: false, driver: null },
      ]),
    ),
    volumes: {},
    warnings: stack.warnings,
    raw,
  };
}

function diskOf(stack: SyntheticStack, model: StackModel): Disk {
  const texts = new Map(Object.entries(stack.files).map(([file, text]) => [path.join(DIR, file), text]));
  const compose = path.join(DIR, 'docker-compose.yaml');
  // A test that asks how it is written brings its own.
  if (!texts.has(compose))
    texts.set(compose, stringify({ services: model.raw.services, networks: model.raw.networks }));
  const below = (directory: string): string[] =>
    [...texts.keys()].flatMap((file) => (file.startsWith(`${directory}/`) ? [file.slice(directory.length + 1)] : []));
  const link = (entry: string) => stack.links[path.relative(DIR, entry)] ?? null;
  const followed = (entry: string, links = 0): string => {
    const leadsTo = link(entry);
    if (leadsTo === null) return entry;
    return links > Object.keys(stack.links).length
      ? ''
      : followed(path.resolve(path.dirname(entry), leadsTo), links + 1);
  };
  for (const name of Object.keys(stack.links)) texts.set(path.join(DIR, name), '');
  return {
    read: (file) => texts.get(followed(file)) ?? null,
    list: (directory) => [...new Set(below(directory).flatMap((rest) => rest.split('/')[0] || []))].sort(),
    kind: (entry) => (texts.has(followed(entry)) ? 'file' : below(followed(entry)).length > 0 ? 'directory' : null),
    link,
    owner: (entry) => stack.owners?.[path.relative(DIR, entry)] ?? null,
    tracked: (file) => stack.tracked?.includes(path.relative(DIR, file)) ?? null,
  };
}

const PROBED = { test: ['CMD', 'true'], interval: '5s', timeout: '3s', retries: 5, start_period: '10s' };
const HEALTHY = { condition: 'service_healthy' };

/** A stack without any of the faults that the suite knows. */
export function soundStack(): SyntheticStack {
  const both = { default: null, ssrf_proxy_network: null };
  const application = {
    SECRET_KEY: 'one-of-its-own-1',
    DB_HOST: 'db',
    DB_PORT: '5432',
    DB_USERNAME: 'postgres',
    DB_PASSWORD: 'two-of-its-own-2',
    REDIS_HOST: 'redis',
    REDIS_PORT: '6379',
    REDIS_PASSWORD: 'three-of-its-own-3',
    CELERY_BROKER_URL: 'redis://:three-of-its-own-3@redis:6379/1',
    CODE_EXECUTION_ENDPOINT: 'http://sandbox:8194',
    CODE_EXECUTION_API_KEY: 'four-of-its-own-4',
    PLUGIN_DAEMON_URL: 'http://plugin_daemon:5002',
    PLUGIN_DAEMON_KEY: 'five-of-its-own-5',
    INNER_API_KEY_FOR_PLUGIN: 'six-of-its-own-6',
    SSRF_PROXY_HTTP_URL: 'http://ssrf_proxy:3128',
    SSRF_PROXY_HTTPS_URL: 'http://ssrf_proxy:3128',
    VECTOR_STORE: 'weaviate',
    WEAVIATE_ENDPOINT: 'http://weaviate:8080',
    WEAVIATE_API_KEY: 'seven-of-its-own-7',
    CONSOLE_WEB_URL: '',
    FILES_URL: 'https://dify.example.org',
    INIT_PASSWORD: '',
  };
  const bind = (source: string, target: string) => ({ type: 'bind', source: path.join(DIR, source), target });
  const storage = { type: 'volume', source: 'app_storage', target: '/app/api/storage' };
  const base = {
    restart: 'always',
    healthcheck: { ...PROBED },
    logging: { driver: 'json-file', options: { 'max-size': '10m' } },
  };
  return {
    services: {
      nginx: {
        ...base,
        image: 'nginx:1.28.0',
        environment: { NGINX_PORT: '80', NGINX_HTTPS_ENABLED: 'false', NGINX_SERVER_NAME: '_' },
        networks: { default: null },
        ports: [{ target: 80, published: '80' }],
        entrypoint: ['sh', '/docker-entrypoint.sh'],
        volumes: [
          bind('nginx/nginx.conf.template', '/etc/nginx/nginx.conf.template'),
          bind('nginx/conf.d', '/etc/nginx/conf.d'),
          bind('nginx/https.conf.template', '/etc/nginx/https.conf.template'),
          bind('nginx/docker-entrypoint.sh', '/docker-entrypoint.sh'),
          bind('nginx/ssl', '/etc/ssl'),
        ],
        depends_on: { api: HEALTHY, web: HEALTHY },
      },
      web: { ...base, image: 'langgenius/dify-web:1.5.0', environment: {}, networks: { default: null } },
      api: {
        ...base,
        mem_limit: '4294967296',
        image: 'langgenius/dify-api:1.5.0',
        environment: { ...application, MODE: 'api' },
        networks: { ...both },
        volumes: [{ ...storage }],
        depends_on: { db: HEALTHY, redis: HEALTHY },
      },
      worker: {
        ...base,
        mem_limit: '4294967296',
        image: 'langgenius/dify-api:1.5.0',
        environment: { ...application, MODE: 'worker' },
        networks: { ...both },
        volumes: [{ ...storage }],
        depends_on: { db: HEALTHY, redis: HEALTHY },
      },
      plugin_daemon: {
        ...base,
        mem_limit: '4294967296',
        image: 'langgenius/dify-plugin-daemon:0.1.2-local',
        environment: {
          DB_HOST: 'db',
          DB_PORT: '5432',
          DB_PASSWORD: 'two-of-its-own-2',
          SERVER_PORT: '5002',
          SERVER_KEY: 'five-of-its-own-5',
          DIFY_INNER_API_URL: 'http://api:5001',
          DIFY_INNER_API_KEY: 'six-of-its-own-6',
        },
        networks: { default: null },
        ports: [{ target: 5003, published: '5003', host_ip: '127.0.0.1' }],
        depends_on: { db: HEALTHY },
      },
      sandbox: {
        ...base,
        mem_limit: '2147483648',
        image: 'langgenius/dify-sandbox:0.2.12',
        environment: {
          API_KEY: 'four-of-its-own-4',
          HTTP_PROXY: 'http://ssrf_proxy:3128',
          HTTPS_PROXY: 'http://ssrf_proxy:3128',
          SANDBOX_PORT: '8194',
        },
        networks: { ssrf_proxy_network: null },
        volumes: [bind('volumes/sandbox/conf', '/conf')],
      },
      ssrf_proxy: {
        ...base,
        image: 'ubuntu/squid:6.6-24.04_beta',
        environment: { HTTP_PORT: '3128', REVERSE_PROXY_PORT: '8194', SANDBOX_HOST: 'sandbox', SANDBOX_PORT: '8194' },
        networks: { ...both },
        volumes: [bind('ssrf_proxy/squid.conf.template', '/etc/squid/squid.conf.template')],
      },
      db: {
        ...base,
        image: 'postgres:15-alpine',
        environment: {
          POSTGRES_USER: 'postgres',
          POSTGRES_PASSWORD: 'two-of-its-own-2',
          PGDATA: '/var/lib/postgresql/data/pgdata',
        },
        command: ['postgres', '-c', 'max_connections=400'],
        networks: { default: null },
        healthcheck: { ...PROBED, test: ['CMD', 'pg_isready', '-h', '127.0.0.1', '-U', 'postgres'] },
        volumes: [{ type: 'volume', source: 'db_data', target: '/var/lib/postgresql/data' }],
      },
      redis: {
        ...base,
        image: 'redis:6-alpine',
        environment: { REDISCLI_AUTH: 'three-of-its-own-3' },
        command: ['sh', '-c', 'redis-server --requirepass "$$REDISCLI_AUTH"'],
        networks: { default: null },
        healthcheck: { ...PROBED, test: ['CMD-SHELL', 'redis-cli ping | grep -q PONG'] },
      },
      weaviate: {
        ...base,
        image: 'semitechnologies/weaviate:1.19.0',
        environment: {
          CLUSTER_HOSTNAME: 'node1',
          AUTHENTICATION_APIKEY_ENABLED: 'true',
          AUTHENTICATION_APIKEY_ALLOWED_KEYS: 'seven-of-its-own-7,another-key-of-its-own',
          AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: 'false',
        },
        networks: { default: null },
        volumes: [{ type: 'volume', source: 'weaviate_data', target: '/var/lib/weaviate' }],
      },
    },
    networks: { default: {}, ssrf_proxy_network: { internal: true } },
    warnings: [],
    tracked: [],
    links: {},
    files: {
      '.env': 'COMPOSE_PROJECT_NAME=dify\n',
      'nginx/nginx.conf.template': `http {
  resolver 127.0.0.11 valid=1s ipv6=off;
  proxy_connect_timeout 1s;
  include /etc/nginx/mime.types;
  include /etc/nginx/conf.d/*.conf;
  proxy_read_timeout 3600s;
  client_max_body_size 15M;
}
`,
      'nginx/conf.d/default.conf.template': NGINX_SERVER,
      'nginx/https.conf.template': 'listen 443 ssl;\n',
      'nginx/docker-entrypoint.sh': `#!/bin/sh
if [ "$NGINX_HTTPS_ENABLED" = "true" ]; then HTTPS_CONFIG=$(cat /etc/nginx/https.conf.template); fi
export HTTPS_CONFIG
envsubst "$names" < /etc/nginx/conf.d/default.conf.template > /etc/nginx/conf.d/default.conf
`,
      'nginx/ssl/.gitkeep': '',
      'volumes/sandbox/conf/config.yaml': 'app: {}\n',
      'ssrf_proxy/squid.conf.template': SQUID,
    },
  };
}

export const NGINX_SERVER = `server {
  listen \${NGINX_PORT};
  server_name \${NGINX_SERVER_NAME};
  set $api api:5001;
  set $web web:3000;
  set $plugin plugin_daemon:5002;
  location /api { proxy_pass http://$api; proxy_set_header Host $http_host; }
  location /e/ { proxy_pass http://$plugin; }
  location / { proxy_pass http://$web; }
  # what TLS needs
  \${HTTPS_CONFIG}
}
`;

export const SQUID = `acl to_private dst 0.0.0.0/8 100.64.0.0/10 ::1 fc00::/7 fe80::/10 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16
acl clients src 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16
acl safe_ports port 80 443 1025-65535
acl sandbox_port localport \${REVERSE_PROXY_PORT}
http_access deny to_private !sandbox_port
http_access deny !safe_ports
http_access allow clients
http_access deny all
http_port \${HTTP_PORT}
http_port \${REVERSE_PROXY_PORT} accel vhost
cache_peer \${SANDBOX_HOST} parent \${SANDBOX_PORT} 0 no-query originserver
cache_peer_access sandbox allow sandbox_port
cache_peer_access sandbox deny all
never_direct allow sandbox_port
`;

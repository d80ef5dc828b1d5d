import type { Declared, DriftObservation, Running } from '../../../../fixtures/checks/drift/observation.ts';
import type { DriftKind, DriftObligation } from '../../../../fixtures/checks/drift/obligations.ts';

/** A service as its files have it, and a container that runs as they say. */
export const FILES: Declared = {
  image: 'langgenius/dify-api:1.5.0',
  imageId: 'sha256:api',
  environment: { MODE: 'api', SECRET_KEY: 'the-secret', FROM_SHELL: null },
  entrypoint: null,
  command: null,
  networks: ['dify_default'],
  networkMode: null,
  ports: [{ target: 5001, protocol: 'tcp', published: [8080, 8080], hostIp: '127.0.0.1' }],
  mounts: [
    { type: 'volume', source: 'dify_storage', target: '/app/api/storage', readOnly: false },
    { type: 'bind', source: '/srv/dify/conf', target: '/conf', readOnly: true },
  ],
  besides: ['/run/secrets/key'],
  hash: 'h1',
};

export const CONTAINER: Running = {
  name: 'dify-api-1',
  running: true,
  image: 'langgenius/dify-api:1.5.0',
  imageId: 'sha256:api',
  environment: { MODE: 'api', SECRET_KEY: 'the-secret', FROM_SHELL: 'x', PYTHON_VERSION: '3.12', PATH: '/bin' },
  entrypoint: ['/entrypoint.sh'],
  command: ['serve'],
  networks: ['dify_default'],
  networkMode: 'dify_default',
  ports: [{ target: 5001, protocol: 'tcp', published: 8080, hostIp: '127.0.0.1' }],
  mounts: [
    ...FILES.mounts,
    { type: 'bind', source: '/srv/dify/key', target: '/run/secrets/key', readOnly: true },
    { type: 'volume', source: '9f8e', target: '/var/cache', readOnly: false },
  ],
  hash: 'h1',
  composeVersion: '2.40.3',
  imageOwn: {
    environment: { PYTHON_VERSION: '3.12' },
    entrypoint: ['/entrypoint.sh'],
    command: ['serve'],
    volumes: ['/var/cache'],
  },
};

export const owed = (what: DriftKind, replicas: number | null = 1): DriftObligation => ({
  id: `drift/api/${what}`,
  title: '',
  level: 'must',
  service: 'api',
  what,
  replicas,
});

export const observed = (containers: readonly Partial<Running>[], files: Partial<Declared> = {}): DriftObservation => ({
  declared: { api: { ...FILES, ...files } },
  running: { api: containers.map((container) => ({ ...CONTAINER, ...container })) },
  composeVersion: '2.40.3',
});

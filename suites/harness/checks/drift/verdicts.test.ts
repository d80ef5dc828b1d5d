import { describe, expect, test } from 'vitest';
import type { Declared, Running } from '../../../../fixtures/checks/drift/observation.ts';
import { DRIFTS, type DriftKind } from '../../../../fixtures/checks/drift/obligations.ts';
import { driftVerdict, orphansVerdict } from '../../../../fixtures/checks/drift/verdicts.ts';
import { CONTAINER, FILES, observed, owed } from './samples.ts';

const [mounted] = FILES.mounts;
const volume = mounted ?? { type: 'volume', source: '', target: '', readOnly: false };

test.for(DRIFTS)('%s: a container that runs as its files say', (what) => {
  expect(driftVerdict(owed(what), observed([{}])).status).toBe('pass');
});

describe('what was changed by hand, or not recreated after an edit', () => {
  const rows: [string, DriftKind, Partial<Running>, Partial<Declared>, string][] = [
    ['an edited tag', 'image', {}, { image: 'langgenius/dify-api:1.6.0', imageId: 'sha256:new' }, 'the files name'],
    ['a tag that was pulled anew', 'image', {}, { imageId: 'sha256:new' }, 'pulled or built anew'],
    ['an edited variable', 'environment', {}, { environment: { MODE: 'worker' } }, 'MODE has another value'],
    ['a new variable', 'environment', {}, { environment: { ...FILES.environment, NEW: '1' } }, 'NEW is in the files'],
    [
      'a variable that was taken out',
      'environment',
      { environment: { ...CONTAINER.environment, OLD: '1' } },
      {},
      'OLD is in the container and not in the files',
    ],
    [
      "another value than the image's own",
      'environment',
      { environment: { ...CONTAINER.environment, PYTHON_VERSION: '2.7' } },
      {},
      'PYTHON_VERSION is in the container',
    ],
    ['a command', 'command', {}, { command: ['worker'] }, 'its command is another'],
    ['an entry point, which takes the command of the image away', 'command', {}, { entrypoint: ['/x'] }, 'entry point'],
    ['a network added by hand', 'networks', { networks: ['dify_default', 'other'] }, {}, 'it is on other'],
    ['a network taken away by hand', 'networks', { networks: [] }, {}, 'it is not on dify_default'],
    ['a mode', 'networks', {}, { networks: null, networkMode: 'host' }, 'the files say host'],
    [
      'another port',
      'ports',
      {},
      { ports: [{ target: 5001, protocol: 'tcp', published: [81, 81], hostIp: '' }] },
      '81 to 5001',
    ],
    [
      'a port open to all',
      'ports',
      { ports: [{ target: 5001, protocol: 'tcp', published: 8080, hostIp: '' }] },
      {},
      'is not published',
    ],
    ['a port too many', 'ports', {}, { ports: [] }, 'which the files do not say'],
    ['a mount that is missing', 'mounts', { mounts: [] }, {}, 'nothing is mounted at /app/api/storage'],
    [
      'another volume',
      'mounts',
      { mounts: [{ ...volume, source: 'old' }] },
      { mounts: [volume] },
      'the files say dify_storage',
    ],
    ['a folder for a volume', 'mounts', { mounts: [{ ...volume, type: 'bind' }] }, { mounts: [volume] }, 'is a bind'],
    ['writable', 'mounts', { mounts: [volume] }, { mounts: [{ ...volume, readOnly: true }] }, 'writable'],
    ['a mount too many', 'mounts', { mounts: [...CONTAINER.mounts, { ...volume, target: '/x' }] }, {}, 'mounted at /x'],
    ['a replica that was stopped', 'replicas', { running: false }, {}, 'found 0 and 1 that does not run'],
    ['any other key', 'recreated', {}, { hash: 'h2' }, 'another key'],
    ['a key that is told', 'recreated', {}, { hash: 'h2', command: ['x'] }, 'what differs: command'],
  ];
  test.for(rows)('%s (%s)', ([, what, container, files, says]) => {
    const verdict = driftVerdict(owed(what), observed([container], files));
    expect(verdict).toMatchObject({ status: 'fail', message: expect.stringContaining(says) as string });
    expect(verdict.cause).toBe('drift:api');
  });

  test('each container is looked at, and the one is named', () => {
    const verdict = driftVerdict(owed('networks', 2), observed([{}, { name: 'dify-api-2', networks: [] }]));
    expect(verdict.message).toBe('dify-api-2: it is not on dify_default');
  });
});

describe('what is no drift', () => {
  const rows: [string, DriftKind, Partial<Running>, Partial<Declared>][] = [
    ['an image that has no name any more', 'image', {}, { imageId: null }],
    ["the client's own proxy", 'environment', { environment: { ...CONTAINER.environment, http_proxy: 'x' } }, {}],
    ['any port', 'ports', {}, { ports: [{ target: 5001, protocol: 'tcp', published: null, hostIp: '127.0.0.1' }] }],
    [
      'a range',
      'ports',
      {},
      { ports: [{ target: 5001, protocol: 'tcp', published: [8000, 8090], hostIp: '127.0.0.1' }] },
    ],
    [
      'all addresses, written out',
      'ports',
      { ports: [{ target: 80, protocol: 'tcp', published: 80, hostIp: '0.0.0.0' }] },
      { ports: [{ target: 80, protocol: 'tcp', published: [80, 80], hostIp: '' }] },
    ],
    ['a volume without a name', 'mounts', { mounts: [volume] }, { mounts: [{ ...volume, source: '' }] }],
    [
      "another service's network",
      'networks',
      { networkMode: 'container:1a2b' },
      { networks: null, networkMode: 'service:db' },
    ],
  ];
  test.for(rows)('%s (%s)', ([, what, container, files]) => {
    expect(driftVerdict(owed(what), observed([container], files))).toEqual({ status: 'pass' });
  });
});

describe('what cannot be told is no pass', () => {
  test.for([
    ['environment', { imageOwn: null }, {}, 'error', 'not on the engine any more'],
    ['command', { imageOwn: null }, {}, 'error', 'not on the engine any more'],
    ['recreated', { hash: null }, {}, 'error', 'does not tell from which files'],
    ['recreated', {}, { hash: null }, 'error', 'gave nothing'],
    ['recreated', { composeVersion: '2.29.7' }, { hash: 'h2' }, 'skip', 'not comparable'],
  ] as const)('%s: %j', ([what, container, files, status, says]) => {
    const verdict = driftVerdict(owed(what), observed([container], files));
    expect(verdict).toMatchObject({ status, message: expect.stringContaining(says) as string });
  });

  test('a service without a container is told once, and a one-shot may have none', () => {
    expect(driftVerdict(owed('replicas'), observed([])).status).toBe('fail');
    expect(driftVerdict(owed('image'), observed([]))).toMatchObject({
      status: 'blocked',
      blockedBy: 'drift/api/replicas',
    });
    expect(driftVerdict(owed('image', null), observed([])).status).toBe('skip');
    expect(driftVerdict(owed('replicas', null), observed([])).status).toBe('skip');
  });
});

test('values are never told: they are secrets', () => {
  const seen = observed([{ environment: { SECRET_KEY: 'the-old-one', OTHER: 'hidden' } }]);
  expect(JSON.stringify(driftVerdict(owed('environment'), seen))).not.toMatch(/the-secret|the-old-one|hidden/);
});

test('a container of a service that the files do not have', () => {
  const must = { id: 'drift/orphans', title: '', level: 'must' as const };
  const seen = observed([{}]);
  expect(orphansVerdict(must, seen).status).toBe('pass');
  const more = { ...seen, running: { ...seen.running, qdrant: [{ ...CONTAINER, name: 'dify-qdrant-1' }] } };
  expect(orphansVerdict(must, more)).toMatchObject({ status: 'fail', cause: 'drift-orphans' });
});

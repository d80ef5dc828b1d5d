import { expect, test } from 'vitest';
import { declaredOf } from '../../../../fixtures/checks/drift/declared.ts';
import { parseRaw } from '../../../../fixtures/model/model.ts';

/** As `docker compose config --format json` prints a project under its own name. */
const raw = parseRaw({
  name: 'dify',
  services: {
    api: {
      image: 'dify-api:1.5.0',
      command: ['echo', '$$HOME'],
      environment: { A: 'x$$y', B: null, C: 1 },
      networks: { default: null, named: {} },
      ports: [
        { target: 80, published: '8000-8010', host_ip: '127.0.0.1' },
        { target: 443, published: '0' },
        { target: 1 },
      ],
      volumes: [
        { type: 'volume', source: 'data', target: '/data/' },
        { type: 'bind', source: '/srv/x/../y', target: '/y', read_only: true },
      ],
      secrets: [{ source: 'key' }, { source: 'k', target: '/etc/k' }],
      configs: [{ source: 'conf' }],
    },
    built: { build: {}, network_mode: 'host' },
  },
  networks: { default: { name: 'dify_default' }, named: { name: 'its own name' } },
  volumes: { data: { name: 'dify_data' } },
});

test('names are those of the project, dollars are single, ports are ranges', () => {
  const { api, built } = declaredOf(raw, {
    project: 'dify',
    hashes: { api: 'h' },
    imageIds: { 'dify-built': 'sha256:b' },
  });
  expect(api).toMatchObject({
    imageId: null,
    environment: { A: 'x$y', B: null, C: '1' },
    command: ['echo', '$HOME'],
    networks: ['dify_default', 'its own name'],
    mounts: [
      { type: 'volume', source: 'dify_data', target: '/data', readOnly: false },
      { type: 'bind', source: '/srv/y', target: '/y', readOnly: true },
    ],
    besides: ['/conf', '/run/secrets/key', '/etc/k'],
    hash: 'h',
  });
  expect(api?.ports.map(({ published }) => published)).toEqual([[8000, 8010], null, null]);
  expect(built).toMatchObject({
    image: 'dify-built',
    imageId: 'sha256:b',
    networks: null,
    networkMode: 'host',
    hash: null,
  });
});

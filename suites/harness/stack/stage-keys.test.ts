import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMPOSE_KEYS, ruleOf, type KeyHolder } from '../../../fixtures/model/compose-keys.ts';
import { droppedCause } from '../../../fixtures/stack/boot.ts';
import { freshFolders, removeFolders, stagedOf } from './stage-case.ts';

let dir: string;
let runDir: string;

beforeEach(() => {
  ({ dir, runDir } = freshFolders());
});

afterEach(removeFolders);

const bind = (source: string) => ({ type: 'bind', source, target: '/mnt/host' });
const gpu = { capabilities: ['gpu'], driver: 'nvidia', count: -1 };

/** What reaches past the copy, one way of writing it each; what must not be left of it, and what is told. */
const REACHING: [string, Record<string, unknown>, RegExp, RegExp][] = [
  ['network_mode host', { network_mode: 'host' }, /network_mode/, /app: network_mode: host dropped/],
  [
    'network_mode container',
    { network_mode: 'container:live' },
    /network_mode/,
    /network_mode: container:live dropped/,
  ],
  ['network_mode of none of ours', { network_mode: 'service:gone' }, /network_mode/, /service:gone dropped/],
  ...['pid', 'ipc', 'uts', 'userns_mode', 'cgroup'].map(
    (key) =>
      [`${key} host`, { [key]: 'host' }, new RegExp(`"${key}"`), new RegExp(`app: ${key}: host dropped`)] as [
        string,
        Record<string, unknown>,
        RegExp,
        RegExp,
      ],
  ),
  ['pid of a container', { pid: 'container:live' }, /"pid"/, /pid: container:live dropped/],
  ['ipc of a container', { ipc: 'container:live' }, /"ipc"/, /ipc: container:live dropped/],
  ['privileged', { privileged: true }, /privileged/, /app: privileged dropped/],
  ['devices, short', { devices: ['/dev/sda:/dev/sda:rwm'] }, /dev.sda/, /app: devices dropped/],
  ['devices, long', { devices: [{ source: '/dev/sda', target: '/dev/x' }] }, /dev.sda/, /app: devices dropped/],
  ['device_cgroup_rules', { device_cgroup_rules: ['c 1:3 mr'] }, /device_cgroup/, /device_cgroup_rules dropped/],
  ['cgroup_parent', { cgroup_parent: '/host.slice' }, /host.slice/, /cgroup_parent dropped/],
  [
    'volumes_from a container',
    { volumes_from: ['container:live:rw'] },
    /live/,
    /volumes_from: container:live:rw dropped/,
  ],
  ['external_links', { external_links: ['live_db:db'] }, /live_db/, /external_links dropped/],
  ['runtime', { runtime: 'nvidia' }, /nvidia/, /app: runtime dropped/],
  ['gpus, all', { gpus: 'all' }, /gpus/, /gpus dropped.*not verified/],
  ['gpus, list', { gpus: [gpu] }, /nvidia/, /gpus dropped.*not verified/],
  [
    'device reservations',
    { deploy: { resources: { reservations: { devices: [gpu], memory: '1g' } } } },
    /nvidia/,
    /deploy\.resources\.reservations\.devices dropped.*not verified/,
  ],
  [
    'generic resources',
    {
      deploy: { resources: { reservations: { generic_resources: [{ discrete_resource_spec: { kind: 'nvidia' } }] } } },
    },
    /nvidia/,
    /generic_resources dropped/,
  ],
  ['use_api_socket', { use_api_socket: true }, /use_api_socket/, /use_api_socket dropped/],
  ['cap_add', { cap_add: ['SYS_ADMIN', 'cap_sys_ptrace', 'ALL'] }, /SYS_|ALL|ptrace/, /cap_add: SYS_ADMIN dropped/],
  ['security_opt', { security_opt: ['seccomp=unconfined', 'apparmor:unconfined'] }, /unconfined/, /seccomp=unconfined/],
  ['sysctls, map', { sysctls: { 'kernel.panic': 1 } }, /panic/, /sysctls: kernel.panic dropped/],
  ['sysctls, list', { sysctls: ['vm.max_map_count=1'] }, /max_map/, /vm.max_map_count=1 dropped/],
  [
    'a privileged hook',
    { post_start: [{ command: ['true'], privileged: true }] },
    /privileged/,
    /post_start.privileged/,
  ],
  ...['/var/run/docker.sock', '/run/docker.sock', '/run/podman/podman.sock', '/home/op/.colima/docker.sock'].map(
    (socket) =>
      [`socket ${socket}`, { volumes: [bind(socket)] }, /\.sock|mnt\/host/, /the mount .*sock.* dropped/] as [
        string,
        Record<string, unknown>,
        RegExp,
        RegExp,
      ],
  ),
  ...['/', '/var', '/run', '/var/run', '/proc', '/proc/1', '/sys', '/dev', '/var/lib/docker', '/run/../run'].map(
    (folder) =>
      [`folder ${folder}`, { volumes: [bind(folder)] }, /mnt\/host/, /app: the mount .* dropped/] as [
        string,
        Record<string, unknown>,
        RegExp,
        RegExp,
      ],
  ),
  ['a pipe of another engine', { volumes: [{ ...bind('x'), type: 'npipe' }] }, /npipe/, /the mount .* dropped/],
];

describe('what reaches past the copy is not in its file, and is told', () => {
  test.each(REACHING)('%s', (_, keys, gone, told) => {
    const { text, notes, dropped } = stagedOf({ dir, runDir }, { app: { image: 'example/app:1', ...keys } });
    expect(text).not.toMatch(gone);
    expect(notes).toMatch(told);
    expect(dropped['app']).toBeDefined();
  });

  test('all of them at once', () => {
    const services = Object.fromEntries(
      REACHING.map(([, keys], at) => [`app${at}`, { image: 'example/app:1', ...keys }]),
    );
    const { text, dropped } = stagedOf({ dir, runDir }, services);
    for (const [, , gone] of REACHING.filter(([name]) => !/network_mode|container/.test(name)))
      expect(text).not.toMatch(gone);
    expect(Object.keys(dropped)).toHaveLength(REACHING.length);
  });

  test('what asks for nothing is not told', () => {
    const { notes } = stagedOf(
      { dir, runDir },
      {
        app: {
          image: 'example/app:1',
          privileged: false,
          devices: [],
          external_links: null,
          networks: { default: null },
        },
      },
      { networks: { default: { name: 'x_default', ipam: {} } } },
    );
    expect(notes).toBe('');
  });

  test('more processors than the engine’s machine has are lowered to these, and told; what fits stays', () => {
    const { staged, notes } = stagedOf(
      { dir, runDir, processors: 2 },
      {
        api: { image: 'example/app:1', cpus: 4 },
        worker: { image: 'example/app:1', deploy: { resources: { limits: { cpus: '4', memory: '1g' } } } },
        web: { image: 'example/app:1', cpus: 1.5, deploy: { resources: { limits: { cpus: '2' } } } },
      },
    );
    expect(staged.services['api']).toMatchObject({ cpus: 2 });
    expect(staged.services['worker']).toMatchObject({ deploy: { resources: { limits: { cpus: '2', memory: '1g' } } } });
    expect(staged.services['web']).toMatchObject({ cpus: 1.5, deploy: { resources: { limits: { cpus: '2' } } } });
    expect(notes.split('\n')).toEqual([
      'api: cpus 4 lowered to 2, this machine has no more',
      'worker: cpus 4 lowered to 2, this machine has no more',
    ]);
  });

  test('what belongs to the copy stays: namespaces and volumes of its own services, limits, what Dify’s sandbox needs', () => {
    const { staged } = stagedOf(
      { dir, runDir },
      {
        app: { image: 'example/app:1', network_mode: 'service:side', pid: 'service:side', volumes_from: ['side:ro'] },
        side: { image: 'example/side:1', mem_limit: '1g', networks: { default: null } },
        sandbox: { image: 'langgenius/dify-sandbox:0.2.12', cap_add: ['SYS_ADMIN'], networks: { default: null } },
      },
    );
    expect(staged.services['app']).toMatchObject({
      network_mode: 'service:side',
      pid: 'service:side',
      volumes_from: ['side:ro'],
    });
    expect(staged.services['app']).not.toHaveProperty('networks');
    expect(staged.services['side']).toMatchObject({ mem_limit: '1g', networks: { default: null } });
    expect(staged.services['sandbox']).toMatchObject({ cap_add: ['SYS_ADMIN'] });
  });
});

test('volumes that are folders or shares of the host become private empty ones', () => {
  const { staged, notes } = stagedOf(
    { dir, runDir },
    {
      app: {
        image: 'example/app:1',
        volumes: ['a', 'b', 'c'].map((source) => ({ type: 'volume', source, target: `/${source}` })),
      },
    },
    {
      volumes: {
        a: { name: 'a', driver: 'local', driver_opts: { type: 'none', o: 'bind', device: '/host/path' } },
        b: { name: 'b', driver_opts: { type: 'nfs', o: 'addr=10.0.0.9', device: ':/export' } },
        c: { name: 'live', external: true },
      },
    },
  );
  const labels = { 'verify.run': 'verify-00000000' };
  expect(staged.volumes).toEqual({ a: { labels }, b: { labels }, c: { labels } });
  for (const told of [/volume a: driver_opts dropped/, /volume b: driver_opts dropped/, /volume c: external/])
    expect(notes).toMatch(told);
});

test.each([
  ['macvlan', { driver: 'macvlan', driver_opts: { parent: 'eth0' } }, /driver macvlan replaced.*\n.*parent/],
  ['ipvlan', { driver: 'ipvlan' }, /driver ipvlan replaced/],
  ['host', { driver: 'host', name: 'host' }, /driver host replaced/],
  ['external', { external: true, name: 'live' }, /external, replaced/],
  ['masquerade', { driver_opts: { 'com.docker.network.bridge.enable_ip_masquerade': 'true' } }, /driver_opts dropped/],
  ['IPv6 and subnet', { enable_ipv6: true, ipam: { config: [{ subnet: 'fd00::/64' }] } }, /IPv6 left out.*\n.*subnet/],
])('a network (%s) becomes a private bridge without a way out', (_, network, told) => {
  const { staged, notes } = stagedOf(
    { dir, runDir },
    {
      app: { image: 'example/app:1', networks: { net: null } },
      host: { image: 'example/host:1', network_mode: 'host' },
    },
    { networks: { net: network } },
  );
  expect(staged.networks).toEqual({
    net: {
      driver: 'bridge',
      driver_opts: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' },
      enable_ipv6: false,
      labels: { 'verify.run': 'verify-00000000' },
    },
  });
  // Nobody answers behind the engine's name server, at once: the host's own are out of reach and each would be waited for.
  expect(staged.services['host']).toMatchObject({ networks: { net: null }, dns: ['127.0.0.1'] });
  expect(notes).toMatch(told);
});

test('a target that the policy opens needs the way out, which is told', () => {
  const { text, notes } = stagedOf({ dir, runDir, wayOut: true }, { app: { image: 'example/app:1' } });
  expect(text).not.toContain('masquerade');
  expect(text).not.toContain('127.0.0.1');
  expect(notes).toMatch(/with a way out.*outside\.allow/);
});

test('a service that fails is told what it runs without', () => {
  const cause = droppedCause(['app', 'app', 'constructor'], { app: ['privileged', 'pid: host'] });
  expect(cause).toBe('\n  app runs without privileged, pid: host: dropped for the copy, look there first');
  expect(droppedCause(['db'], { app: ['privileged'] })).toBe('');
});

interface Definition {
  properties?: Record<string, Definition>;
  oneOf?: Definition[];
  items?: Definition;
}

describe('the table of keys', () => {
  const require = createRequire(import.meta.url);
  const schema = JSON.parse(
    readFileSync(
      path.join(path.dirname(require.resolve('docker-compose/package.json')), 'schema/compose-spec.json'),
      'utf8',
    ),
  ) as Definition & { definitions?: Record<string, Definition>; $defs?: Record<string, Definition> };
  const defined = schema.definitions ?? schema.$defs ?? {};
  const held: [KeyHolder, string[]][] = [
    ['file', Object.keys(schema.properties ?? {})],
    ...(['service', 'network', 'volume', 'config', 'secret'] as const).map(
      (holder) => [holder, Object.keys(defined[holder]?.properties ?? {})] as [KeyHolder, string[]],
    ),
    ['deploy', Object.keys(defined['deployment']?.properties ?? {})],
    ['hook', Object.keys(defined['service_hook']?.properties ?? {})],
  ];

  test.each(held)('has every key of the specification for a %s', (holder, keys) => {
    expect(keys.length).toBeGreaterThan(4);
    expect(keys.filter((key) => ruleOf(holder, key) === null)).toEqual([]);
    expect(Object.keys(COMPOSE_KEYS[holder]).filter((key) => !keys.includes(key))).toEqual([]);
  });

  test('what is not known is never handed on', () => {
    mkdirSync(path.join(dir, 'x'));
    const { text } = stagedOf({ dir, runDir }, { app: { image: 'example/app:1', unheard_of: 'kept-by-mistake' } });
    expect(text).not.toContain('kept-by-mistake');
    expect(ruleOf('service', 'unheard_of')).toBeNull();
    expect(ruleOf('service', 'constructor')).toBeNull();
  });
});

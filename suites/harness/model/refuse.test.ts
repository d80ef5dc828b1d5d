import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { realDisk } from '../../../fixtures/checks/config/disk.ts';
import { run } from '../../../fixtures/engine/cli.ts';
import { exitCodeOf } from '../../../fixtures/errors.ts';
import { refuseFiles, refuseModel } from '../../../fixtures/model/refuse.ts';
import { policyFor } from '../../../fixtures/model/policy/policy.ts';
import { composeEnvironment } from '../../../fixtures/model/compose.ts';
import { bootDeadlineMs } from '../../../fixtures/stack/boot-deadline.ts';
import { readStack } from '../../../fixtures/model/read.ts';

const root = mkdtempSync(path.join(tmpdir(), 'refuse-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

function directory(files: Record<string, string>, name = `stack${count++}`): string {
  const dir = path.join(root, name);
  mkdirSync(dir);
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(dir, file), text);
  return dir;
}

async function refusalOf(dir: string, purpose: 'run' | 'read' = 'run', envFiles?: string[]): Promise<string> {
  const error: unknown = await readStack(
    { dir, purpose, ...(envFiles ? { envFiles } : {}) },
    path.join(root, `run${count++}`),
  ).then(
    () => null,
    (caught: unknown) => caught,
  );
  if (error === null) return 'accepted';
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).not.toContain('\n');
  return `${exitCodeOf(error)} ${(error as Error).message}`;
}

/** Nine anchors of nine aliases each: 9^9 texts when it is written out. */
const BOMB = [
  'x-0: &a0 [lol]',
  ...Array.from({ length: 9 }, (_, at) => `x-${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`),
  'services: { web: { image: nginx } }',
].join('\n');

const service = (keys: string) => `services:\n  web:\n    image: nginx\n    ${keys}\n`;

describe('what a compose file may not hold', () => {
  test.for([
    ['an alias bomb', BOMB, /docker-compose\.yaml:\d+: YAML that its aliases make larger than 64 MiB/],
    ['an alias inside of itself', 'x-a: &a [*a]\nservices: {}', /:1: alias \*a inside of its own anchor/],
    [
      'a program of the host',
      service('provider: { type: /bin/true }'),
      /:4: service web: provider is refused: .*program/,
    ],
    ['one by a merge', `x-a: &a\n  provider: { type: x }\n${service('<<: *a')}`, /:2: service web: provider/],
    ['a model of a service', service('models: [m]'), /service web: models is refused/],
    ['a model runner', `models: { m: { model: ai/x } }\n${service('tty: true')}`, /:1: models is refused/],
    ['an include by https', `include: ['https://example.com/x.git']\n${service('tty: true')}`, /:1: include https/],
    ['an include by oci', `include: [{ path: 'oci://example.com/x' }]\n${service('tty: true')}`, /include oci/],
    [
      'an extended file by ssh',
      service('extends: { file: "git@example.com:x.git", service: a }'),
      /:4: service web: ext/,
    ],
    ['a build from git', service('build: git@example.com:x/y.git'), /:4: service web: build from git@/],
    ['a build from github.com', service('build: { context: github.com/x/y }'), /build from github/],
    [
      'one more context',
      service('build: { additional_contexts: { a: "docker-image://x" } }'),
      /build from docker-image/,
    ],
    ['a name of no service', 'services: { __proto__: { image: nginx } }', /:1: service __proto__ is refused/],
  ] as const)('%s is refused by name with exit 2', async ([, text, message]) => {
    const said = await refusalOf(directory({ 'docker-compose.yaml': text }));
    expect(said).toMatch(message);
    expect(said).toMatch(/^2 /);
  });

  test('nesting without an end is one line', async () => {
    const dir = directory({ 'docker-compose.yaml': `x-a: ${'['.repeat(20_000)}` });
    expect(await refusalOf(dir)).toMatch(/depth|nest/);
  });

  test('it is found in files that are included or extended, by a file in a file', () => {
    const dir = directory({
      'docker-compose.yaml': `include: [a.yaml]\n${service('tty: true')}`,
      'a.yaml': service('extends: { file: b.yaml, service: web }'),
      'b.yaml': service('provider: { type: x }'),
    });
    expect(() => refuseFiles(dir, [path.join(dir, 'docker-compose.yaml')], 'run')).toThrow(
      /^b\.yaml:4: service web: prov/,
    );
  });

  test('a bomb is refused in little memory', () => {
    const dir = directory({ 'docker-compose.yaml': BOMB });
    const before = process.memoryUsage().rss;
    expect(() => refuseFiles(dir, [path.join(dir, 'docker-compose.yaml')], 'read')).toThrow(/aliases/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test('what only reads refuses what harms a reader, and nothing else', () => {
    const look = (text: string) => {
      const dir = directory({ 'docker-compose.yaml': text });
      return () => refuseFiles(dir, [path.join(dir, 'docker-compose.yaml')], 'read');
    };
    expect(look(service('provider: { type: x }'))).not.toThrow();
    expect(look(service('build: github.com/x/y'))).not.toThrow();
    expect(look("include: ['https://example.com/x']")).toThrow(/include https/);
  });

  test('a key that compose gives and the copy does not know is refused by name', () => {
    expect(() => refuseModel({ services: { web: { image: 'x', teleport: true } } }, 'c.yaml')).toThrow(
      /^c\.yaml: service web: teleport is refused/,
    );
    expect(() =>
      refuseModel({ 'x-any': 1, name: 'a', services: { web: { 'x-own': 1, image: 'x' } } }, 'c'),
    ).not.toThrow();
  });

  test('the reference stack is refused nothing', () => {
    const dir = path.resolve('compose');
    expect(() => refuseFiles(dir, [path.join(dir, 'docker-compose.yaml')], 'run')).not.toThrow();
  });
});

describe('a FIFO is named and not waited for', () => {
  const FIFO_LIMIT_MS = 10_000;
  test.for([
    ['docker-compose.yaml', {}],
    ['.env', { 'docker-compose.yaml': service('tty: true') }],
    ['given.env', { 'docker-compose.yaml': service('tty: true') }],
    ['web.env', { 'docker-compose.yaml': service('env_file: web.env') }],
  ] as const)('%s', { timeout: FIFO_LIMIT_MS }, async ([name, files]) => {
    const dir = directory(files);
    execFileSync('mkfifo', [path.join(dir, name)]);
    const said = await refusalOf(dir, 'run', name === 'given.env' ? [path.join(dir, name)] : undefined);
    expect(said).toMatch(/^2 .*a FIFO/);
    expect(said).toContain(name);
  });
});

test('a mounted FIFO is no file, and one as verify.yaml is refused', { timeout: 10_000 }, () => {
  const dir = directory({});
  const fifo = path.join(dir, 'verify.yaml');
  execFileSync('mkfifo', [fifo]);
  expect(realDisk.read(fifo)).toBeNull();
  expect(realDisk.kind(fifo)).toBe('special');
  expect(realDisk.kind('/dev/null')).toBe('file');
  expect(() => policyFor(fifo, [])).toThrow(/^policy file .*verify\.yaml is a FIFO; a file was expected$/);
  expect(() => policyFor(undefined, [path.join(dir, 'docker-compose.yaml')])).toThrow(/is a FIFO/);
});

test.for([
  [
    'extend',
    'services: { a: { extends: { file: b.yaml, service: b } } }',
    'services: { b: { extends: { file: docker-compose.yaml, service: a } } }',
    /^1 files extend each other in a circle: a in b\.yaml -> b in docker-compose\.yaml -> a in b\.yaml: take one step out$/,
  ],
  [
    'include',
    'include: [b.yaml]\nservices: { a: { image: x } }',
    'include: [docker-compose.yaml]\nservices: { b: { image: x } }',
    /^1 files include each other in a circle: docker-compose\.yaml -> b\.yaml -> docker-compose\.yaml: take one step out$/,
  ],
] as const)('files that %s each other in a circle are told with every step', async ([, first, second, says]) => {
  expect(await refusalOf(directory({ 'docker-compose.yaml': first, 'b.yaml': second }))).toMatch(says);
});

test.for([
  [
    'scale',
    'services:\n  api:\n    image: x\n    container_name: one\n    scale: 3\n',
    'services: {}\n',
    'docker-compose.yaml:5 asks for scale 3',
  ],
  [
    'deploy.replicas of an override',
    'services:\n  api:\n    image: x\n    container_name: one\n',
    'services:\n  api:\n    deploy:\n      replicas: 3\n',
    'docker-compose.override.yaml:4 asks for deploy.replicas 3',
  ],
] as const)(
  'a container name beside several replicas (%s) is told with both lines',
  async ([, first, second, says]) => {
    expect(await refusalOf(directory({ 'docker-compose.yaml': first, 'docker-compose.override.yaml': second }))).toBe(
      `1 docker-compose.yaml:4: container_name one of api is for one container, and ${says}: take container_name out (other services call it api)`,
    );
  },
);

test('services called constructor and toString are read', async () => {
  const dir = directory({
    'docker-compose.yaml': 'services: { constructor: { image: a, depends_on: [toString] }, toString: { image: b } }',
  });
  const read = await readStack({ dir }, path.join(root, `run${count++}`));
  expect(Object.keys(read.services).toSorted()).toEqual(['constructor', 'toString']);
  expect(bootDeadlineMs(read, {})).toBe(60_000 + 2 * 10_000);
  // Walked by every path, sixty services that all wait for those before them would not end.
  const [one] = Object.values(read.services);
  const names = Array.from({ length: 60 }, (_, at) => `s${at}`);
  const services = names.map((name, at) => [
    name,
    { ...one, name, dependsOn: names.slice(0, at).map((before) => ({ ...one?.dependsOn[0], service: before })) },
  ]);
  const many = { ...read, services: Object.fromEntries(services) as typeof read.services };
  expect(bootDeadlineMs(many, {})).toBe(60_000 + 60 * 10_000);
});

test.for([`quote"'`, 'line\nbreak', '$& $1', 'blank ümlaut'])('a stack in a folder called %j is read', async (name) => {
  const dir = directory({ 'docker-compose.yaml': service('volumes: [./a.conf:/a.conf]'), 'a.conf': 'x' }, name);
  const read = await readStack({ dir }, path.join(root, `run${count++}`));
  expect(JSON.stringify(read.raw)).toContain(JSON.stringify(path.join(dir, 'a.conf')));
});

test('the shell says where the engine is, and nothing about what is run', () => {
  const kept = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY', 'DOCKER_CONFIG'];
  const left = ['DOCKER_DEFAULT_PLATFORM', 'DOCKER_CONTENT_TRUST', 'DOCKER_API_VERSION', 'DOCKER_BUILDKIT'];
  const others = ['BUILDKIT_PROGRESS', 'BUILDX_BUILDER', 'COMPOSE_FILE', 'COMPOSE_PROFILES'];
  for (const name of [...kept, ...left, ...others]) vi.stubEnv(name, 'x');
  const names = Object.keys(composeEnvironment());
  vi.unstubAllEnvs();
  expect(names).toEqual(expect.arrayContaining(kept));
  for (const name of [...left, ...others]) expect(names).not.toContain(name);
  expect(composeEnvironment()).toMatchObject({
    COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false',
    COMPOSE_EXPERIMENTAL_OCI_REMOTE: 'false',
  });
});

describe('a command that is ended by time', () => {
  test('takes what it started in another process group with it', async () => {
    const pidFile = path.join(root, 'pid');
    // Job control gives the background job a group of its own, as docker does for its plugins.
    const script = `set -m; sleep 300 & echo $! > '${pidFile}'; wait`;
    const result = await run('bash', ['-c', script], { withinMs: 1_500 });
    expect(result.timedOut).toBe(true);
    const stat = await run('sh', ['-c', `cat /proc/$(cat '${pidFile}')/stat`], {});
    expect(stat.exitCode === 0 ? / ([A-Z]) /.exec(stat.stdout)?.[1] : 'gone').toMatch(/^(?:gone|Z)$/);
    expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+\n$/);
  });

  test('and one with a limit of memory does not get more', async () => {
    const result = await run('sh', ['-c', 'ulimit -v; echo "$1"', 'sh', `a 'b'`], { memoryKiB: 500_000 });
    expect(result.stdout).toBe(`500000\na 'b'\n`);
  });
});

test('a variable that Linux passes to no program is told before anything is started', () => {
  const of = (bytes: number) => ({ services: { api: { environment: { SECRET_KEY: 'x'.repeat(bytes), MODE: null } } } });
  expect(() => refuseModel(of(131_071 - 'SECRET_KEY='.length), 'compose.yaml')).not.toThrow();
  expect(() => refuseModel(of(131_072 - 'SECRET_KEY='.length), 'compose.yaml')).toThrow(
    /^compose\.yaml: service api: SECRET_KEY has 131072 bytes, and Linux passes no variable of more than 131071/,
  );
});

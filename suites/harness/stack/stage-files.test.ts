import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configurationOf } from '../../../fixtures/data/backup/configuration.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { freshFolders, removeFolders, stagedOf } from './stage-case.ts';

let dir: string;
let runDir: string;

beforeEach(() => {
  ({ dir, runDir } = freshFolders());
});

afterEach(removeFolders);

const at = (name: string) => path.join(dir, name);
const bind = (source: string, target: string) => ({ type: 'bind', source: at(source), target });
const sandbox = (...volumes: object[]) => ({ sandbox: { image: 'langgenius/dify-sandbox:0.2.12', volumes } });

function copied(...volumes: object[]) {
  const { staged, notes, text } = stagedOf({ dir, runDir }, sandbox(...volumes));
  return { sources: (staged.services['sandbox']?.volumes ?? []).map(({ source }) => source), notes, text };
}

function put(name: string, text: string): void {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

describe('a copy of mounted files', () => {
  test('mode and times are kept, bits that run as the owner are not; the owner is kept where root copies', () => {
    put('conf/a', 'x');
    chmodSync(at('conf/a'), 0o4640);
    utimesSync(at('conf/a'), 1_000_000, 1_000_000);
    const [source = ''] = copied(bind('conf', '/conf')).sources;
    const { mode, mtimeMs, uid } = statSync(path.join(source, 'a'));
    expect(mode & 0o7777).toBe(0o640);
    expect(mtimeMs).toBe(1_000_000_000);
    expect(uid).toBe(statSync(at('conf/a')).uid);
  });

  test.runIf(process.getuid?.() === 0)('a file of another user stays readable to that user', () => {
    put('conf/a', 'x');
    execFileSync('chown', ['1000:1000', at('conf/a')]);
    chmodSync(at('conf/a'), 0o600);
    const [source = ''] = copied(bind('conf', '/conf')).sources;
    expect(statSync(path.join(source, 'a'))).toMatchObject({ uid: 1000, gid: 1000 });
  });

  test('a link out of what is mounted is not followed and told; one that the mount itself names is', () => {
    put('secret', 'of the host');
    put('conf/real', 'x');
    symlinkSync('../secret', at('conf/out'));
    symlinkSync('real', at('conf/in'));
    symlinkSync('secret', at('linked'));
    const { sources, notes } = copied(bind('conf', '/conf'), bind('linked', '/conf/linked'));
    const [conf = '', linked = ''] = sources;
    expect(readlinkSync(path.join(conf, 'out'))).toBe('../secret');
    expect(existsSync(path.join(conf, 'out'))).toBe(false);
    expect(readFileSync(path.join(conf, 'in'), 'utf8')).toBe('x');
    expect(lstatSync(linked).isFile()).toBe(true);
    expect(readFileSync(linked, 'utf8')).toBe('of the host');
    expect(notes).toMatch(/conf\/out: a link to \.\.\/secret, which leads out/);
    expect(notes).not.toMatch(/conf\/in/);
  });

  test('too many files, a sparse file and a binary one are left empty and told', () => {
    mkdirSync(at('many'));
    for (let file = 0; file <= 5_000; file++) writeFileSync(at(`many/${file}`), '');
    for (const [name, size] of [
      ['sparse', 5 * 1024 ** 3],
      ['binary', 2 * 1024 ** 2],
    ] as const) {
      const handle = openSync(at(name), 'w');
      ftruncateSync(handle, size);
      closeSync(handle);
    }
    const { sources, notes } = copied(bind('many', '/conf'), bind('sparse', '/conf/s'), bind('binary', '/conf/b'));
    expect(readdirSync(sources[0] ?? '')).toEqual([]);
    expect(sources.slice(1).map((source) => statSync(source).size)).toEqual([0, 0]);
    for (const told of [
      /many: more than 5000 files/,
      /sparse: larger than 64 MiB/,
      /binary: larger than 1 MiB and no text/,
    ])
      expect(notes).toMatch(told);
  });

  test('a FIFO in a mounted folder is left out and waited for by nobody', () => {
    put('conf/a', 'x');
    execFileSync('mkfifo', [at('conf/pipe')]);
    const { sources, notes } = copied(bind('conf', '/conf'));
    expect(readdirSync(sources[0] ?? '')).toEqual(['a']);
    expect(notes).toMatch(/pipe: a FIFO, left out/);
  });

  test('a dollar sign in a name is no variable to compose', () => {
    put('a$HOME.conf', 'x');
    // As compose prints it, and as it is on the disk.
    const { sources, text } = copied(bind('a$$HOME.conf', '/conf/a$$HOME.conf'));
    expect(text.replaceAll('$$', '')).not.toContain('$');
    expect(readFileSync((sources[0] ?? '').replaceAll('$$', '$'), 'utf8')).toBe('x');
  });

  test('two folders that differ in a sign, or far from their end, have two private volumes', () => {
    const names = ['v-a', 'v_a', `one/${'long'.repeat(20)}`, `two/${'long'.repeat(20)}`];
    const volumes = [...names, 'v-a'].map((name, index) => bind(name, `/var/lib/postgresql/data/${index}`));
    const { staged } = stagedOf({ dir, runDir }, { db: { image: 'postgres:15', volumes } });
    const seen = (staged.services['db']?.volumes ?? []).map(({ source }) => source);
    expect(new Set(seen).size).toBe(names.length);
    expect(seen[4]).toBe(seen[0]);
    expect(Object.keys(staged.volumes ?? {})).toHaveLength(names.length);
  });
});

const DIFY = {
  nginx: {
    image: 'nginx',
    volumes: [
      bindOf('nginx/conf.d', '/etc/nginx/conf.d'),
      bindOf('nginx/ssl', '/etc/ssl'),
      bindOf('certs', '/etc/letsencrypt'),
    ],
  },
  ssrf_proxy: { image: 'ubuntu/squid', volumes: [bindOf('squid', '/etc/squid')] },
  sandbox: {
    image: 'langgenius/dify-sandbox:0.2.12',
    volumes: [bindOf('sandbox/conf', '/conf'), bindOf('sandbox/dependencies', '/dependencies')],
  },
  certbot: { image: 'certbot/certbot', volumes: [bindOf('certbot/conf', '/etc/letsencrypt')] },
  minio: { image: 'minio/minio', volumes: [bindOf('minio', '/data')] },
};

function bindOf(source: string, target: string) {
  return { source, target };
}

/** The services above with folders of this test that hold a file each. */
function difyHere(): Record<string, { volumes: { source: string; target: string }[] }> {
  return Object.fromEntries(
    Object.entries(DIFY).map(([name, service]) => [
      name,
      {
        ...service,
        volumes: service.volumes.map(({ source, target }) => {
          put(`${source}/file`, `of ${source}`);
          return bind(source, target);
        }),
      },
    ]),
  );
}

describe('where configuration ends and data begins', () => {
  test('outside of git, what programs read their configuration from is copied, a folder of data is private and empty', () => {
    const services = difyHere();
    const { staged, notes, text } = stagedOf({ dir, runDir }, services);
    for (const [name, { volumes }] of Object.entries(DIFY).filter(([service]) => service !== 'minio')) {
      for (const [index, { source }] of volumes.entries()) {
        const mount = staged.services[name]?.volumes?.[index];
        expect(readFileSync(path.join(mount?.source ?? '', 'file'), 'utf8')).toBe(`of ${source}`);
      }
    }
    expect(staged.services['minio']?.volumes?.[0]?.type).toBe('volume');
    expect(notes).toMatch(/minio:\/data: private volume in place of .*taken for state/);
    expect(text).not.toContain(at('minio'));
  });

  test('a backup keeps in its configuration all that it kept before', () => {
    const model = modelOf(
      {
        ...difyHere(),
        api: { image: 'langgenius/dify-api:1.5.0', volumes: [bind('branding', '/app/api/branding')] },
      },
      { dir },
    );
    put('branding/logo', 'x');
    const { entries } = configurationOf({ model, roles: rolesOf(model) });
    const names = entries.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['nginx/conf.d', 'nginx/ssl', 'squid', 'sandbox/conf', 'certbot/conf']),
    );
    expect(names).toEqual(expect.arrayContaining(['minio', 'branding']));
  });
});

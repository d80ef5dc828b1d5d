import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { withOwnLogs } from '../../../fixtures/stack/stage-log.ts';
import { freshFolders, removeFolders, stagedOf } from './stage-case.ts';

afterEach(removeFolders);

const SERVER =
  'server { listen 80; access_log /var/log/nginx/dify.log main;\n location / { proxy_pass http://web:3000; } }';
const STATIC = `events {}\nhttp {\n access_log off;\n ${SERVER}\n}\n`;
const INCLUDING = 'events {}\nhttp {\n access_log off;\n include /etc/nginx/conf.d/*.conf;\n}\n';

/** The mounts of nginx in the copy of a directory with these files, and what the copies hold. */
function copyOf(given: Record<string, string>, mounted: Record<string, string>, more: object = {}) {
  const folders = freshFolders();
  for (const [name, text] of Object.entries(given)) {
    mkdirSync(path.dirname(path.join(folders.dir, name)), { recursive: true });
    writeFileSync(path.join(folders.dir, name), text);
  }
  const volumes = Object.entries(mounted).map(([source, target]) => ({
    type: 'bind',
    source: path.join(folders.dir, source),
    target,
    read_only: true,
  }));
  const { staged } = stagedOf(folders, { nginx: { image: 'nginx', volumes, ...more } });
  const mounts = staged.services['nginx']?.volumes ?? [];
  const sourceOf = (target: string) => mounts.find((mount) => mount.target === target)?.source ?? '';
  return {
    mounts: mounts.map(({ target }) => target),
    read: (target: string) => readFileSync(sourceOf(target), 'utf8'),
    sourceOf,
    dir: folders.dir,
  };
}

test('an nginx.conf that leaves conf.d out includes our log itself, in the copy, with its lines where they were', () => {
  const copy = copyOf({ 'nginx.conf': STATIC }, { 'nginx.conf': '/etc/nginx/nginx.conf' });
  expect(copy.mounts).toEqual(['/etc/nginx/nginx.conf', '/etc/nginx/verify-log.conf']);
  const text = copy.read('/etc/nginx/nginx.conf');
  expect(text).toContain('http { include /etc/nginx/verify-log.conf;\n access_log /dev/stdout verify;\n');
  expect(text).toContain('access_log /var/log/nginx/dify.log main; access_log /dev/stdout verify;\n');
  expect(text.split('\n')).toHaveLength(STATIC.split('\n').length);
  expect(copy.read('/etc/nginx/verify-log.conf')).toContain('$upstream_addr');
  expect(readFileSync(path.join(copy.dir, 'nginx.conf'), 'utf8')).toBe(STATIC);
});

test('the file that nginx is started with is the one that includes it, wherever it lies', () => {
  const copy = copyOf(
    { 'own.conf': STATIC, 'nginx.conf': INCLUDING },
    { 'own.conf': '/srv/own.conf', 'nginx.conf': '/etc/nginx/nginx.conf' },
    { command: ['nginx', '-g', 'daemon off;', '-c', '/srv/own.conf'] },
  );
  expect(copy.mounts).toEqual(['/srv/own.conf', '/etc/nginx/nginx.conf', '/etc/nginx/verify-log.conf']);
  expect(copy.read('/srv/own.conf')).toContain('http { include /etc/nginx/verify-log.conf;');
});

test('one that reads conf.d has it there, and no log that is off above it', () => {
  const copy = copyOf(
    { 'nginx.conf': INCLUDING, 'conf.d/default.conf': SERVER },
    { 'nginx.conf': '/etc/nginx/nginx.conf', 'conf.d': '/etc/nginx/conf.d' },
  );
  expect(copy.mounts).toEqual(['/etc/nginx/nginx.conf', '/etc/nginx/conf.d']);
  expect(copy.read('/etc/nginx/nginx.conf')).toBe(INCLUDING.replace('access_log off;', ''));
  const server = readFileSync(path.join(copy.sourceOf('/etc/nginx/conf.d'), 'default.conf'), 'utf8');
  expect(server).toContain('main; access_log /dev/stdout verify;');
});

test('all of /etc/nginx mounted: the log lies in that copy', () => {
  const copy = copyOf({ 'etc/nginx.conf': STATIC }, { etc: '/etc/nginx' });
  expect(copy.mounts).toEqual(['/etc/nginx']);
  expect(readFileSync(path.join(copy.sourceOf('/etc/nginx'), 'verify-log.conf'), 'utf8')).toContain(
    'log_format verify',
  );
  expect(readFileSync(path.join(copy.sourceOf('/etc/nginx'), 'nginx.conf'), 'utf8')).toContain(
    'include /etc/nginx/verify',
  );
});

test('nothing of nginx mounted: the image reads conf.d', () => {
  expect(copyOf({}, {}).mounts).toEqual(['/etc/nginx/conf.d/00-verify-log.conf']);
});

test.for<[string, string]>([
  ['# access_log off;', '# access_log off;'],
  ['location / { access_log off; }', 'location / { access_log /dev/stdout verify; }'],
  ['access_log a; access_log /dev/stdout verify;', 'access_log a; access_log /dev/stdout verify;'],
])('%s', ([given, written]) => expect(withOwnLogs(given)).toBe(written));

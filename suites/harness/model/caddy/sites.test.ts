import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rmSync } from 'node:fs';
import { caddyfileOf, caddySites } from '../../../../fixtures/model/caddy/sites.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const shown = (text: string, environment = {}) =>
  caddySites(text, environment).map(({ host, port, tls }) => `${tls ? 'https' : 'http'}://${host ?? '*'}:${port}`);

test.each([
  ['a port', ':8080 {\n\treverse_proxy web:3000\n}', ['http://*:8080']],
  ['a name is served with TLS', 'dify.example.com {\n  reverse_proxy web:3000\n}', ['https://dify.example.com:443']],
  [
    'several addresses over two lines',
    'http://a.test,\nhttp://b.test:81 {\n}',
    ['http://a.test:80', 'http://b.test:81'],
  ],
  ['without braces', 'localhost:80\n\nreverse_proxy web:3000', ['http://localhost:80']],
  ['blocks inside are no sites', ':80 {\n  handle /v1/* {\n    reverse_proxy api:5001\n  }\n}', ['http://*:80']],
  [
    'options, snippets and remarks are no sites',
    '{\n  email a@b.test # mail {\n}\n(common) {\n  encode gzip\n}\n# c.test {\nimport more/*\na.test {\n}',
    ['https://a.test:443'],
  ],
  ['a wildcard is no name', '*.a.test, a.test {\n}', ['https://a.test:443']],
  ['CR line ends', ':80 {\r\n}\r\n', ['http://*:80']],
])('the sites of a Caddyfile: %s', (_, text, expected) => {
  expect(shown(text)).toEqual(expected);
});

test('variables are those of the service, with their defaults', () => {
  const text = '{$DOMAIN:localhost}:{$PORT} {\n}';
  expect(shown(text, { PORT: '8443' })).toEqual(['https://localhost:8443']);
  expect(shown(text, { PORT: '80', DOMAIN: 'a.test' })).toEqual(['http://a.test:80']);
});

test('the file that Caddy runs with: as mounted, by its folder, as the command names it', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'caddyfile-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(path.join(dir, 'Caddyfile'), ':80 {\n}');
  const read = (target: string, source = dir, more: object = {}) => {
    const { services } = modelOf({ caddy: { image: 'caddy:2', volumes: [{ type: 'bind', source, target }], ...more } });
    const caddy = services['caddy'];
    return caddy ? caddyfileOf(caddy) : undefined;
  };
  const file = path.join(dir, 'Caddyfile');
  expect(read('/etc/caddy/Caddyfile', file)).toBe(':80 {\n}');
  expect(read('/etc/caddy')).toBe(':80 {\n}');
  expect(read('/conf', dir, { command: ['caddy', 'run', '--config', '/conf/Caddyfile'] })).toBe(':80 {\n}');
  expect(read('/conf', dir, { command: ['caddy', 'run', '--config=/conf/Caddyfile'] })).toBe(':80 {\n}');
  expect(read('/data')).toBeNull();
});

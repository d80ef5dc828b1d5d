import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addMadeNames, projectName } from '../../../fixtures/model/made-names.ts';
import { parseRaw } from '../../../fixtures/model/model.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'made-names-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.for<[string, string[], string, string]>([
  ['/srv/Dify Prod', [], '', 'difyprod'],
  ['/srv/_dify-1', [], '', 'dify-1'],
  ['/srv/x', ['name: dify\nservices: {}\n'], '', 'dify'],
  ['/srv/x', ['name: a\n', 'name: b\n'], '', 'b'],
  ['/srv/x', ['name: ${NAME}\n'], '', 'x'],
  ['/srv/x', ['name: dify\n'], 'A=1\nCOMPOSE_PROJECT_NAME="live"\n', 'live'],
])('%s %j %j is run as %s', ([folder, composed, environment, project]) =>
  expect(projectName(folder, composed, environment)).toBe(project),
);

/** Aliases that the services get where nginx passes requests to `host`, and what is told. */
function aliasesFor(host: string, more: Record<string, unknown> = {}) {
  const conf = path.join(dir, 'default.conf');
  writeFileSync(conf, `server { location / { proxy_pass http://${host}:5001; } }\n`);
  const raw = parseRaw({
    services: {
      api: { image: 'langgenius/dify-api:1.5.0', networks: { inner: { aliases: ['backend'] } }, ...more },
      nginx: { image: 'nginx', volumes: [{ type: 'bind', source: conf, target: '/etc/nginx/conf.d/default.conf' }] },
    },
  });
  const told = addMadeNames(raw, 'dify');
  return { aliases: raw.services['api']?.networks, told };
}

test.for<[string, string, object]>([
  ['as compose names it', 'dify-api-1', { inner: { aliases: ['backend', 'dify-api-1'] } }],
  ['as compose 1 named it', 'dify_api_1', { inner: { aliases: ['backend', 'dify_api_1'] } }],
  ['another project', 'live-api-1', { inner: { aliases: ['backend'] } }],
  ['a second replica', 'dify-api-2', { inner: { aliases: ['backend'] } }],
  ['a longer name', 'dify-api-1.example.com', { inner: { aliases: ['backend'] } }],
])('%s: %s', ([, host, networks]) => {
  const seen = aliasesFor(host);
  // A domain below that name is no use of it; an end of a sentence is.
  expect(seen.aliases).toEqual(networks);
  expect(seen.told).toHaveLength('aliases' in networks || JSON.stringify(networks).includes(host) ? 1 : 0);
});

test('a container with a name of its own has no other', () => {
  expect(aliasesFor('dify-api-1', { container_name: 'api' }).told).toEqual([]);
});

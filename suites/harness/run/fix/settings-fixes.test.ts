import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { policyFor } from '../../../../fixtures/model/policy/policy.ts';
import { readStack } from '../../../../fixtures/model/read.ts';
import { lookAt } from '../../../../fixtures/run/fix/look.ts';
import { planFixes } from '../../../../fixtures/run/fix/plan.ts';
import { defectiveStack } from '../../../../fixtures/testing/defective-stack.ts';

/** Values of settings that a patch changes where they come from: the env file, or the file of nginx that has them written out. */

const made: string[] = [];
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

const NGINX = 'nginx/conf.d/default.conf.template';
const OVERRIDE = 'docker-compose.override.yaml';
const listening = (lines: string) => (text: string) => text.replace('server_name _;', `server_name _;\n    ${lines}`);
const having =
  (...variables: [service: string, line: string][]) =>
  () =>
    `services:\n${variables.map(([service, line]) => `  ${service}:\n    environment:\n      ${line}\n`).join('')}`;

interface Row {
  what: string;
  cause: string;
  edits: Record<string, (text: string) => string>;
  /** Lines of the patch; absent: there is none, and `byHand` says why. */
  lines?: string[];
  byHand?: RegExp;
}

test.for<Row>([
  {
    what: 'old protocols that are written out',
    cause: 'nginx-old-tls',
    edits: {
      [NGINX]: listening('listen 443 ssl;\n    ssl_protocols TLSv1.1 TLSv1.2; # old'),
      [OVERRIDE]: having(['nginx', 'NGINX_HTTPS_ENABLED: true']),
    },
    lines: ['+    ssl_protocols TLSv1.2 TLSv1.3; # old'],
  },
  {
    what: 'old protocols by the env file',
    cause: 'nginx-old-tls',
    edits: {
      [NGINX]: listening('listen 443 ssl;\n    ssl_protocols ${NGINX_SSL_PROTOCOLS};'),
      [OVERRIDE]: having([
        'nginx',
        'NGINX_HTTPS_ENABLED: true\n      NGINX_SSL_PROTOCOLS: ${NGINX_SSL_PROTOCOLS:-TLSv1.1 TLSv1.2}',
      ]),
    },
    lines: ['+NGINX_SSL_PROTOCOLS=TLSv1.2 TLSv1.3'],
  },
  {
    what: 'a limit of bodies in one location',
    cause: 'upload-limit',
    edits: {
      [NGINX]: (text) => text.replace('location /api {', 'location /api {\n      client_max_body_size 2m;'),
      [OVERRIDE]: having(['api', "UPLOAD_FILE_SIZE_LIMIT: '10'"]),
    },
    // The other locations have nginx's own limit, which is written nowhere.
    lines: ['+    client_max_body_size 11M;', '+      client_max_body_size 11M;'],
  },
  {
    what: 'a limit of bodies by the env file',
    cause: 'upload-limit',
    edits: {
      [NGINX]: listening('client_max_body_size ${NGINX_CLIENT_MAX_BODY_SIZE};'),
      [OVERRIDE]: having(
        ['nginx', 'NGINX_CLIENT_MAX_BODY_SIZE: ${NGINX_CLIENT_MAX_BODY_SIZE:-15M}'],
        ['api', 'UPLOAD_FILE_SIZE_LIMIT: ${UPLOAD_FILE_SIZE_LIMIT:-100}'],
      ),
    },
    lines: ['+NGINX_CLIENT_MAX_BODY_SIZE=101M'],
  },
  {
    what: 'sessions in the database of the tasks',
    cause: 'redis-database-shared',
    edits: { [OVERRIDE]: having(['api', 'REDIS_DB: ${REDIS_DB:-1}'], ['worker', 'REDIS_DB: ${REDIS_DB:-1}']) },
    lines: ['+REDIS_DB=0'],
  },
  {
    what: 'a number that no env file gives',
    cause: 'redis-database-shared',
    edits: { [OVERRIDE]: having(['api', 'REDIS_DB: 1']) },
    byHand: /no service takes REDIS_DB from the env file/,
  },
])('$what: $cause', { timeout: 60_000 * slowness }, async ({ cause, edits, lines, byHand }) => {
  const stack = defectiveStack('release');
  const reads = mkdtempSync(path.join(os.tmpdir(), 'settings-fixes-test-'));
  made.push(stack, reads);
  for (const [file, edit] of Object.entries(edits)) {
    const at = path.join(stack, file);
    writeFileSync(at, edit(file === OVERRIDE ? '' : readFileSync(at, 'utf8')));
  }
  let count = 0;
  const reread = async (texts: ReadonlyMap<string, string>) =>
    readStack({ dir: stack, texts }, path.join(reads, String(count++)));
  const model = await reread(new Map());
  const policy = policyFor(undefined, []);
  const causes = lookAt(model, policy).causes.filter(({ id }) => id === cause);
  expect(causes).toHaveLength(1);
  // It is tried before it is given: a patch by which the cause stays, or another comes, is none.
  const planned = await planFixes(model, { policy, causes, reread, printable: () => true, tell: () => undefined });
  const [fix] = planned.fixes;
  expect(fix?.byHand.join('\n')).toMatch(byHand ?? /^$/);
  const added = (fix?.patch ?? '').split('\n').filter((line) => /^\+[^+]/.test(line));
  expect(added.filter((line) => lines?.includes(line))).toEqual(lines ?? []);
});

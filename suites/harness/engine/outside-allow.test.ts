import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { CountedAddress } from '../../../fixtures/testing/counted-address.ts';
import { run } from '../../../fixtures/testing/data-state.ts';

/** What the policy opens, on an engine: two servers at one address outside, of which one is opened. Needs an engine. */
let root: string;
let stack: string;
let opened: CountedAddress;
let shut: CountedAddress;

beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'outside-allow-'));
  stack = path.join(root, 'stack');
  mkdirSync(stack);
  const gateway = await run('network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}');
  opened = await CountedAddress.open('opened', gateway.trim());
  shut = await CountedAddress.open('shut', gateway.trim());
  const url = ({ host, port }: CountedAddress) => `http://${host}:${port}/`;
  const call = (variable: string) => `wget -q -T 2 -O /dev/null "$$${variable}"`;
  const services = {
    nginx: { image: 'nginx:1.28', restart: 'always', ports: ['80:80'] },
    caller: {
      image: 'busybox:1.36',
      restart: 'always',
      stop_grace_period: '1s',
      environment: { OPENED_URL: url(opened), SHUT_URL: url(shut), DB_HOST: gateway.trim(), DB_PORT: '6432' },
      command: ['sh', '-c', `${call('OPENED_URL')}; ${call('SHUT_URL')}; touch /tmp/both-tried; sleep infinity`],
      healthcheck: { test: ['CMD', 'test', '-f', '/tmp/both-tried'], interval: '1s', retries: 60 },
    },
  };
  writeFileSync(path.join(stack, 'docker-compose.yaml'), JSON.stringify({ services }));
});

afterAll(async () => {
  await opened?.[Symbol.asyncDispose]();
  await shut?.[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

const allow = (target: string) =>
  writeFileSync(path.join(stack, 'verify.yaml'), `# why: the licence server\noutside:\n  allow: ['${target}']\n`);

test('what is opened is reached, another port of the same host is not', { timeout: 300_000 }, async () => {
  allow(`${opened.host}:${opened.port}`);
  const report = path.join(root, 'report');
  const started = startVerify(['--stack', stack, '--only', 'health', '--report', report]);
  await started.ended;
  expect(started.output().stderr).toBe('');
  const { checks, notes } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
  expect(checks.find(({ id }) => id === 'health/boot')?.status).toBe('pass');
  expect(opened.knocks.length).toBeGreaterThan(0);
  expect(shut.knocks).toEqual([]);
  expect(notes).toContain(`caller: ${opened.host}:${opened.port} (OPENED_URL) is left open by the policy`);
});

test('a store is not opened, and nothing is started', async () => {
  allow(`${opened.host}:6432`);
  const started = startVerify(['--stack', stack, '--only', 'health', '--report', path.join(root, 'refused')]);
  expect(await started.ended).toBe(2);
  expect(started.output().stderr).toMatch(
    /verify\.yaml:3: outside\.allow names .*:6432, which is PostgreSQL: stores are never/,
  );
});

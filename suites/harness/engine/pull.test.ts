import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../../../fixtures/engine/cli.ts';
import { eventually, slowness } from '../../../fixtures/engine/eventually.ts';
import { ImageMissing, pullImages, type PullRule } from '../../../fixtures/setup/images/pull.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { REGISTRY_ERRORS, RegistryDouble } from '../../../fixtures/testing/registry-double.ts';

/** Needs an engine on this machine: it pulls from a registry of ours on loopback, which it takes without TLS. */
let registry: RegistryDouble;
const GIVEN = 'verify-test/given';
const NAMES = Object.keys(REGISTRY_ERRORS) as (keyof typeof REGISTRY_ERRORS)[];

beforeAll(async () => {
  registry = await RegistryDouble.start({
    [GIVEN]: 'gives',
    ...Object.fromEntries(NAMES.map((name) => [`verify-test/${name}`, REGISTRY_ERRORS[name]])),
  });
});

afterAll(async () => {
  await docker(['image', 'rm', registry.ref(GIVEN)]);
  await registry[Symbol.asyncDispose]();
});

/** What was asked of the registry and said by us meanwhile. */
async function pulled(rule: PullRule, repository = GIVEN) {
  const said: string[] = [];
  const before = registry.asked.length;
  const wanted = [{ ref: registry.ref(repository), services: ['web'] }];
  const options = { rule, progress: (line: string) => said.push(line), signal: new AbortController().signal };
  const outcome = await pullImages(wanted, options).catch((error: unknown) => error as Error);
  return { outcome, said, asked: registry.asked.slice(before) };
}

test('an image is pulled when it is missing, each time or never, and its digest is that of its registry', async () => {
  const digest = `${registry.ref(GIVEN).replace(/:1$/, '')}@${registry.digest(GIVEN)}`;
  const never = await pulled('never');
  expect(never.outcome).toBeInstanceOf(ImageMissing);
  expect((never.outcome as Error).message).toContain(`--pull is never: docker pull ${registry.ref(GIVEN)}`);
  expect(never.asked).toEqual([]);

  const missing = await pulled('missing');
  expect(missing.outcome).toEqual(new Map([[registry.ref(GIVEN), digest]]));
  expect(missing.said).toEqual([`pulling image 1 of 1: ${registry.ref(GIVEN)}`]);
  expect(missing.asked.length).toBeGreaterThan(0);

  for (const rule of ['missing', 'never'] as const)
    expect(await pulled(rule)).toEqual({ outcome: missing.outcome, said: [], asked: [] });
  const always = await pulled('always');
  expect(always.outcome).toEqual(missing.outcome);
  expect(always.asked.length).toBeGreaterThan(0);
});

test.for<[keyof typeof REGISTRY_ERRORS, RegExp]>([
  ['missing', /is not in its registry .*docker build --tag/],
  ['no-repository', /is not in its registry .*docker build --tag/],
  ['needs-login', /was refused by its registry .*: docker login 127\.0\.0\.1:\d+, then docker pull/],
  ['denied', /was refused by its registry .*: docker login 127\.0\.0\.1:\d+, then docker pull/],
  ['rate-limit', /allows no more pulls for now .*: wait, or docker login/],
  ['broken', /its registry was not reached .*docker save/],
])('what a registry says (%s) is told in one line', async ([name, words]) => {
  const { outcome } = await pulled('missing', `verify-test/${name}`);
  expect(outcome).toBeInstanceOf(ImageMissing);
  const { message } = outcome as Error;
  expect(message).toMatch(words);
  expect(message).toContain(`image ${registry.ref(`verify-test/${name}`)} (web) `);
  expect(message).not.toContain('\n');
});

test('a registry that nobody reaches, and a pull that is ended', async () => {
  await using gone = await RegistryDouble.start({});
  const ref = gone.ref('verify-test/x');
  await gone[Symbol.asyncDispose]();
  const cancel = new AbortController();
  const options = { rule: 'missing' as const, progress: () => undefined, signal: cancel.signal };
  await expect(pullImages([{ ref, services: ['web'] }], options)).rejects.toThrow(/its registry was not reached/);
  cancel.abort();
  await expect(pullImages([{ ref, services: ['web'] }], options)).rejects.toThrow(/abort/i);
});

test(
  'a run with pinned images that are not to be had ends with exit 2 and that line',
  async () => {
    const work = mkdtempSync(path.join(os.tmpdir(), 'pull-test-'));
    const dir = path.join(work, 'stack');
    mkdirSync(dir);
    try {
      const ref = registry.ref('verify-test/denied');
      const compose = `services: { web: { image: '${ref}', ports: ['80:80'] } }\n`;
      writeFileSync(path.join(dir, 'docker-compose.yaml'), compose);
      const args = ['--stack', dir, '--only', 'dns', '--images', 'pinned', '--report', path.join(work, 'report')];
      const run = startVerify(args);
      const { held } = await eventually(
        () => run.child.exitCode,
        (code) => code !== null,
        { withinMs: 60_000 },
      );
      expect(held).toBe(true);
      expect(await run.ended).toBe(2);
      const { stdout, stderr } = run.output();
      expect(stdout).toContain(`pulling image 1 of 1: ${ref}`);
      expect(stderr).toMatch(new RegExp(`^verify: image ${ref} \\(web\\) was refused by its registry .*\\n$`));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
  90_000 * slowness,
);

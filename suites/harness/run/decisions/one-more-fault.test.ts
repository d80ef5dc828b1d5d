import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configInputs, judgeConfig } from '../../../../fixtures/checks/config/judge.ts';
import { deriveContract } from '../../../../fixtures/checks/contract.ts';
import type { RecordedCheck } from '../../../../fixtures/checks/run-context.ts';
import { matchesAny } from '../../../../fixtures/checks/select.ts';
import { projectRoot } from '../../../../fixtures/engine/project-root.ts';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { parsePolicy, type Policy } from '../../../../fixtures/model/policy/policy.ts';
import { readStack } from '../../../../fixtures/model/read.ts';
import { configFaults } from '../../../../fixtures/mutation/config.ts';
import { FaultFiles, setIn, type Fault } from '../../../../fixtures/mutation/fault.ts';
import { causeFacts } from '../../../../fixtures/run/causes/facts.ts';
import { baselineOf } from '../../../../fixtures/run/decisions/baseline.ts';
import { decide, type Decided, type DecideOptions } from '../../../../fixtures/run/decisions/decide.ts';
import { withWaivers } from '../../../../fixtures/run/decisions/policy-text.ts';
import { counts } from '../../../../fixtures/run/reported-check.ts';

/**
 * A stack as people have them, with several defects that its operators accept by a baseline: one more fault of the catalogue
 * is red, with its own cause alone. The files are judged by the checks of `config` themselves.
 */
const TODAY = '2026-11-28';
const STACK = path.join(projectRoot, 'compose');

/** The defects of the stack: faults of the catalogue. */
const ACCEPTED = [
  'config-default-secret',
  'config-debugging-published',
  'config-health-check-removed',
  'config-stays-down',
  'config-data-outside-volume',
];

/** One upstream is looked up once; the fault of the catalogue, which is about another, is added below. */
const STATIC_UPSTREAM: Pick<Fault, 'edit'> = {
  edit: (files) =>
    files.replace(
      'nginx/conf.d/default.conf.template',
      /proxy_pass http:\/\/\$plugin_daemon;/,
      'proxy_pass http://plugin_daemon:5002;',
    ),
};

/** Defects of a kind that is accepted, but of another subject. */
const SAME_KIND: Pick<Fault, 'id' | 'edit' | 'expect'>[] = [
  {
    id: 'another default secret',
    edit: (files) => files.env('REDIS_PASSWORD', 'difyai123456'),
    expect: ['config/secret/default/redis:*'],
  },
  {
    id: 'another service without a health check',
    edit: (files) =>
      files.compose((doc) => {
        doc.deleteIn(['services', 'sandbox', 'healthcheck']);
        for (const service of ['api', 'worker', 'nginx'])
          if (doc.hasIn(['services', service, 'depends_on', 'sandbox']))
            setIn(doc, ['services', service, 'depends_on', 'sandbox'], { condition: 'service_started' });
      }),
    expect: ['config/health/sandbox/present'],
  },
  {
    id: 'another static upstream',
    edit: (files) =>
      files.replace('nginx/conf.d/default.conf.template', /proxy_pass http:\/\/\$web;/, 'proxy_pass http://web:3000;'),
    expect: ['config/nginx/nginx/re-resolved/web'],
  },
];

const folders: string[] = [];
afterAll(() => folders.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

/** A copy of the reference stack with faults, judged by `config`. */
async function judged(
  faults: readonly Pick<Fault, 'edit'>[],
): Promise<{ checks: RecordedCheck[]; options: DecideOptions }> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'one-more-fault-'));
  folders.push(root);
  const dir = path.join(root, 'stack');
  cpSync(STACK, dir, {
    recursive: true,
    filter: (entry) => path.relative(STACK, entry).split(path.sep)[0] !== 'images',
  });
  for (const { edit } of faults) edit(new FaultFiles(dir));
  const read = await readStack({ dir }, path.join(root, 'run'));
  const inputs = configInputs(read);
  const checks = deriveContract(read).config.checks.map((obligation): RecordedCheck => ({
    id: obligation.id,
    suite: 'config',
    title: obligation.title,
    level: obligation.level,
    durationMs: 0,
    ...judgeConfig(obligation, inputs),
  }));
  return {
    checks,
    options: { facts: causeFacts(read), strict: false, suites: ['config'], selected: false, today: TODAY },
  };
}

const red = ({ checks }: Decided) => checks.filter((check) => counts(check, false));
const redCauses = ({ checks, causes }: Decided) => [
  ...new Set(red({ checks } as Decided).map(({ id }) => causes.find((cause) => cause.checks.includes(id))?.id)),
];
const accepted = () => [...configFaults.filter(({ id }) => ACCEPTED.includes(id)), STATIC_UPSTREAM];

let policy: Policy;
beforeAll(async () => {
  const { checks, options } = await judged(accepted());
  const before = decide(checks, { file: null, ...parsePolicy('', 'v') }, options);
  const waivers = baselineOf(before.checks, { today: TODAY, strict: false });
  policy = { file: 'verify.yaml', ...parsePolicy(withWaivers(null, waivers, 's'), 'verify.yaml') };
  const causes = new Set(red(before).map(({ id }) => before.causes.find((cause) => cause.checks.includes(id))?.id));
  expect(new Set(waivers.map(({ cause, check }) => cause ?? check))).toEqual(causes);
}, 120_000 * slowness);

test('with its baseline the stack is green, and nothing is told', async () => {
  const { checks, options } = await judged(accepted());
  const seen = decide(checks, policy, options);
  expect(red(seen)).toEqual([]);
  expect(seen.waivers.map(({ state }) => state)).toEqual(policy.waivers.map(() => 'active'));
});

const more = [...configFaults.filter(({ id }) => !ACCEPTED.includes(id)), ...SAME_KIND];

test('there are at least twenty faults to add', () => {
  expect(more.length).toBeGreaterThanOrEqual(20);
});

test.concurrent.for(more.map((fault) => [fault.id, fault] as const))(
  'and %s is red, with its own cause alone',
  { timeout: 120_000 * slowness },
  async ([, fault], { expect: expectHere }) => {
    const { checks, options } = await judged([...accepted(), fault]);
    const alone = decide((await judged([fault])).checks, { file: null, ...parsePolicy('', 'v') }, options);
    const seen = decide(checks, policy, options);
    const ids = red(seen).map((check) => check.id);
    // What the fault makes red on a sound stack is red here, too: nothing of it is hidden by what was accepted.
    const own = red(alone).map((check) => check.id);
    const advises = own.length === 0;
    expectHere(ids).toEqual(advises ? [] : expectHere.arrayContaining(own));
    if (advises)
      expectHere(alone.checks.some((check) => check.status === 'fail' && matchesAny(fault.expect, check.id))).toBe(
        true,
      );
    else expectHere(redCauses(seen).slice(1)).toEqual([]);
  },
);

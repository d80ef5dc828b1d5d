import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { RUN_LABEL } from '../../../fixtures/engine/labels.ts';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { labelled } from '../../../fixtures/engine/removal.ts';
import { EngineGate } from '../../../fixtures/testing/engine-gate.ts';
import { smallStack, startVerify } from '../../../fixtures/testing/command.ts';

/** Needs an engine that is reached by a socket. A restart of the engine, as a run sees it, without touching the engine. */
let stack: string;
let work: string;

beforeAll(() => {
  stack = smallStack();
  work = mkdtempSync(path.join(os.tmpdir(), 'away-'));
});
afterAll(() => {
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

const SMALL = 'a small stack';
/** Of the whole reference stack; `VERIFY_AWAY_SUITES` (with commas) names more of them. */
const WHOLE = (process.env['VERIFY_AWAY_SUITES'] ?? 'failover').split(',');

/** `blink`: it is back before anybody ends, so that only what it left shows that it was away. */
const CASES: [name: string, of: string, suite: string, moment: RegExp, blink: boolean][] = [
  ['while it boots', SMALL, 'dns', /\d services\n/, false],
  ['when it is up', SMALL, 'dns', /up after/, false],
  ['when it is up, for a moment', SMALL, 'health', /up after/, true],
  ...WHOLE.map((suite): (typeof CASES)[number] => [`in ${suite}, for a moment`, 'compose', suite, /up after/, true]),
];

test.for(CASES)(
  'gone and back %s: exit code 2 with its reason, nothing left',
  { timeout: 400_000 },
  async ([name, of, suite, moment, blink]) => {
    const socket = path.join(work, `${name.length}.sock`);
    await using gate = new EngineGate(socket);
    const temporary = path.join(work, `tmp-${name.length}`);
    mkdirSync(temporary);
    const report = path.join(work, `report-${name.length}`);
    const args = ['--stack', of === SMALL ? stack : path.join(projectRoot, of), '--only', suite, '--report', report];
    const verify = startVerify(args, { DOCKER_HOST: `unix://${socket}`, TMPDIR: temporary });
    const begun = await eventually(
      () => verify.output().stdout,
      (text) => moment.test(text),
      { withinMs: 240_000, everyMs: 5 },
    );
    expect(begun.held).toBe(true);
    const project = /^verify-[0-9a-f]{8}/m.exec(readdirSync(temporary).join('\n'))?.[0] ?? '';
    const ours = async () => labelled('container', `${RUN_LABEL}=${project}`);
    // Something of the run is on the engine by now, or will be in a moment.
    const before = await eventually(ours, (found) => found.length > 0, { withinMs: 30_000, everyMs: 20 });
    expect(before.held).toBe(true);
    gate.cut();
    if (blink)
      await eventually(() => gate.refused > 0 || verify.child.exitCode !== null, Boolean, {
        withinMs: 30_000,
        everyMs: 5,
      });
    if (blink) gate.shut = false;
    const code = await verify.ended;
    gate.shut = false;
    const { stdout, stderr } = verify.output();
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stdout).not.toMatch(/^FAIL/m);
    // Whole, so that a second line is told when this fails.
    expect(stderr).toMatch(/^[^\n]*engine[^\n]*\n$/);
    expect(code).toBe(2);
    expect(existsSync(path.join(report, 'summary.json'))).toBe(false);
    const left = await eventually(ours, (found) => found.length === 0, { withinMs: 60_000 });
    expect(left.last).toEqual([]);
  },
);

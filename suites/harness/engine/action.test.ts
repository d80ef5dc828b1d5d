import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAction } from '../../../fixtures/testing/action-steps.ts';

let scratch: string;
beforeAll(() => void (scratch = mkdtempSync(path.join(os.tmpdir(), 'action-'))));
// Packages of a whole install: removing them takes a while on a busy disk.
afterAll(() => rmSync(scratch, { recursive: true, force: true }), 120_000);

test('the action in another repository: installed from a clone, images made ready, judged, saved for the next run, loaded by it', async () => {
  const clone = path.join(scratch, 'gate');
  await execa('git', ['clone', '--quiet', '--no-local', '.', clone]);
  const workspace = path.join(scratch, 'workspace');
  cpSync('compose', path.join(workspace, 'docker'), { recursive: true });
  const options = {
    action: path.join(clone, '.github/actions/verify'),
    workspace,
    temp: path.join(scratch, 'temp'),
    inputs: { directory: 'docker', checks: 'dns/api/*' },
  };
  const first = await runAction(options);
  expect(first).toMatchObject({ outputs: { verdict: 'pass', 'exit-code': '0' } });
  expect(first.steps).toMatchObject({
    'Install the gate': 0,
    'Make the machine ready': 0,
    Verify: 0,
    'Keep the images for the next run': 0,
  });
  expect(existsSync(path.join(options.temp, 'verify-images.tar'))).toBe(true);
  // The cache of GitHub gives the file back.
  const cached = { 'cache-hit': 'true', 'cache-primary-key': 'x' };
  const second = await runAction({ ...options, without: { 'Install the gate': {}, 'Images of earlier runs': cached } });
  expect(second).toMatchObject({ outputs: { verdict: 'pass' } });
  expect(second.log).toMatch(/\d+ images loaded from /);
  expect(Object.keys(second.steps)).not.toContain('Keep the images for the next run');
}, 900_000);

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';

/** The workflow of the repository: a key that is there twice makes the host refuse the whole file, and nothing runs. */
test('the workflow is valid YAML, and judges the stack even when the own tests are red', () => {
  const workflow = parseDocument(readFileSync('.github/workflows/verify.yml', 'utf8'));
  expect(workflow.errors.map(({ message }) => message)).toEqual([]);
  const steps = workflow.getIn(['jobs', 'verify', 'steps'], true) as { toJSON(): { run?: string; if?: string }[] };
  const step = (run: string) => steps.toJSON().find((one) => one.run === run);
  expect(step('npm test')?.if).toContain('!cancelled()');
  expect(step('npm run faults')?.if).toContain('schedule');
});

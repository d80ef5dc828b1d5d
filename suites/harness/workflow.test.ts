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
});

interface Job {
  if?: string;
  needs?: string;
  strategy?: { matrix: { shard: number[] } };
  steps: { run?: string }[];
}

test('the night runs the whole catalogue in shards, all of them, and puts them together', () => {
  const { jobs } = parseDocument(readFileSync('.github/workflows/verify.yml', 'utf8')).toJS() as {
    jobs: Record<string, Job>;
  };
  const [faults, together] = [jobs['faults'], jobs['faults-together']];
  const shards = faults?.strategy?.matrix.shard ?? [];
  expect(faults?.if).toContain('schedule');
  expect(shards).toEqual(shards.map((_, at) => at + 1));
  expect(faults?.steps.map(({ run }) => run)).toContain(
    `npm run faults -- --shard \${{ matrix.shard }}/${shards.length}`,
  );
  expect(together?.needs).toBe('faults');
  expect(together?.if).toContain('!cancelled()');
  expect(together?.steps.map(({ run }) => run)).toContain('npm run faults -- --merge shards');
});

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const FOLDER = '.github/workflows';
const ACTION = '.github/actions/verify/action.yml';
const workflows = readdirSync(FOLDER).map((name) => path.join(FOLDER, name));
const all = [...workflows, ACTION];

interface Job {
  permissions?: Record<string, string>;
  steps: { run?: string; if?: string; uses?: string }[];
}

const read = (file: string) =>
  parse(readFileSync(file, 'utf8')) as { permissions: Record<string, string>; jobs: Record<string, Job> };

/** By GitHub's own parser: a key that is there twice, or is none of its own, makes the host refuse the whole file. */
test.for(workflows)('%s is a workflow by the schema of GitHub', (name) => {
  const { context } = parseWorkflow({ name, content: readFileSync(name, 'utf8') }, new NoOperationTraceWriter());
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
});

test('the action is one by the schema of GitHub', () => {
  const { context } = parseAction(
    { name: ACTION, content: readFileSync(ACTION, 'utf8') },
    new NoOperationTraceWriter(),
  );
  expect(context.errors.getErrors().map(({ message }) => message)).toEqual([]);
});

test('the parser finds a key that is none', () => {
  const content = 'on: push\njobs: { a: { runs-on: x, stepss: [] } }\n';
  expect(parseWorkflow({ name: 'x', content }, new NoOperationTraceWriter()).context.errors.getErrors()).not.toEqual(
    [],
  );
});

test.for(all)('%s uses others by their commit, with the release beside it', (file) => {
  const uses = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => /^\s*(- )?uses:/.test(line));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses.filter((one) => !one.includes('uses: ./')))
    expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$/);
});

test.for(workflows)('%s may read the repository and nothing else', (file) => {
  const { permissions, jobs } = read(file);
  expect(permissions).toEqual({ contents: 'read' });
  for (const job of Object.values(jobs)) expect(job.permissions).toBeUndefined();
});

/** An input in the text of a script is a script that the caller's branch names write. */
test.for(all)('%s: no script holds an expression', (file) => {
  const scripts = Array.from(
    readFileSync(file, 'utf8').matchAll(/^\s*(?:- )?run: (.*(?:\n\s{8,}.*)*)/gm),
    ([, run = '']) => run.split(/\n\s*\w+:/)[0] ?? '',
  );
  for (const script of scripts) expect(script).not.toContain('${{');
});

test('the reusable workflow hands every input of its own to the action', () => {
  const { on } = parse(readFileSync(path.join(FOLDER, 'reusable.yml'), 'utf8')) as {
    on: { workflow_call: { inputs: object } };
  };
  const { inputs } = parse(readFileSync(ACTION, 'utf8')) as { inputs: object };
  const own = ['changed-only', 'runs-on', 'timeout-minutes'];
  expect(
    Object.keys(on.workflow_call.inputs)
      .filter((name) => !own.includes(name))
      .toSorted(),
  ).toEqual(Object.keys(inputs).toSorted());
  const { jobs } = read(path.join(FOLDER, 'reusable.yml'));
  const gate = jobs['verify']?.steps.at(-1) as { with: object } | undefined;
  expect(Object.keys(gate?.with ?? {}).toSorted()).toEqual(Object.keys(inputs).toSorted());
});

test('our own workflow judges the stack even when the own tests are red', () => {
  const steps = read(path.join(FOLDER, 'verify.yml')).jobs['verify']?.steps ?? [];
  const step = (run: string) => steps.find((one) => one.run === run);
  expect(step('npm test')?.if).toContain('!cancelled()');
  expect(step('npm run faults')?.if).toContain('schedule');
});

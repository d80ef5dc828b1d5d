import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const FOLDER = '.github/workflows';
const ACTION = '.github/actions/verify/action.yml';
const workflows = readdirSync(FOLDER).map((name) => path.join(FOLDER, name));
const EXAMPLE = 'examples/dify-compose.yml';
const all = [...workflows, ACTION];

interface Job {
  if?: string;
  needs?: string;
  permissions?: Record<string, string>;
  strategy?: { matrix: { shard?: number[] } };
  steps: { run?: string; if?: string; uses?: string; with?: Record<string, string> }[];
}

const read = (file: string) =>
  parse(readFileSync(file, 'utf8')) as { permissions: Record<string, string>; jobs: Record<string, Job> };

/** By GitHub's own parser: a key that is there twice, or is none of its own, makes the host refuse the whole file. */
test.for([...workflows, EXAMPLE])('%s is a workflow by the schema of GitHub', (name) => {
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

test.for([...workflows, EXAMPLE])('%s may read the repository and nothing else', (file) => {
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
  expect(steps.find((one) => one.run === 'npm test')?.if).toContain('!cancelled()');
});

test('the night runs the whole catalogue in shards, all of them, and puts them together', () => {
  const { jobs } = read(path.join(FOLDER, 'verify.yml'));
  const [faults, together] = [jobs['faults'], jobs['faults-together']];
  const shards = faults?.strategy?.matrix.shard ?? [];
  expect(faults?.if).toContain('schedule');
  expect(shards.length).toBeGreaterThan(1);
  expect(shards).toEqual(shards.map((_, at) => at + 1));
  expect(faults?.steps.map(({ run }) => run)).toContain(`npm run faults -- --shard "$SHARD/${shards.length}"`);
  expect(together?.needs).toBe('faults');
  expect(together?.if).toContain('!cancelled()');
  expect(together?.steps.map(({ run }) => run)).toContain('npm run faults -- --merge shards');
});

test('the night runs what takes too long for each push, each of it whatever became of the one before', () => {
  const { engine } = read(path.join(FOLDER, 'verify.yml')).jobs;
  expect(engine?.if).toContain('schedule');
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const long = ['npm run test:engine', 'npm run test:nightly', 'npm run faults -- --harmless --whole'];
  const steps = engine?.steps.filter(({ run }) => long.includes(run ?? '')) ?? [];
  expect(steps.map(({ run }) => run)).toEqual(long);
  for (const { run } of steps) expect(scripts).toHaveProperty([run?.split(' ')[2] ?? '']);
  for (const later of steps.slice(1)) expect(later.if).toContain('!cancelled()');
});

test('the night judges the pinned images, too, and draws a trend of each history that it keeps', () => {
  const { nightly } = read(path.join(FOLDER, 'verify.yml')).jobs;
  const runs = nightly?.steps.flatMap(({ run }) => run ?? []) ?? [];
  const written = runs.flatMap((run) => /^npm test .*--history (\S+)/.exec(run)?.[1] ?? []);
  expect(runs.some((run) => run.includes('--images pinned --history history/pinned.jsonl'))).toBe(true);
  expect(written).toHaveLength(2);
  for (const file of written) expect(runs).toContain(`npm run trend -- ${file}`);
  // No folder, no run: the gate makes none.
  expect(runs.indexOf('mkdir -p history')).toBeLessThan(runs.findIndex((run) => run.includes('--history')));
  const kept = nightly?.steps.filter(({ uses }) => uses?.startsWith('actions/cache/')) ?? [];
  expect(kept.map(({ with: given }) => [given?.['path'], given?.['key']])).toEqual([
    ['history', 'history-${{ github.run_id }}'],
    ['history', 'history-${{ github.run_id }}'],
  ]);
  // What a red run writes is kept and drawn like that of a green one.
  const after = nightly?.steps.slice(nightly.steps.findIndex(({ run }) => run?.includes('--history')) + 1) ?? [];
  for (const step of after) expect(step.if).toMatch(/!cancelled\(\)|^always\(\)$/);
});

test('the example hands over inputs that there are, and is what the README shows', () => {
  const { jobs } = read(EXAMPLE) as unknown as { jobs: Record<string, { uses: string; with: object }> };
  const { inputs } = parse(readFileSync(ACTION, 'utf8')) as { inputs: object };
  for (const { uses, with: given } of Object.values(jobs)) {
    expect(uses).toMatch(/\/\.github\/workflows\/reusable\.yml@COMMIT$/);
    expect([...Object.keys(inputs), 'changed-only']).toEqual(expect.arrayContaining(Object.keys(given)));
  }
  expect(readFileSync('README.md', 'utf8')).toContain(`\`\`\`\n${readFileSync(EXAMPLE, 'utf8')}\`\`\``);
});

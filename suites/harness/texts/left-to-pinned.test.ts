import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { shownPage } from '../../../fixtures/cli/explain/command.ts';
import { Pages } from '../../../fixtures/cli/explain/page.ts';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { CLASS_PATTERNS, classOf, type ClassPattern } from '../../../fixtures/texts/classes.ts';
import { LANGUAGES } from '../../../fixtures/texts/language.ts';

/** Which checks one set of images judges and the other does not; read off the sources, so that a new one cannot be forgotten. */
const CHECKS = path.join(projectRoot, 'fixtures/checks');
const sources = readdirSync(CHECKS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(CHECKS, name), 'utf8') }));

const like = (pattern: RegExp): ClassPattern[] => CLASS_PATTERNS.filter((each) => pattern.test(each));

/** Each function whose verdict may be left to a run with pinned images: the classes that it judges, null where it hands on. */
const JUDGES: Record<string, readonly ClassPattern[] | null> = {
  'routes/live-verdicts.ts#byOwner': like(/^routes\/(location|public|unlisted)\b.*\/owner$/),
  'routes/live-verdicts.ts#ownerVerdict': null,
  'routes/direct-verdict.ts#directVerdict': like(/^routes\/direct:/),
  'routes/through-verdict.ts#throughVerdict': like(/^routes\/through:/),
  'health/truth-verdicts.ts#ofOtherProgram': like(/\/truth\/(?!green)/),
  'datapath/step-verdicts.ts#notKnown': null,
  'datapath/step-verdicts.ts#stepVerdict': like(/\{step\?\}$/),
  'datapath/step-verdicts.ts#afterStep': null,
  'datapath/hop-verdicts.ts#after': null,
  'datapath/hop-verdicts.ts#tablesVerdict': null,
  'datapath/hop-verdicts.ts#databaseVerdict': ['datapath/hop/{service}-database'],
  'datapath/hop-verdicts.ts#secretVerdict': ['datapath/hop/{service}-secret-at-rest'],
  'datapath/hop-verdicts.ts#cacheVerdict': ['datapath/hop/{service}-cache'],
  'datapath/hop-verdicts.ts#brokerVerdict': ['datapath/hop/{service}-broker'],
  'datapath/hop-verdicts.ts#storageVerdict': ['datapath/hop/{service}-storage'],
  'datapath/hop-verdicts.ts#privateKeyVerdict': ['datapath/hop/{service}-private-key'],
  'datapath/hop-verdicts.ts#hopVerdict': ['datapath/hop/{service}-proxy-log'],
  'backup/outcome-verdicts.ts#judgeUse': ['backup/use/{use}'],
};

/** Functions of a file by name, bodies as prettier ends them. */
const functionsOf = (text: string): { called: string; body: string; exported: boolean }[] =>
  [...text.matchAll(/^(export )?(?:async )?function (\w+)[^]*?\n\}/gm)].map(([body, exported, called = '']) => ({
    called,
    body,
    exported: exported !== undefined,
  }));

/** `file#function` of each that calls `leftToPinned`, itself or by another one; names that are not exported are a file's own. */
function leaving(): string[] {
  const all = sources.flatMap(({ name, text }) => functionsOf(text).map((each) => ({ name, ...each })));
  const found = new Set<(typeof all)[number]>();
  const calls = (body: string, name: string) => new RegExp(`(?<!function )\\b${name}\\(`).test(body);
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const each of all) {
      const reached = [...found].filter(({ name, exported }) => exported || name === each.name);
      if (['leftToPinned', ...reached.map(({ called }) => called)].some((name) => calls(each.body, name)))
        found.add(each);
    }
  }
  return [...found].map(({ name, called }) => `${name}#${called}`);
}

test('every function that may leave a check to the pinned images is known, and with it the classes that say so', () => {
  expect(leaving().toSorted()).toEqual(Object.keys(JUDGES).toSorted());
  // Its words are written once, so that nobody leaves a check to the pinned images past that function.
  const worded = sources.filter(({ text }) => text.includes('--images pinned judges')).map(({ name }) => name);
  expect(worded).toEqual(['verdict.ts']);
  const judged = new Set(Object.values(JUDGES).flatMap((patterns) => patterns ?? []));
  expect(CLASS_PATTERNS.filter((pattern) => classOf(pattern).leftToPinned)).toEqual(
    CLASS_PATTERNS.filter((pattern) => judged.has(pattern)),
  );
  expect(Object.values(JUDGES).filter((patterns) => patterns?.length === 0)).toEqual([]);
});

test.for(LANGUAGES)('the page of such a check says so, and no other does (%s)', (language) => {
  const pages = new Pages(language);
  const told = CLASS_PATTERNS.filter((pattern) =>
    shownPage(pages.page({ kind: 'check', pattern })).includes('--images pinned'),
  );
  expect(told).toEqual(CLASS_PATTERNS.filter((pattern) => classOf(pattern).leftToPinned));
});

test('no check needs a stand-in: none asks which images run, but for how many requests a second they bear', () => {
  const asking = sources.filter(({ text }) => /\b(?:run|context|options)\.images\b|images === '/.test(text));
  expect(asking.map(({ name }) => name)).toEqual(['failover/session.ts']);
  // What nginx hands on is seen by servers of the run's own.
  const echoed = CLASS_PATTERNS.filter((pattern) => classOf(pattern).look === 'mirror');
  expect(echoed.length).toBeGreaterThan(10);
  expect(echoed.filter((pattern) => classOf(pattern).leftToPinned)).toEqual([]);
});

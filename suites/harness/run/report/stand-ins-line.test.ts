import { expect, test } from 'vitest';
import { standInsLine } from '../../../../fixtures/run/report/terminal.ts';
import type { Summary } from '../../../../fixtures/run/report/summary.ts';

type Image = Summary['images']['list'][number];
const image = (service: string, more: Partial<Image> = {}): Image => ({
  service,
  ref: `theirs/${service}:1`,
  used: `verify-${service}`,
  digest: '',
  is: 'stand-in',
  ...more,
});
const STAND_IN = image('api');
const GIVEN = image('web', { used: 'mine/web:2', is: 'given', given: true });
const PINNED = image('busybox', { is: 'pinned', used: 'theirs/busybox:1' });
const PLACEHOLDER = image('tidb', { is: 'placeholder', placeholder: true });

/** What a verdict does not say by itself: which of the programs that ran were the operators' own. */
test.for<[string, Image[], string[]]>([
  [
    'stand-ins alone',
    [STAND_IN, image('db')],
    ['stand-ins for 2 of 2 services; your images were not run (--images pinned runs them)'],
  ],
  ['an image that a policy gives', [STAND_IN, GIVEN], ['stand-ins for 1 of 2 services']],
  ['one that runs as pinned', [STAND_IN, PINNED], ['stand-ins for 1 of 2 services']],
  ['a placeholder', [STAND_IN, PLACEHOLDER], ['stand-ins for 1 of 2 services', 'tidb']],
  ['all of them', [STAND_IN, GIVEN, PINNED, PLACEHOLDER], ['stand-ins for 1 of 4 services', 'tidb']],
  ['placeholders alone', [PLACEHOLDER], ['stand-ins for 0 of 1 services', 'tidb']],
  ['given images alone', [GIVEN], ['stand-ins for 0 of 1 services']],
  ['a run that knows of no image', [], []],
])('%s', ([, list, said]) => {
  const lines = standInsLine({ set: 'standin', list });
  expect(lines).toHaveLength(said.length);
  for (const [at, words] of said.entries()) expect(lines[at]).toContain(words);
});

test('pinned images are the operators’ own; in Chinese the numbers are the same', () => {
  expect(standInsLine({ set: 'pinned', list: [PINNED, GIVEN] })).toEqual([]);
  expect(standInsLine({ set: 'standin', list: [STAND_IN, GIVEN] }, 'zh').join('')).toMatch(/[12].*[12]/);
});

test('a stand-in beside pinned images is named, whatever the language', () => {
  const list = [PINNED, STAND_IN, GIVEN];
  expect(standInsLine({ set: 'pinned', list })).toEqual([
    'stand-ins for 1 of 3 services: api; of these, your images were not run',
  ]);
  expect(standInsLine({ set: 'pinned', list }, 'zh').join('')).toMatch(/3.*1.*api/);
});

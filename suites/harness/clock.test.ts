import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ageMs, FirstLooks } from '../../fixtures/engine/since.ts';

/** A machine's clock jumps (NTP, a resumed virtual machine): nothing that lasts is measured by it. */

/** Where the machine's time is asked for, and for what that is no duration. */
const ASKED: Record<string, string> = {
  'fixtures/checks/failover/session.ts': 'the engine is asked for the log since then; a name',
  'fixtures/checks/isolation/proxy.ts': 'the log of the proxy since then, by its own stamps',
  'fixtures/checks/guide/parse.ts': 'the engine is asked for the log since then',
  'fixtures/checks/backup/session.ts': 'how long keys had to live at one moment, which Redis tells by the same clock',
  'fixtures/checks/datapath/steps-dataset.ts': 'a signature that is good for a time',
  'fixtures/checks/datapath/observed.ts': 'the log of the proxy since then, by its own stamps',
  'fixtures/checks/routes/live.ts': 'the log of nginx since then, by its own stamps',
  'fixtures/checks/routes/mirror.ts': 'a name',
  'fixtures/stack/observe.ts': 'when the engine says that something was, held within what a steady clock saw',
  'fixtures/stack/as-made.ts': 'the time of day of a kept copy',
  'fixtures/stack/authority.ts': 'from when until when a certificate is good',
  'fixtures/checks/config/certificate-files.ts': 'today, for the days of certificates',
  'fixtures/cli/policy.ts': 'today, for the days of waivers',
  'fixtures/run/decisions/of-run.ts': 'today, for the days of waivers',
  'fixtures/run/decisions/decide.ts': 'today, for the days of waivers',
  'fixtures/data/snapshot/redis.ts': 'how long keys have to live, which Redis tells by the same clock',
  'fixtures/engine/since.ts': 'the age of what the engine stamped, never more than a steady clock allows',
  'fixtures/run/report/evidence.ts': 'the engine is asked for its events until then',
  'fixtures/run/run.ts': 'the engine is asked for its events since then',
  'fixtures/setup/images/prune.ts': 'how many days an image is old',
  'fixtures/testing/production.ts': 'how long keys had to live at one moment, which Redis tells by the same clock',
};

/** `Date.now()` and `new Date()`, which asks the same clock, outside of comments. */
const CLOCK = /\bDate\.now\b|\bnew Date\(\)\.(?:getTime|valueOf)|\+new Date\(\)/;
const LINE_COMMENT = /^\s*(?:\/\/|\*|\/\*)/;

function askingIn(text: string): boolean {
  return text.split('\n').some((line) => !LINE_COMMENT.test(line) && CLOCK.test(line));
}

test('the time of the machine is asked for where it is meant, and measures nothing', () => {
  const files = ['fixtures', 'scripts'].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => path.join(top, name)),
  );
  const asking = files.filter((file) => /\.(?:ts|mjs)$/.test(file) && askingIn(readFileSync(file, 'utf8')));
  expect(asking.toSorted()).toEqual(Object.keys(ASKED).toSorted());
  expect(askingIn('const took = Date.now() - began;')).toBe(true);
});

describe('for how long', () => {
  test('something was seen, counted from the first look', () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
    vi.spyOn(Date, 'now').mockReturnValueOnce(5e12).mockReturnValueOnce(1);
    const looks = new FirstLooks();
    expect(looks.sinceMs('one life')).toBe(0);
    now.mockReturnValue(4_000);
    expect([looks.sinceMs('one life'), looks.sinceMs('another')]).toEqual([3_000, 0]);
    vi.restoreAllMocks();
  });

  const START = Date.parse('2026-11-29T12:00:00Z');
  const HOUR = 3_600_000;
  test.each<[string, number, number, number]>([
    ['no jump', START + 5_000, START + 5_000, 5_000],
    ['the clock was put forward since', START + HOUR + 5_000, START + 5_000, 5_000],
    ['the clock was put back since', START - HOUR + 5_000, START + 5_000, 0],
    ['it was put forward before the start', START + 5_000, START - HOUR + 5_000, 0],
    ['it was put back before the start', START + 5_000, START + HOUR + 5_000, 5_000],
  ])('since the start of a container: %s', (_, wall, steady, age) => {
    expect(ageMs('2026-11-29T12:00:00Z', { wall, steady })).toBe(age);
  });
});

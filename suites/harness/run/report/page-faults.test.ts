import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BRING_CHROMIUM, chromiumPath, startBrowser } from '../../../../fixtures/checks/browser/chromium.ts';
import { matchesAny } from '../../../../fixtures/checks/select.ts';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { catalogue } from '../../../../fixtures/mutation/catalogue.ts';
import { SUITES } from '../../../../fixtures/run/options.ts';
import { shownCauses } from '../../../../fixtures/run/report/causes.ts';
import { figureWord } from '../../../../fixtures/run/report/html/figures.ts';
import { readSummary } from '../../../../fixtures/run/report/read-summary.ts';
import { causeTitleIn } from '../../../../fixtures/run/report/translated.ts';
import { openFile } from '../../../../fixtures/testing/browser.ts';
import { recordedPage, RECORDED_FAULTS } from '../../../../fixtures/testing/recorded-report.ts';

const WIDTHS = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const folder = mkdtempSync(path.join(os.tmpdir(), 'page-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The catalogue's fault, the page of its recorded run, and what that run found. */
const recorded = (id: string): Recorded => {
  const before = known.get(id) ?? readRecorded(id);
  known.set(id, before);
  return before;
};
const known = new Map<string, Recorded>();
type Recorded = ReturnType<typeof readRecorded>;

function readRecorded(id: string) {
  const fault = catalogue.find((one) => one.id === id);
  const name = RECORDED_FAULTS.find((one) => one === id);
  if (!fault || !name) throw new Error(`the catalogue has no fault ${id}, or no run of it is recorded`);
  const file = recordedPage(name, folder);
  const summary = readSummary(path.dirname(file));
  return { fault, file, summary, causes: shownCauses(summary, false) };
}

describe('runs of the reference stack with a fault in it, as they were recorded', () => {
  test.for(RECORDED_FAULTS)('%s is told first under the cause of the catalogue', (id) => {
    const { fault, summary } = recorded(id);
    expect(matchesAny([fault.cause], summary.causes[0]?.id ?? 'none')).toBe(true);
    const red = summary.checks.filter(({ status }) => status === 'fail').map((check) => check.id);
    expect(fault.expect.filter((glob) => !red.some((one) => matchesAny([glob], one)))).toEqual([]);
  });

  test('every figure that they measured has a word on the page', () => {
    const figures = RECORDED_FAULTS.flatMap((id) =>
      recorded(id).summary.checks.flatMap(({ measured }) => Object.keys(measured ?? {})),
    );
    expect(figures.length).toBeGreaterThan(0);
    expect([...new Set(figures)].filter((figure) => figureWord(figure) === null)).toEqual([]);
  });

  test('each suite has one, and two cascade: what is red or blocked behind one cause is of several suites or services', () => {
    const ran = new Set(RECORDED_FAULTS.flatMap((id) => recorded(id).fault.only));
    expect(SUITES.filter((suite) => !ran.has(suite))).toEqual([]);
    const cascades = RECORDED_FAULTS.filter((id) => {
      const [cause] = recorded(id).summary.causes;
      const suites = new Set(cause?.checks.map((check) => check.split('/')[0]));
      return suites.size > 1 || (cause?.blocked ?? 0) > 0;
    });
    expect(cascades.length).toBeGreaterThanOrEqual(2);
  });
});

const there = chromiumPath() !== null;
describe.skipIf(!there)(`the first screen in Chromium (${there ? 'here' : BRING_CHROMIUM})`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000 * slowness);
  afterAll(async () => {
    await (browser as Browser | undefined)?.close();
  });

  test.for(RECORDED_FAULTS)(
    'of %s has the verdict and the sentence of its cause',
    { timeout: 120_000 * slowness },
    async (id) => {
      const { file, summary, causes } = recorded(id);
      const [shown] = causes.toFix.length > 0 ? causes.toFix : causes.advised;
      if (!shown) throw new Error('the run told no cause');
      for (const [width, size] of Object.entries(WIDTHS)) {
        const { page } = await openFile(browser, file, size);
        for (const language of ['en', 'zh'] as const) {
          await page.click(`button[data-lang=${language}]`);
          const endOf = async (places: ReturnType<typeof page.locator>): Promise<number> => {
            const boxes = await Promise.all((await places.all()).map(async (place) => place.boundingBox()));
            return Math.min(...boxes.flatMap((box) => (box === null ? [] : [box.y + box.height])));
          };
          const title = causeTitleIn(shown.cause, shown.first, language);
          const ends = {
            verdict: await endOf(page.locator('.badge').locator('visible=true')),
            cause: await endOf(page.getByText(title, { exact: false }).locator('visible=true')),
          };
          const below = Object.entries(ends).filter(([, end]) => end > size.height);
          expect([id, width, language, summary.verdict, below]).toEqual([id, width, language, 'fail', []]);
        }
        await page.context().close();
      }
    },
  );
});

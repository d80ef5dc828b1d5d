import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { readStack } from '../../../../fixtures/model/read.ts';
import { reportPage } from '../../../../fixtures/run/report/html/page.ts';
import { BRING_CHROMIUM, chromiumPath, startBrowser } from '../../../../fixtures/checks/browser/chromium.ts';
import { openFile } from '../../../../fixtures/testing/browser.ts';
import { checkOf, summaryOf } from '../../../../fixtures/testing/summary-of.ts';
import {
  syntheticRecords,
  syntheticSummary,
  withManyServices,
} from '../../../../fixtures/testing/synthetic-summary.ts';

const HOSTILE = `"><img src=x onerror=alert(1)>'</script><script>alert(2)</script>`;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const folder = mkdtempSync(path.join(os.tmpdir(), 'page-browser-'));
/** Read once: a folder takes one reading. */
const reference = readStack({ dir: 'compose' }, folder);
let browser: Browser;

const RED = {
  'dns/api/environment/DB_HOST': 'expected a connection to db:5432; nobody answers to the name',
  'isolation/sandbox/denied/db:5432': 'expected no connection; db:5432 took one',
  'health/redis/truth/*': 'expected red while it was frozen; it was green',
};

/** A stack as most are, one of a hundred services, one whose names mean harm, and one that is sound. */
const pages: Record<string, () => Promise<string>> = {
  red: async () => {
    const model = await reference;
    return reportPage(syntheticSummary(model, { red: RED }).summary, {
      records: syntheticRecords(),
      evidence: ['db-1.log'],
    });
  },
  hundred: async () => {
    const model = withManyServices(await reference, 100);
    const { summary } = syntheticSummary(model, {
      red: { 'dns/tool-3/environment/UPSTREAM_0_URL': 'it is not found' },
    });
    return reportPage(summary, { records: syntheticRecords(), evidence: [] });
  },
  hostile: async () => {
    const told = { title: HOSTILE, message: HOSTILE, hint: HOSTILE, why: HOSTILE, reference: HOSTILE };
    const summary = summaryOf([checkOf(`dns/${HOSTILE}`, 'fail', told)], { notes: [HOSTILE] });
    return reportPage(summary, { records: syntheticRecords(), evidence: [`${HOSTILE}.log`] });
  },
  sound: async () => {
    const model = await reference;
    return reportPage(syntheticSummary(model).summary, { records: { failover: [], amounts: null }, evidence: [] });
  },
};

const WIDTHS = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

const there = chromiumPath() !== null;

describe.skipIf(!there)(
  `the page in Chromium (${there ? 'here' : BRING_CHROMIUM})`,
  { timeout: 120_000 * slowness },
  () => {
    beforeAll(async () => {
      for (const [name, make] of Object.entries(pages)) writeFileSync(fileOf(name), await make());
      browser = await startBrowser();
    }, 120_000 * slowness);
    afterAll(async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Both languages, themes and widths, for every page. */
    const ways = [
      ['desk', 'en', 'light'],
      ['desk', 'zh', 'dark'],
      ['phone', 'en', 'dark'],
      ['phone', 'zh', 'light'],
    ] as const;
    const kinds = Object.keys(pages).flatMap((name) => ways.map((way) => [name, ...way] as const));
    test.for(kinds)('%s at a %s, %s, %s: nothing complains, nothing is asked for, nothing sticks out', async (kind) => {
      const [name, width, language, theme] = kind;
      const { page, complaints, asked } = await openFile(browser, fileOf(name), {
        ...WIDTHS[width],
        dark: theme === 'dark',
      });
      await page.click(`button[data-lang=${language}]`);
      expect(await page.evaluate('document.documentElement.lang')).toBe(language);
      expect(await widerThanScreen(page)).toEqual([]);
      expect([complaints, asked]).toEqual([[], []]);
      await page.context().close();
    });

    test.for(ways)('at a %s, %s, %s: axe finds nothing serious', async ([width, language, theme]) => {
      const { page } = await openFile(browser, fileOf('red'), { ...WIDTHS[width], dark: theme === 'dark' });
      await page.click(`button[data-lang=${language}]`);
      // What is folded is read, too.
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
      expect(await axeFindings(page)).toEqual([]);
      await page.context().close();
    });

    test('one language is shown at a time, and the theme can be chosen against that of the system', async () => {
      const { page } = await openFile(browser, fileOf('red'), WIDTHS.desk);
      const heading = page.locator('#h-causes');
      expect(await heading.innerText()).toBe('Causes and their fix');
      await page.click('button[data-lang=zh]');
      expect(await heading.innerText()).toBe('原因与修复');
      expect(await page.title()).toContain('的验证');
      const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await ground();
      await page.click('button[data-theme=dark]');
      expect(await ground()).not.toBe(light);
      await page.reload();
      expect([await heading.innerText(), (await ground()) === light]).toEqual(['原因与修复', false]);
      await page.context().close();
    });

    test('the filter shows what it is asked for, and a link to a check that it hides shows it again', async () => {
      const { page } = await openFile(browser, fileOf('red'), WIDTHS.desk);
      const shown = () => page.locator('tr[data-s]:visible').count();
      const all = await shown();
      await page.uncheck('#filter input[value=pass]');
      const red = await shown();
      expect(red).toBeGreaterThan(1);
      expect(red).toBeLessThan(all);
      expect(await page.locator('#number').innerText()).toBe(String(red));
      await page.check('#filter input[value=pass]');
      await page.fill('#words', 'sandbox denied');
      const found = await shown();
      expect(found).toBeGreaterThan(0);
      expect(found).toBeLessThan(all);
      const id = 'check-dns/api/environment/DB_HOST';
      await page.evaluate(`location.hash = '#${id}'`);
      await expect.poll(() => page.locator(`[id="${id}"]`).isVisible()).toBe(true);
      await page.context().close();
    });

    test('what is hostile stays text', async () => {
      const { page } = await openFile(browser, fileOf('hostile'), WIDTHS.desk);
      expect(await page.evaluate(`document.querySelectorAll('img, [onerror]').length`)).toBe(0);
      expect(await page.evaluate('document.scripts.length')).toBe(1);
      expect(await page.locator('#causes').innerText()).toContain(HOSTILE);
      await page.context().close();
    });

    test('everything but the switches can be read without its script', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`file://${fileOf('red')}`);
      expect(await page.locator('#filter').isVisible()).toBe(false);
      expect(await page.locator('#causes article').first().isVisible()).toBe(true);
      expect(await page.locator('tr[data-s]').first().isVisible()).toBe(true);
      await context.close();
    });

    // By the same browser at the same moment: a limit in seconds would judge the machine. A page that does for each of its rows
    // something with all of them takes as many times longer for an element as there are more elements.
    test('an element of a large report takes no longer to draw than one of a small report', async () => {
      const costs: Record<'red' | 'hundred', Drawn[]> = { red: [], hundred: [] };
      for (let turn = 0; turn < TURNS; turn++)
        for (const name of ['red', 'hundred'] as const) costs[name].push(await drawn(browser, fileOf(name)));
      const [small, large] = [least(costs.red), least(costs.hundred)];
      const larger = large.elements / small.elements;
      expect(larger).toBeGreaterThan(3 * MOST_DEARER);
      expect(large.seconds / small.seconds / larger).toBeLessThan(MOST_DEARER);
    });

    test('it prints light and without switches, whatever the theme', async () => {
      const { page } = await openFile(browser, fileOf('red'), { ...WIDTHS.desk, dark: true });
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('.tools').isVisible()).toBe(false);
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
      await page.context().close();
    });
  },
);

/** Each page is drawn so often, in turns, and its least time counts: whatever else the machine does only adds to it. */
const TURNS = 3;
/** What is drawn in time with its size is at about 1; what grows with its square is at how many times larger it is. */
const MOST_DEARER = 1.8;

interface Drawn {
  elements: number;
  /** Of the page's own thread: the time that other processes take is none of its. */
  seconds: number;
}

async function drawn(browser: Browser, file: string): Promise<Drawn> {
  const context = await browser.newContext({ viewport: WIDTHS.desk });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(`file://${file}`);
  const elements = await page.evaluate<number>(`document.body.offsetHeight && document.querySelectorAll('*').length`);
  const { metrics } = await session.send('Performance.getMetrics');
  await context.close();
  const took = (metric: string) => metrics.find((one) => one.name === metric)?.value ?? Infinity;
  return { elements, seconds: took('LayoutDuration') + took('RecalcStyleDuration') + took('ScriptDuration') };
}

const least = (drawings: readonly Drawn[]): Drawn =>
  drawings.reduce((best, one) => (one.seconds < best.seconds ? one : best));

function fileOf(name: string): string {
  return path.join(folder, `${name}.html`);
}

/** Rules of axe that are broken gravely, with the first element that breaks them. */
async function axeFindings(page: Page): Promise<string[]> {
  // The policy of the page lets nothing in; a debugger may.
  await page.evaluate(AXE);
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ' (' + nodes.length + '): ' + nodes[0].html.slice(0, 200)))`);
}

/** What makes the page itself wider than the screen; empty: it is not. */
async function widerThanScreen(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('main *, header *')]
      .filter((one) => one.closest('.scroll') === null && one.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 3)
      .map((one) => one.outerHTML.slice(0, 120));
  })()`);
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { readStack } from '../../../../fixtures/model/read.ts';
import { catalogue } from '../../../../fixtures/mutation/catalogue.ts';
import { causeTitleIn } from '../../../../fixtures/run/report/translated.ts';
import { reportPage } from '../../../../fixtures/run/report/html/page.ts';
import { BRING_CHROMIUM, chromiumPath, startBrowser } from '../../../../fixtures/checks/browser/chromium.ts';
import { openFile } from '../../../../fixtures/testing/browser.ts';
import { syntheticRecords, syntheticSummary } from '../../../../fixtures/testing/synthetic-summary.ts';

/** One a suite, and two that cascade; the checks that each turns red are the catalogue's. */
const FAULTS = [
  'config-network-nginx-shut-in',
  'dns-renamed-host',
  'routes-buffered-stream',
  'health-pg-isready',
  'isolation-squid-allows-private',
  'datapath-sandbox-key',
  'failover-restart-policy-missing',
  'guide-database-socket-peer',
  'backup-postgres-in-memory',
  'health-api-never',
  'isolation-sandbox-on-default',
];

const WIDTHS = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const folder = mkdtempSync(path.join(os.tmpdir(), 'page-faults-'));
const reference = readStack({ dir: 'compose' }, folder);
const there = chromiumPath() !== null;
let browser: Browser;

describe.skipIf(!there)(`the first screen in Chromium (${there ? 'here' : BRING_CHROMIUM})`, () => {
  beforeAll(async () => {
    browser = await startBrowser();
  }, 60_000 * slowness);
  afterAll(async () => {
    await (browser as Browser | undefined)?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.for(FAULTS)('of %s names its cause and its verdict', { timeout: 120_000 * slowness }, async (id) => {
    const fault = catalogue.find((one) => one.id === id);
    if (!fault) throw new Error(`the catalogue has no fault ${id}`);
    // What runs shows these causes by what is seen; where a rule knows them by the check, it is not told.
    const found = { message: 'as the catalogue says of this fault', cause: fault.cause };
    const red = Object.fromEntries(
      fault.expect.map((glob) => [glob, id.startsWith('datapath') ? found : found.message]),
    );
    const { summary, causes } = syntheticSummary(await reference, { red });
    const [cause] = causes;
    expect([summary.verdict, cause?.id]).toEqual(['fail', fault.cause]);
    const file = path.join(folder, `${id}.html`);
    writeFileSync(file, reportPage(summary, { records: syntheticRecords(), evidence: [] }));
    for (const [width, size] of Object.entries(WIDTHS))
      for (const language of ['en', 'zh'] as const) {
        const { page } = await openFile(browser, file, size);
        await page.click(`button[data-lang=${language}]`);
        const first = summary.checks.find((check) => check.id === cause?.checks[0]);
        const title = cause ? causeTitleIn(cause, first, language) : '';
        const places = await page.getByText(title, { exact: false }).locator('visible=true').all();
        const ends = await Promise.all(places.map(async (place) => place.boundingBox()));
        const end = Math.min(...ends.flatMap((box) => (box === null ? [] : [box.y + box.height])));
        expect([id, width, language, end <= size.height]).toEqual([id, width, language, true]);
        const badge = await page.locator('.badge').boundingBox();
        expect((badge?.y ?? Infinity) + (badge?.height ?? 0)).toBeLessThan(size.height);
        await page.context().close();
      }
  });
});

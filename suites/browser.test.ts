import { inject } from 'vitest';
import { pagesSeen } from '../fixtures/checks/browser/observe.ts';
import {
  cookiesVerdict,
  loadsVerdict,
  ownOriginVerdict,
  redirectsVerdict,
} from '../fixtures/checks/browser/verdicts.ts';
import { checks } from '../fixtures/checks/checks.ts';

/**
 * The pages that people open first, in a Chromium that reaches the gateway of this stack and nothing else. What a page asks of other
 * hosts is recorded and never sent.
 */
const { browser } = inject('run').contract;

checks(browser.loads, async (page, { stack }) => loadsVerdict(page, await pagesSeen(stack)));
checks(browser.ownOrigin, async (page, { stack }) => ownOriginVerdict(page, await pagesSeen(stack)));
checks(browser.redirects, async (page, { stack }) => redirectsVerdict(page, await pagesSeen(stack)));
checks(browser.cookies, async (page, { stack }) => cookiesVerdict(page, await pagesSeen(stack)));

import {
  cookiesVerdict,
  loadsVerdict,
  ownOriginVerdict,
  redirectsVerdict,
} from '../../../../fixtures/checks/browser/verdicts.ts';
import { asked, document, pageAt, seenOf } from '../browser/samples.ts';
import type { Rows } from './row.ts';

const page = pageAt();
const unanswered = seenOf([document({ status: null, error: 'net::ERR_CONNECTION_REFUSED' })]);

/** Empty: the page was not opened. Partial: nothing answered. Control: there is no browser to look with. */
export const browserRows: Rows = {
  'browser/verdicts.ts#loadsVerdict': {
    empty: () => loadsVerdict(page, new Map()),
    partial: () => loadsVerdict(page, unanswered),
    control: () => loadsVerdict(page, null),
  },
  'browser/verdicts.ts#ownOriginVerdict': {
    empty: () => ownOriginVerdict(page, seenOf([])),
    partial: () => ownOriginVerdict(page, unanswered),
    control: () => ownOriginVerdict(page, null),
  },
  'browser/verdicts.ts#redirectsVerdict': {
    empty: () => redirectsVerdict(page, seenOf([])),
    partial: () => redirectsVerdict(page, unanswered),
    control: () => redirectsVerdict(page, null),
  },
  'browser/verdicts.ts#cookiesVerdict': {
    empty: () => cookiesVerdict(page, seenOf([asked('http://other/')])),
    partial: () => cookiesVerdict(page, unanswered),
    control: () => cookiesVerdict(page, null),
  },
};

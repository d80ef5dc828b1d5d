/** `npm run compare -- A/summary.json B/summary.json`: what two runs say of the same checks. */
export { main } from '../fixtures/cli/compare.ts';

/** `npm run clean -- verify-xxxxxxxx …`. */
export { main } from '../fixtures/cli/clean.ts';

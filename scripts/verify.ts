/** `npm test` and `npm run verify -- [options]`. */
export { main } from '../fixtures/cli/verify.ts';

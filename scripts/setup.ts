/** `npm run setup`. */
export { main } from '../fixtures/cli/setup.ts';

/** `npm run corpus -- --list FILE`. */
export { main } from '../fixtures/testing/corpus/command.ts';

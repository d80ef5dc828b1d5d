/** `npm run bench -- …`. */
export { main } from '../fixtures/testing/bench/bench.ts';

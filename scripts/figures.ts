/** `npm run figures -- …`. */
export { main } from '../fixtures/testing/figures/command.ts';

/** `npm run releases -- …`. */
export { main } from '../fixtures/cli/releases.ts';

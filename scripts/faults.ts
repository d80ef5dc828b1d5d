/** `npm run faults -- …`. */
export { main } from '../fixtures/cli/faults.ts';

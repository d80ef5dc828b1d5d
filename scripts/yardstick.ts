/** `npm run yardstick -- …`. */
export { main } from '../fixtures/testing/yardstick/command.ts';

/** `npm run screenshots`: the pictures of the README, drawn by Chromium. */
export { main } from '../fixtures/testing/screenshots.ts';

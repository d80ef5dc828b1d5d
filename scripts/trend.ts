/** `npm run trend -- FILE`: how the figures of the runs in a history went, and what grows. */
export { main } from '../fixtures/cli/trend.ts';

/** `npm run restore -- --from DIR --project P …`. */
export { main } from '../fixtures/cli/restore.ts';

/** `npm run backup -- --project P --to DIR`. */
export { main } from '../fixtures/cli/backup.ts';

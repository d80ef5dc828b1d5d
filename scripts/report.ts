/** `npm run report -- --from DIR`: index.html of a run again, from its summary and evidence. */
export { main } from '../fixtures/cli/report.ts';

import type { Database } from '../../../shared/src/postgres.ts';
import { datasetsInPostgres } from './datasets-postgres.ts';
import { documentsInPostgres } from './documents-postgres.ts';
import type { KnowledgeStores } from './knowledge.ts';
import { segmentsInPostgres } from './segments-postgres.ts';
import { uploadsInPostgres } from './uploads-postgres.ts';

/** All that is kept of datasets, but for the way to the worker. */
export function knowledgeInPostgres(database: Database): Omit<KnowledgeStores, 'tasks'> {
  return {
    uploads: uploadsInPostgres(database),
    datasets: datasetsInPostgres(database),
    documents: documentsInPostgres(database),
    segments: segmentsInPostgres(database),
  };
}

import { log } from '../../../shared/src/log.ts';
import type { Database } from '../../../shared/src/postgres.ts';
import { indexAgain, indexDocuments, type IndexingStores } from './indexing.ts';
import type { Task } from './message.ts';

export interface TaskContext {
  database: Database;
  stores: IndexingStores;
}

/** What a task does. Its result is kept when the sender asked for it; an error makes the task a failed one. */
export type TaskFunction = (task: Task, context: TaskContext) => Promise<unknown>;

const embeddingsKeptDays = 30;

/** Indexes new documents: arguments are the dataset's id and a list of theirs. */
export const indexingTask = 'tasks.document_indexing_task.document_indexing_task';
/** The same for documents that are made anew under their old name. */
export const indexingAgainTask = 'tasks.duplicate_document_indexing_task.duplicate_document_indexing_task';

/** The tasks that the worker knows, by the names of Dify 1.5. */
export const tasks: Readonly<Record<string, TaskFunction>> = {
  [indexingTask]: (task, { stores }) => indexDocuments(stores, ...documentsOf(task)),
  [indexingAgainTask]: (task, { stores }) => indexAgain(stores, ...documentsOf(task)),
  // Without a mail server Dify's mail tasks do nothing and succeed.
  'tasks.mail_reset_password_task.send_reset_password_mail_task': async () => null,
  'tasks.mail_email_code_login.send_email_code_login_mail_task': async () => null,
  'tasks.mail_invite_member_task.send_invite_member_mail_task': async () => null,
  'schedule.clean_embedding_cache_task.clean_embedding_cache_task': async (_task, { database }) => {
    const { rowCount } = await database.query(
      `DELETE FROM embeddings WHERE created_at < CURRENT_TIMESTAMP - make_interval(days => $1)`,
      [embeddingsKeptDays],
    );
    log(`Cleaned embedding cache: ${rowCount ?? 0} rows`);
    return null;
  },
};

function documentsOf(task: Task): [string, string[]] {
  const dataset = task.args[0] ?? task.kwargs['dataset_id'];
  const documents = task.args[1] ?? task.kwargs['document_ids'];
  if (typeof dataset !== 'string' || !Array.isArray(documents)) throw new Error('a task without its documents');
  return [dataset, documents.map(String)];
}

import { log } from '../../../shared/src/log.ts';
import type { Database } from '../../../shared/src/postgres.ts';
import type { Task } from './message.ts';

export interface TaskContext {
  database: Database;
}

/** What a task does. Its result is kept when the sender asked for it; an error makes the task a failed one. */
export type TaskFunction = (task: Task, context: TaskContext) => Promise<unknown>;

const embeddingsKeptDays = 30;

/** The tasks that the worker knows, by the names of Dify 1.5. */
export const tasks: Readonly<Record<string, TaskFunction>> = {
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

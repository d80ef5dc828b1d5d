import { inTransaction, type Database } from '../../../shared/src/postgres.ts';
import type { ApiKey, ApiKeyStore, Workflow, WorkflowStore } from './workflow-stores.ts';

const columns = `w.id, w.tenant_id AS "tenantId", w.app_id AS "appId", w.version, w.marked_name AS "markedName",
  w.marked_comment AS "markedComment", w.graph, w.features, w.environment_variables AS "environmentVariables",
  w.conversation_variables AS "conversationVariables", w.created_by AS "createdBy", w.created_at AS "createdAt",
  w.updated_by AS "updatedBy", w.updated_at AS "updatedAt"`;

/** Drafts and published workflows in Dify's table. */
export function workflowsInPostgres(database: Database): WorkflowStore {
  return {
    async findDraft(tenantId, appId) {
      const { rows } = await database.query<Workflow>(
        `SELECT ${columns} FROM workflows w WHERE w.tenant_id = $1 AND w.app_id = $2 AND w.version = 'draft'`,
        [tenantId, appId],
      );
      return rows[0] ?? null;
    },
    async findPublished(tenantId, appId) {
      const { rows } = await database.query<Workflow>(
        `SELECT ${columns} FROM apps a JOIN workflows w ON w.id = a.workflow_id AND w.app_id = a.id
          WHERE a.tenant_id = $1 AND a.id = $2`,
        [tenantId, appId],
      );
      return rows[0] ?? null;
    },
    saveDraft: (tenantId, appId, accountId, content) =>
      inTransaction(database, async (client) => {
        // Two first drafts at once would be two rows: the app's row is the lock.
        await client.query('SELECT 1 FROM apps WHERE id = $1 FOR UPDATE', [appId]);
        const values = [tenantId, appId, accountId, content.graph, content.features];
        const variables = [content.environmentVariables, content.conversationVariables];
        const changed = await client.query<Workflow>(
          `UPDATE workflows w SET graph = $4, features = $5, environment_variables = $6, conversation_variables = $7,
                  updated_by = $3, updated_at = CURRENT_TIMESTAMP(0)
            WHERE w.tenant_id = $1 AND w.app_id = $2 AND w.version = 'draft' RETURNING ${columns}`,
          [...values, ...variables],
        );
        if (changed.rows[0]) return changed.rows[0];
        const made = await client.query<Workflow>(
          `INSERT INTO workflows AS w (tenant_id, app_id, type, version, graph, features, created_by, updated_at,
                                       environment_variables, conversation_variables)
           VALUES ($1, $2, 'workflow', 'draft', $4, $5, $3, CURRENT_TIMESTAMP(0), $6, $7) RETURNING ${columns}`,
          [...values, ...variables],
        );
        return only(made.rows);
      }),
    publish: (draft, accountId, marks) =>
      inTransaction(database, async (client) => {
        const { rows } = await client.query<Workflow>(
          `INSERT INTO workflows AS w (tenant_id, app_id, type, version, marked_name, marked_comment, graph, features,
                                       created_by, updated_at, environment_variables, conversation_variables)
           VALUES ($1, $2, 'workflow', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), $3, $4,
                   $5, $6, $7, CURRENT_TIMESTAMP(0), $8, $9) RETURNING ${columns}`,
          [
            draft.tenantId,
            draft.appId,
            marks.name,
            marks.comment,
            draft.graph,
            draft.features,
            accountId,
            draft.environmentVariables,
            draft.conversationVariables,
          ],
        );
        const made = only(rows);
        await client.query(
          'UPDATE apps SET workflow_id = $2, updated_by = $3, updated_at = CURRENT_TIMESTAMP(0) WHERE id = $1',
          [draft.appId, made.id, accountId],
        );
        return made;
      }),
  };
}

const keyColumns = 'id, type, token, last_used_at AS "lastUsedAt", created_at AS "createdAt"';

/** The keys of apps in Dify's table. */
export function apiKeysInPostgres(database: Database): ApiKeyStore {
  return {
    async list(appId) {
      const { rows } = await database.query<ApiKey>(
        `SELECT ${keyColumns} FROM api_tokens WHERE app_id = $1 AND type = 'app' ORDER BY created_at, id`,
        [appId],
      );
      return rows;
    },
    async create(tenantId, appId, token) {
      const { rows } = await database.query<ApiKey>(
        `INSERT INTO api_tokens (tenant_id, app_id, type, token) VALUES ($1, $2, 'app', $3) RETURNING ${keyColumns}`,
        [tenantId, appId, token],
      );
      return only(rows);
    },
  };
}

function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('the database returned no row for what it was given');
  return row;
}

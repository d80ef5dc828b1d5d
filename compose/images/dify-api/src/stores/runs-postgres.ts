import { inTransaction, type Database } from '../../../shared/src/postgres.ts';
import type { RunStore } from './workflow-stores.ts';

/** Runs, their steps and those who started them, in Dify's tables. */
export function runsInPostgres(database: Database): RunStore {
  return {
    endUser: (tenantId, appId, sessionId) => endUser(database, tenantId, appId, sessionId),
    async startRun({ id, workflow, triggeredFrom, inputs, starter, createdAt }) {
      await database.query(
        `INSERT INTO workflow_runs (id, tenant_id, app_id, sequence_number, workflow_id, type, triggered_from, version,
                                    graph, inputs, status, created_by_role, created_by, created_at)
         SELECT $1, $2::uuid, $3::uuid, count(*) + 1, $4, 'workflow', $5, $6, $7, $8, 'running', $9, $10, $11
           FROM workflow_runs WHERE tenant_id = $2::uuid AND app_id = $3::uuid`,
        [
          id,
          workflow.tenantId,
          workflow.appId,
          workflow.id,
          triggeredFrom,
          workflow.version,
          workflow.graph,
          inputs,
          starter.role,
          starter.id,
          utc(createdAt),
        ],
      );
    },
    async finishRun(run) {
      await database.query(
        `UPDATE workflow_runs SET status = $2, outputs = $3, error = $4, elapsed_time = $5, total_steps = $6,
                finished_at = $7 WHERE id = $1`,
        [run.id, run.status, run.outputs, run.error, run.elapsedSeconds, run.steps, utc(run.finishedAt)],
      );
    },
    async startNode(node) {
      await database.query(
        `INSERT INTO workflow_node_executions (id, tenant_id, app_id, workflow_id, triggered_from, workflow_run_id, index,
                                               predecessor_node_id, node_execution_id, node_id, node_type, title, status,
                                               execution_metadata, created_by_role, created_by, created_at)
         VALUES ($1, $2, $3, $4, 'workflow-run', $5, $6, $7, $8, $9, $10, $11, 'running', '{}', $12, $13, $14)`,
        [
          node.id,
          node.workflow.tenantId,
          node.workflow.appId,
          node.workflow.id,
          node.runId,
          node.index,
          node.predecessorId,
          node.executionId,
          node.nodeId,
          node.nodeType,
          node.title,
          node.starter.role,
          node.starter.id,
          utc(node.createdAt),
        ],
      );
    },
    async finishNode(node) {
      await database.query(
        `UPDATE workflow_node_executions SET status = $2, inputs = $3, process_data = $4, outputs = $5, error = $6,
                elapsed_time = $7, finished_at = $8 WHERE id = $1`,
        [
          node.id,
          node.status,
          node.inputs,
          node.processData,
          node.outputs,
          node.error,
          node.elapsedSeconds,
          utc(node.finishedAt),
        ],
      );
    },
    async logRun({ id, workflow, starter }) {
      await database.query(
        `INSERT INTO workflow_app_logs (tenant_id, app_id, workflow_id, workflow_run_id, created_from, created_by_role,
                                        created_by)
         VALUES ($1, $2, $3, $4, 'service-api', $5, $6)`,
        [workflow.tenantId, workflow.appId, workflow.id, id, starter.role, starter.id],
      );
    },
  };
}

function endUser(database: Database, tenantId: string, appId: string, sessionId: string): Promise<string> {
  return inTransaction(database, async (client) => {
    // The same user asked for by two requests at once is still one.
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${appId} ${sessionId}`]);
    const found = await client.query<{ id: string }>(
      `SELECT id FROM end_users WHERE tenant_id = $1 AND app_id = $2 AND session_id = $3 AND type = 'service_api'`,
      [tenantId, appId, sessionId],
    );
    if (found.rows[0]) return found.rows[0].id;
    const made = await client.query<{ id: string }>(
      `INSERT INTO end_users (tenant_id, app_id, type, is_anonymous, session_id)
       VALUES ($1, $2, 'service_api', $4, $3) RETURNING id`,
      [tenantId, appId, sessionId, sessionId === 'DEFAULT-USER'],
    );
    return made.rows[0]?.id ?? '';
  });
}

/** A time for a column without a zone: pg would write it in the zone of this process. */
function utc(time: Date): string {
  return time.toISOString().replace('Z', '');
}

import { inTransaction, type Database, type DatabaseClient } from '../../../shared/src/postgres.ts';
import { pythonJson } from '../../../shared/src/python-json.ts';
import type { Document, DocumentStore, IndexingState, NewDocuments, Upload } from './knowledge.ts';

const segments = 'FROM document_segments s WHERE s.document_id = d.id';
const columns = `d.id, d.tenant_id AS "tenantId", d.dataset_id AS "datasetId", d.position,
  d.data_source_type AS "dataSourceType", d.data_source_info::json->>'upload_file_id' AS "uploadId",
  d.dataset_process_rule_id AS "processRuleId", d.batch, d.name, d.created_from AS "createdFrom",
  d.created_by AS "createdBy", d.created_at AS "createdAt", d.processing_started_at AS "processingStartedAt",
  d.parsing_completed_at AS "parsingCompletedAt", d.cleaning_completed_at AS "cleaningCompletedAt",
  d.splitting_completed_at AS "splittingCompletedAt", d.completed_at AS "completedAt", d.stopped_at AS "stoppedAt",
  d.error, d.word_count AS "wordCount", d.tokens, d.indexing_latency AS "indexingLatencySeconds",
  d.indexing_status AS "indexingStatus", d.is_paused AS "isPaused", d.paused_at AS "pausedAt", d.enabled,
  d.disabled_at AS "disabledAt", d.disabled_by AS "disabledBy", d.archived, d.doc_form AS "docForm",
  d.doc_language AS "docLanguage",
  (SELECT count(*) ${segments} AND s.completed_at IS NOT NULL AND s.status <> 're_segment') AS "completedSegments",
  (SELECT count(*) ${segments} AND s.status <> 're_segment') AS "totalSegments",
  (SELECT coalesce(sum(s.hit_count), 0) ${segments}) AS "hitCount"`;

const columnOf: Readonly<Record<keyof IndexingState, string>> = {
  indexingStatus: 'indexing_status',
  processingStartedAt: 'processing_started_at',
  parsingCompletedAt: 'parsing_completed_at',
  cleaningCompletedAt: 'cleaning_completed_at',
  splittingCompletedAt: 'splitting_completed_at',
  completedAt: 'completed_at',
  stoppedAt: 'stopped_at',
  error: 'error',
  wordCount: 'word_count',
  tokens: 'tokens',
  indexingLatencySeconds: 'indexing_latency',
};

/** Documents and the rules by which they are cut, in Dify's tables. */
export function documentsInPostgres(database: Database): DocumentStore {
  const select = async (rest: string, values: readonly unknown[]): Promise<Document[]> => {
    const { rows } = await database.query<Document>(`SELECT ${columns} FROM documents d ${rest}`, [...values]);
    return rows;
  };
  return {
    async add(added) {
      const { ids, again } = await inTransaction(database, (client) => add(client, added));
      const found = await select('WHERE d.id = ANY($1::uuid[])', [ids]);
      return { documents: ids.flatMap((id) => found.filter((document) => document.id === id)), again };
    },
    find: async (datasetId, id) => (await select('WHERE d.dataset_id = $1 AND d.id = $2', [datasetId, id]))[0] ?? null,
    async list(datasetId, page, limit, keyword) {
      const condition = `d.dataset_id = $1 AND position($2 in d.name) > 0`;
      const { rows } = await database.query<{ count: number }>(
        `SELECT count(*) AS count FROM documents d WHERE ${condition}`,
        [datasetId, keyword],
      );
      const order = 'ORDER BY d.created_at DESC, d.position DESC LIMIT $3 OFFSET $4';
      const values = [datasetId, keyword, limit, (page - 1) * limit];
      return { total: rows[0]?.count ?? 0, documents: await select(`WHERE ${condition} ${order}`, values) };
    },
    batch: (datasetId, batch) =>
      select('WHERE d.dataset_id = $1 AND d.batch = $2 ORDER BY d.position', [datasetId, batch]),
    async processRule(id) {
      const { rows } = await database.query<{ mode: string; rules: string | null }>(
        'SELECT mode, rules FROM dataset_process_rules WHERE id = $1',
        [id],
      );
      const [found] = rows;
      return found ? { mode: found.mode, rules: JSON.parse(found.rules ?? '{}') as Record<string, unknown> } : null;
    },
    async update(id, change) {
      const names = Object.keys(change) as (keyof IndexingState)[];
      const set = names.map((name, position) => `${columnOf[name]} = $${position + 2}`).join(', ');
      await database.query(`UPDATE documents SET ${set} WHERE id = $1`, [id, ...names.map((name) => change[name])]);
    },
  };
}

/** The row of the dataset is the lock: two requests at once do not give the same position twice. */
async function add(client: DatabaseClient, added: NewDocuments): Promise<{ ids: string[]; again: string[] }> {
  const { dataset, rule } = added;
  await client.query(
    `UPDATE datasets SET data_source_type = coalesce(data_source_type, 'upload_file'),
            embedding_model = CASE WHEN indexing_technique IS NULL THEN $3 ELSE embedding_model END,
            embedding_model_provider = CASE WHEN indexing_technique IS NULL THEN $4 ELSE embedding_model_provider END,
            indexing_technique = coalesce(indexing_technique, $2)
      WHERE id = $1`,
    [dataset.id, added.indexingTechnique, added.embeddingModel, added.embeddingModelProvider],
  );
  const { rows: rules } = await client.query<{ id: string }>(
    'INSERT INTO dataset_process_rules (dataset_id, mode, rules, created_by) VALUES ($1, $2, $3, $4) RETURNING id',
    [dataset.id, rule.mode, pythonJson(rule.rules), added.accountId],
  );
  const ids: string[] = [];
  const again: string[] = [];
  for (const upload of added.uploads) {
    const old = added.replace ? await replaceOld(client, added, upload, rules[0]?.id) : undefined;
    if (old !== undefined) again.push(old);
    ids.push(old ?? (await insert(client, added, upload, rules[0]?.id)));
  }
  return { ids, again };
}

async function replaceOld(
  client: DatabaseClient,
  added: NewDocuments,
  upload: Upload,
  ruleId: string | undefined,
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE documents SET dataset_process_rule_id = $3, updated_at = CURRENT_TIMESTAMP, created_from = 'web',
            doc_form = $4, doc_language = $5, data_source_info = $6, batch = $7, indexing_status = 'waiting'
      WHERE id = (SELECT id FROM documents WHERE dataset_id = $1 AND name = $2 AND data_source_type = 'upload_file'
                     AND enabled ORDER BY position LIMIT 1)
     RETURNING id`,
    [added.dataset.id, upload.name, ruleId, added.docForm, added.docLanguage, sourceOf(upload), added.batch],
  );
  return rows[0]?.id;
}

async function insert(
  client: DatabaseClient,
  added: NewDocuments,
  upload: Upload,
  ruleId: string | undefined,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO documents (tenant_id, dataset_id, position, data_source_type, data_source_info,
                            dataset_process_rule_id, batch, name, created_from, created_by, doc_form, doc_language)
     SELECT $1::uuid, $2::uuid, coalesce(max(position), 0) + 1, 'upload_file', $3, $4::uuid, $5, $6, 'web', $7::uuid, $8, $9
       FROM documents WHERE dataset_id = $2::uuid
     RETURNING id`,
    [
      added.dataset.tenantId,
      added.dataset.id,
      sourceOf(upload),
      ruleId,
      added.batch,
      upload.name,
      added.accountId,
      added.docForm,
      added.docLanguage,
    ],
  );
  const [made] = rows;
  if (!made) throw new Error('the database returned no row for a new document');
  return made.id;
}

function sourceOf(upload: Upload): string {
  return pythonJson({ upload_file_id: upload.id });
}

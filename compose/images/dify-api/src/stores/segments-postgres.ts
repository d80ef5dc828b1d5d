import { inTransaction, type Database, type DatabaseClient } from '../../../shared/src/postgres.ts';
import { pythonJson } from '../../../shared/src/python-json.ts';
import type { KeywordTable, Segment, SegmentStore } from './knowledge.ts';

const columns = `s.id, s.document_id AS "documentId", s.position, s.content, s.answer, s.word_count AS "wordCount",
  s.tokens, s.keywords, s.index_node_id AS "nodeId", s.index_node_hash AS "nodeHash", s.hit_count AS "hitCount",
  s.enabled, s.disabled_at AS "disabledAt", s.disabled_by AS "disabledBy", s.status, s.created_by AS "createdBy",
  s.created_at AS "createdAt", s.indexing_at AS "indexingAt", s.completed_at AS "completedAt", s.error,
  s.stopped_at AS "stoppedAt",
  json_build_object('id', d.id, 'name', d.name, 'dataSourceType', d.data_source_type, 'docType', d.doc_type,
                    'docMetadata', d.doc_metadata) AS document`;

/** Segments, the keywords of a dataset and what was asked of it, in Dify's tables. */
export function segmentsInPostgres(database: Database): SegmentStore {
  return {
    clear: (document) =>
      inTransaction(database, async (client) => {
        const { rows } = await client.query<{ nodeId: string }>(
          'DELETE FROM document_segments WHERE document_id = $1 RETURNING index_node_id AS "nodeId"',
          [document.id],
        );
        if (rows.length === 0) return;
        const gone = new Set(rows.map(({ nodeId }) => nodeId));
        await changeTable(client, document.datasetId, (table) => without(table, gone));
      }),
    add: (document, segments) =>
      inTransaction(database, async (client) => {
        for (const [position, segment] of segments.entries()) {
          await client.query(
            `INSERT INTO document_segments (tenant_id, dataset_id, document_id, position, content, word_count, tokens,
                                            index_node_id, index_node_hash, enabled, status, created_by, indexing_at)
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, false, 'indexing', $9, CURRENT_TIMESTAMP)`,
            [
              document.tenantId,
              document.datasetId,
              document.id,
              position + 1,
              segment.content,
              segment.wordCount,
              segment.nodeId,
              segment.nodeHash,
              document.createdBy,
            ],
          );
        }
      }),
    complete: (document, keywords) =>
      inTransaction(database, async (client) => {
        await changeTable(client, document.datasetId, (table) => withKeywords(table, keywords));
        for (const [nodeId, words] of keywords) {
          await client.query(
            `UPDATE document_segments SET keywords = $3, status = 'completed', enabled = true,
                    completed_at = CURRENT_TIMESTAMP
              WHERE document_id = $1 AND index_node_id = $2`,
            [document.id, nodeId, pythonJson(words)],
          );
        }
      }),
    async keywordTable(datasetId) {
      const { rows } = await database.query<TableRow>(
        'SELECT keyword_table AS written FROM dataset_keyword_tables WHERE dataset_id = $1',
        [datasetId],
      );
      return readTable(rows[0]?.written);
    },
    async findByNodes(datasetId, nodeIds) {
      const { rows } = await database.query<Segment>(
        `SELECT ${columns} FROM document_segments s JOIN documents d ON d.id = s.document_id
          WHERE s.dataset_id = $1 AND s.index_node_id = ANY($2) AND s.enabled AND s.status = 'completed'`,
        [datasetId, nodeIds],
      );
      return nodeIds.flatMap((nodeId) => rows.filter((segment) => segment.nodeId === nodeId));
    },
    async recordQuery(datasetId, content, accountId) {
      await database.query(
        `INSERT INTO dataset_queries (dataset_id, content, source, created_by_role, created_by)
         VALUES ($1, $2, 'hit_testing', 'account', $3)`,
        [datasetId, content, accountId],
      );
    },
  };
}

interface TableRow {
  written: string;
}

/** Changes the table of a dataset, one at a time; makes it when there is none. */
async function changeTable(
  client: DatabaseClient,
  datasetId: string,
  change: (table: KeywordTable) => KeywordTable,
): Promise<void> {
  await client.query(
    `INSERT INTO dataset_keyword_tables (dataset_id, keyword_table, data_source_type) VALUES ($1, $2, 'database')
     ON CONFLICT (dataset_id) DO NOTHING`,
    [datasetId, writeTable(datasetId, new Map())],
  );
  const { rows } = await client.query<TableRow>(
    'SELECT keyword_table AS written FROM dataset_keyword_tables WHERE dataset_id = $1 FOR UPDATE',
    [datasetId],
  );
  const written = writeTable(datasetId, change(readTable(rows[0]?.written)));
  await client.query('UPDATE dataset_keyword_tables SET keyword_table = $2 WHERE dataset_id = $1', [
    datasetId,
    written,
  ]);
}

function readTable(written: string | undefined): KeywordTable {
  if (!written) return new Map();
  const parsed = JSON.parse(written) as { __data__: { table: Record<string, string[]> } };
  return new Map(Object.entries(parsed.__data__.table));
}

/** The form in which Dify keeps the table. */
function writeTable(datasetId: string, table: KeywordTable): string {
  const data = { index_id: datasetId, summary: null, table: Object.fromEntries(table) };
  return pythonJson({ __type__: 'keyword_table', __data__: data });
}

function withKeywords(table: KeywordTable, keywords: ReadonlyMap<string, readonly string[]>): KeywordTable {
  const changed = new Map(table);
  for (const [nodeId, words] of keywords) {
    for (const word of words) changed.set(word, [...new Set([...(changed.get(word) ?? []), nodeId])]);
  }
  return changed;
}

function without(table: KeywordTable, gone: ReadonlySet<string>): KeywordTable {
  const left = [...table].map(([word, nodeIds]) => [word, nodeIds.filter((nodeId) => !gone.has(nodeId))] as const);
  return new Map(left.filter(([, nodeIds]) => nodeIds.length > 0));
}

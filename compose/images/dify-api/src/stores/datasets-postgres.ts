import type { Database } from '../../../shared/src/postgres.ts';
import type { Dataset, DatasetStore } from './knowledge.ts';

/** The columns of a dataset, with what is counted among its documents. */
const columns = `d.id, d.tenant_id AS "tenantId", d.name, d.description, d.provider, d.permission,
  d.data_source_type AS "dataSourceType", d.indexing_technique AS "indexingTechnique",
  d.embedding_model AS "embeddingModel", d.embedding_model_provider AS "embeddingModelProvider",
  d.created_by AS "createdBy", d.created_at AS "createdAt", d.updated_by AS "updatedBy", d.updated_at AS "updatedAt",
  (SELECT count(*) FROM documents o WHERE o.dataset_id = d.id) AS "documentCount",
  (SELECT coalesce(sum(o.word_count), 0) FROM documents o WHERE o.dataset_id = d.id) AS "wordCount",
  (SELECT o.doc_form FROM documents o WHERE o.dataset_id = d.id ORDER BY o.position LIMIT 1) AS "docForm"`;

/** Datasets in Dify's table of them. */
export function datasetsInPostgres(database: Database): DatasetStore {
  const find = async (id: string): Promise<Dataset | null> => {
    const { rows } = await database.query<Dataset>(`SELECT ${columns} FROM datasets d WHERE d.id = $1`, [id]);
    return rows[0] ?? null;
  };
  return {
    async create(dataset) {
      const { tenantId, name, description, indexingTechnique, accountId } = dataset;
      const { rows } = await database.query<{ id: string }>(
        `INSERT INTO datasets (tenant_id, name, description, indexing_technique, created_by, updated_by)
         SELECT $1::uuid, $2::text, $3, $4, $5::uuid, $5::uuid
          WHERE NOT EXISTS (SELECT 1 FROM datasets WHERE tenant_id = $1::uuid AND name = $2::text) RETURNING id`,
        [tenantId, name, description, indexingTechnique, accountId],
      );
      return rows[0] ? await find(rows[0].id) : null;
    },
    find,
    async list(tenantId, page, limit) {
      const { rows: counted } = await database.query<{ count: number }>(
        'SELECT count(*) AS count FROM datasets WHERE tenant_id = $1',
        [tenantId],
      );
      const { rows } = await database.query<Dataset>(
        `SELECT ${columns} FROM datasets d WHERE d.tenant_id = $1
          ORDER BY d.created_at DESC, d.id LIMIT $2 OFFSET $3`,
        [tenantId, limit, (page - 1) * limit],
      );
      return { total: counted[0]?.count ?? 0, datasets: rows };
    },
  };
}

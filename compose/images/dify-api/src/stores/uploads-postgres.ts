import type { Database } from '../../../shared/src/postgres.ts';
import type { Upload, UploadStore } from './knowledge.ts';

const columns = `id, tenant_id AS "tenantId", key, name, size, extension, mime_type AS "mimeType",
  created_by AS "createdBy", created_at AS "createdAt"`;

/** What is known of uploaded files, in Dify's table `upload_files`. */
export function uploadsInPostgres(database: Database): UploadStore {
  return {
    async create(upload) {
      const { rows } = await database.query<Upload>(
        `INSERT INTO upload_files (id, tenant_id, storage_type, key, name, size, extension, mime_type, created_by_role,
                                   created_by, created_at, used, hash, source_url)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'account', $9, CURRENT_TIMESTAMP, false, $10, $11) RETURNING ${columns}`,
        [
          upload.id,
          upload.tenantId,
          upload.storageType,
          upload.key,
          upload.name,
          upload.size,
          upload.extension,
          upload.mimeType,
          upload.accountId,
          upload.hash,
          upload.sourceUrl,
        ],
      );
      const [made] = rows;
      if (!made) throw new Error('the database returned no row for a new upload');
      return made;
    },
    async find(id) {
      const { rows } = await database.query<Upload>(`SELECT ${columns} FROM upload_files WHERE id = $1`, [id]);
      return rows[0] ?? null;
    },
  };
}

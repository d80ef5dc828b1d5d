import { randomBytes } from 'node:crypto';
import { inTransaction, type Database } from '../../../shared/src/postgres.ts';
import type { ApiToken, App, AppStore, NewApp, Site } from './stores.ts';

const appColumns = `id, tenant_id AS "tenantId", name, description, mode, icon_type AS "iconType", icon,
  icon_background AS "iconBackground", enable_site AS "enableSite", enable_api AS "enableApi",
  created_by AS "createdBy", created_at AS "createdAt", updated_by AS "updatedBy", updated_at AS "updatedAt"`;

/** Apps, with what Dify makes beside each (its site and its place in the list of installed apps), and their keys. */
export function appsInPostgres(database: Database): AppStore {
  return {
    async list(tenantId, page, limit) {
      const { rows: counted } = await database.query<{ count: number }>(
        'SELECT count(*) AS count FROM apps WHERE tenant_id = $1 AND is_universal = false',
        [tenantId],
      );
      const { rows } = await database.query<App>(
        `SELECT ${appColumns} FROM apps WHERE tenant_id = $1 AND is_universal = false
          ORDER BY created_at DESC, id LIMIT $2 OFFSET $3`,
        [tenantId, limit, (page - 1) * limit],
      );
      return { total: counted[0]?.count ?? 0, apps: rows };
    },
    create: (app) => create(database, app),
    async find(tenantId, id) {
      const { rows } = await database.query<App>(`SELECT ${appColumns} FROM apps WHERE tenant_id = $1 AND id = $2`, [
        tenantId,
        id,
      ]);
      return rows[0] ?? null;
    },
    async findSite(appId) {
      const { rows } = await database.query<Site>(
        'SELECT code, title, default_language AS "defaultLanguage" FROM sites WHERE app_id = $1',
        [appId],
      );
      return rows[0] ?? null;
    },
    async findToken(token, type) {
      const { rows } = await database.query<ApiToken>(
        `UPDATE api_tokens SET last_used_at = CURRENT_TIMESTAMP(0) WHERE token = $1 AND type = $2
         RETURNING id, app_id AS "appId", tenant_id AS "tenantId", token`,
        [token, type],
      );
      return rows[0] ?? null;
    },
  };
}

function create(database: Database, app: NewApp): Promise<App> {
  return inTransaction(database, async (client) => {
    const { rows } = await client.query<App>(
      `INSERT INTO apps (tenant_id, name, description, mode, icon_type, icon, icon_background, enable_site, enable_api,
                         created_by, updated_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, true, true, $8, $8) RETURNING ${appColumns}`,
      [app.tenantId, app.name, app.description, app.mode, app.iconType, app.icon, app.iconBackground, app.accountId],
    );
    const [made] = rows;
    if (!made) throw new Error('the database returned no row for a new app');
    const code = randomBytes(12).toString('base64url');
    await client.query(
      `INSERT INTO sites (app_id, title, icon_type, icon, icon_background, default_language, customize_token_strategy,
                          code, created_by, updated_by)
       VALUES ($1, $2, $3, $4, $5, 'en-US', 'not_allow', $6, $7, $7)`,
      [made.id, app.name, app.iconType, app.icon, app.iconBackground, code, app.accountId],
    );
    await client.query(
      'INSERT INTO installed_apps (tenant_id, app_id, app_owner_tenant_id, position) VALUES ($1, $2, $1, 0)',
      [app.tenantId, made.id],
    );
    return made;
  });
}

import { inTransaction, type Database } from '../../../shared/src/postgres.ts';
import type { Account, AccountStore, FirstOwner, Setup, Tenant } from './stores.ts';

const setupLock = 1_500_002;

const accountColumns = `id, name, email, password, password_salt AS "passwordSalt", avatar,
  interface_language AS "interfaceLanguage", interface_theme AS "interfaceTheme", timezone,
  last_login_at AS "lastLoginAt", last_login_ip AS "lastLoginIp", status, created_at AS "createdAt"`;

/** Accounts and tenants in Dify's tables. */
export function accountsInPostgres(database: Database): AccountStore {
  const account = async (condition: string, value: string): Promise<Account | null> => {
    const { rows } = await database.query<Account>(`SELECT ${accountColumns} FROM accounts WHERE ${condition}`, [
      value,
    ]);
    return rows[0] ?? null;
  };
  return {
    async findSetup() {
      const { rows } = await database.query<Setup>('SELECT version, setup_at AS "setupAt" FROM dify_setups LIMIT 1');
      return rows[0] ?? null;
    },
    async countTenants() {
      const { rows } = await database.query<{ count: number }>('SELECT count(*) AS count FROM tenants');
      return rows[0]?.count ?? 0;
    },
    completeSetup: (owner) => completeSetup(database, owner),
    findByEmail: (email) => account('email = $1', email),
    findById: (id) => account('id = $1::uuid', id),
    async currentTenant(accountId) {
      const { rows } = await database.query<Tenant>(
        `SELECT t.id, t.name, t.plan, t.status, j.role, t.created_at AS "createdAt"
           FROM tenant_account_joins j JOIN tenants t ON t.id = j.tenant_id
          WHERE j.account_id = $1 ORDER BY j.current DESC, j.id LIMIT 1`,
        [accountId],
      );
      return rows[0] ?? null;
    },
    async recordLogin(accountId, ip) {
      const columns = 'last_login_at = CURRENT_TIMESTAMP(0), last_login_ip = $2';
      await database.query(`UPDATE accounts SET ${columns} WHERE id = $1`, [accountId, ip]);
    },
    async publicKey(tenantId) {
      const { rows } = await database.query<{ key: string | null }>(
        'SELECT encrypt_public_key AS key FROM tenants WHERE id = $1',
        [tenantId],
      );
      return rows[0]?.key ?? null;
    },
  };
}

function completeSetup(database: Database, owner: FirstOwner): Promise<boolean> {
  return inTransaction(database, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [setupLock]);
    const { rowCount } = await client.query('SELECT 1 FROM dify_setups');
    if (rowCount) return false;
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO accounts (name, email, password, password_salt, interface_language, interface_theme, timezone,
                             last_login_ip, initialized_at)
       VALUES ($1, $2, $3, $4, 'en-US', 'light', 'America/New_York', $5, CURRENT_TIMESTAMP(0)) RETURNING id`,
      [owner.name, owner.email, owner.password, owner.passwordSalt, owner.ip],
    );
    await client.query('INSERT INTO tenants (id, name, encrypt_public_key) VALUES ($1, $2, $3)', [
      owner.tenantId,
      owner.tenantName,
      owner.tenantPublicKey,
    ]);
    await client.query(
      `INSERT INTO tenant_account_joins (tenant_id, account_id, current, role) VALUES ($1, $2, true, 'owner')`,
      [owner.tenantId, rows[0]?.id],
    );
    await client.query('INSERT INTO dify_setups (version) VALUES ($1)', [owner.version]);
    return true;
  });
}

import { randomUUID } from 'node:crypto';
import type { Account, App, FirstOwner, Stores, Tenant } from '../../../compose/images/dify-api/src/stores/stores.ts';
import type { PluginStore } from '../../../compose/images/plugin-daemon/src/store.ts';
import { memoryWorkflows, type KeptRuns } from './standin-memory-workflows.ts';
import { memoryKnowledge } from './standin-memory-knowledge.ts';

/** The stores of the api without PostgreSQL, Redis and a disk: empty at first, as on a fresh volume. */
export function memoryStores(): Stores & { keptRuns: KeptRuns } {
  const started = new Date('2026-11-24T19:46:18Z');
  const workflows = memoryWorkflows(started);
  const accounts: Account[] = [];
  const tenants: Tenant[] = [];
  const apps: App[] = [];
  const failures = new Map<string, number>();
  const refreshTokens = new Map<string, string>();
  const files = new Map<string, Buffer>();
  const publicKeys = new Map<string, string>();
  let version: string | undefined;
  return {
    ...memoryKnowledge(),
    accounts: {
      findSetup: async () => (version === undefined ? null : { version, setupAt: started }),
      countTenants: async () => tenants.length,
      completeSetup: async (owner) => {
        if (version !== undefined) return false;
        accounts.push(firstAccount(owner, started));
        tenants.push({
          id: owner.tenantId,
          name: owner.tenantName,
          plan: 'basic',
          status: 'normal',
          role: 'owner',
          createdAt: started,
        });
        publicKeys.set(owner.tenantId, owner.tenantPublicKey);
        version = owner.version;
        return true;
      },
      findByEmail: async (email) => accounts.find((account) => account.email === email) ?? null,
      findById: async (id) => accounts.find((account) => account.id === id) ?? null,
      currentTenant: async () => tenants[0] ?? null,
      recordLogin: async (accountId, ip) => {
        const account = accounts.find(({ id }) => id === accountId);
        if (account) Object.assign(account, { lastLoginAt: started, lastLoginIp: ip });
      },
      publicKey: async (tenantId) => publicKeys.get(tenantId) ?? null,
    },
    apps: {
      list: async (tenantId, page, limit) => {
        const own = apps.filter((app) => app.tenantId === tenantId);
        return { total: own.length, apps: own.slice((page - 1) * limit, page * limit) };
      },
      create: async ({ accountId, ...app }) => {
        const made: App = {
          ...app,
          id: randomUUID(),
          enableSite: true,
          enableApi: true,
          createdBy: accountId,
          createdAt: started,
          updatedBy: accountId,
          updatedAt: started,
        };
        apps.push(made);
        return made;
      },
      find: async (tenantId, id) => apps.find((app) => app.id === id && app.tenantId === tenantId) ?? null,
      findSite: async (appId) => {
        const app = apps.find(({ id }) => id === appId);
        return app ? { code: '0cEuGxgtdmOgTkhJ', title: app.name, defaultLanguage: 'en-US' } : null;
      },
      findToken: async (token, type) => workflows.findToken(token, type),
    },
    sessions: {
      loginFailures: async (email) => failures.get(email) ?? 0,
      addLoginFailure: async (email) => void failures.set(email, (failures.get(email) ?? 0) + 1),
      clearLoginFailures: async (email) => void failures.delete(email),
      saveRefreshToken: async (token, accountId) => void refreshTokens.set(token, accountId),
      findRefreshToken: async (token) => refreshTokens.get(token) ?? null,
      deleteRefreshToken: async (token) => void refreshTokens.delete(token),
      logOut: async (accountId) => {
        for (const [token, account] of refreshTokens) if (account === accountId) refreshTokens.delete(token);
      },
    },
    files: {
      save: async (name, data) => void files.set(name, Buffer.from(data)),
      load: async (name) => {
        const data = files.get(name);
        if (!data) throw new Error(`no such file: ${name}`);
        return data;
      },
    },
    ...workflows.stores,
    keptRuns: workflows.kept,
  };
}

function firstAccount(owner: FirstOwner, createdAt: Date): Account {
  return {
    id: randomUUID(),
    name: owner.name,
    email: owner.email,
    password: owner.password,
    passwordSalt: owner.passwordSalt,
    avatar: null,
    interfaceLanguage: 'en-US',
    interfaceTheme: 'light',
    timezone: 'America/New_York',
    lastLoginAt: null,
    lastLoginIp: owner.ip,
    status: 'active',
    createdAt,
  };
}

/** A plugin daemon's store in which there is nothing. */
export function emptyPlugins(): PluginStore {
  return {
    findEndpoint: async () => null,
    countInstallations: async () => 0,
    debuggingKey: async () => randomUUID(),
  };
}

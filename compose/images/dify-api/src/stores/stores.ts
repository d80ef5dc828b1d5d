import type { ApiKeyStore, RunStore, WorkflowStore } from './workflow-stores.ts';
import type { KnowledgeStores } from './knowledge.ts';

/** What the api keeps, as interfaces: the routes know nothing of PostgreSQL, Redis or the disk. Times are Dates. */

export interface Setup {
  version: string;
  setupAt: Date;
}

export interface Account {
  id: string;
  name: string;
  email: string;
  /** Base64 of the hex digest, as Dify keeps it; null for an account without a password. */
  password: string | null;
  passwordSalt: string | null;
  avatar: string | null;
  interfaceLanguage: string;
  interfaceTheme: string;
  timezone: string;
  lastLoginAt: Date | null;
  lastLoginIp: string | null;
  status: string;
  createdAt: Date;
}

export interface Tenant {
  id: string;
  name: string;
  plan: string;
  status: string;
  role: string;
  createdAt: Date;
}

export interface FirstOwner {
  tenantId: string;
  tenantName: string;
  tenantPublicKey: string;
  email: string;
  name: string;
  password: string;
  passwordSalt: string;
  ip: string;
  version: string;
}

export interface AccountStore {
  findSetup(): Promise<Setup | null>;
  countTenants(): Promise<number>;
  /** Makes the first account, its tenant and the mark of the set-up, all or nothing; false when somebody was quicker. */
  completeSetup(owner: FirstOwner): Promise<boolean>;
  findByEmail(email: string): Promise<Account | null>;
  findById(id: string): Promise<Account | null>;
  /** The tenant that an account works in, with its role there. */
  currentTenant(accountId: string): Promise<Tenant | null>;
  recordLogin(accountId: string, ip: string): Promise<void>;
  /** The public key of a tenant as PEM. */
  publicKey(tenantId: string): Promise<string | null>;
}

export interface App {
  id: string;
  tenantId: string;
  name: string;
  description: string;
  mode: string;
  iconType: string | null;
  icon: string | null;
  iconBackground: string | null;
  enableSite: boolean;
  enableApi: boolean;
  createdBy: string | null;
  createdAt: Date;
  updatedBy: string | null;
  updatedAt: Date;
}

export interface NewApp {
  tenantId: string;
  name: string;
  description: string;
  mode: string;
  iconType: string;
  icon: string;
  iconBackground: string;
  accountId: string;
}

/** The page of an app for its users. */
export interface Site {
  code: string;
  title: string;
  defaultLanguage: string;
}

export interface ApiToken {
  id: string;
  appId: string | null;
  tenantId: string | null;
  token: string;
}

export interface AppStore {
  list(tenantId: string, page: number, limit: number): Promise<{ total: number; apps: App[] }>;
  create(app: NewApp): Promise<App>;
  find(tenantId: string, id: string): Promise<App | null>;
  findSite(appId: string): Promise<Site | null>;
  /** A key of the service API; `type` is `app` or `dataset`. */
  findToken(token: string, type: string): Promise<ApiToken | null>;
}

export interface SessionStore {
  loginFailures(email: string): Promise<number>;
  addLoginFailure(email: string): Promise<void>;
  clearLoginFailures(email: string): Promise<void>;
  saveRefreshToken(token: string, accountId: string, days: number): Promise<void>;
  /** The account of a refresh token. */
  findRefreshToken(token: string): Promise<string | null>;
  deleteRefreshToken(token: string, accountId: string): Promise<void>;
  /** Forgets the refresh token that an account holds. */
  logOut(accountId: string): Promise<void>;
}

/** Files by their name relative to the storage's root, such as `privkeys/<tenant>/private.pem`. */
export interface FileStore {
  save(name: string, data: Buffer | string): Promise<void>;
  /** Rejects when there is no such file. */
  load(name: string): Promise<Buffer>;
}

export interface Stores extends KnowledgeStores {
  accounts: AccountStore;
  apps: AppStore;
  sessions: SessionStore;
  files: FileStore;
  workflows: WorkflowStore;
  keys: ApiKeyStore;
  runs: RunStore;
}

/** A plugin endpoint: the hook that `/e/<hook id>/` leads to. */
export interface Endpoint {
  hookId: string;
  tenantId: string;
  pluginId: string;
  enabled: boolean;
}

/** What the plugin daemon keeps. Each call rejects when the store behind it cannot be reached. */
export interface PluginStore {
  /** Looks an endpoint up, in the cache first as the real daemon does. */
  findEndpoint(hookId: string): Promise<Endpoint | null>;
  countInstallations(tenantId: string): Promise<number>;
  /** The key for remote debugging of a tenant; made on first use and kept for a while. */
  debuggingKey(tenantId: string): Promise<string>;
}

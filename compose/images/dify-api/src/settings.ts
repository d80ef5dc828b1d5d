import { flag, integer, text, type Environment } from '../../shared/src/environment.ts';
import type { RedisVerifies } from '../../shared/src/redis.ts';
import type { Origins } from './http/cors.ts';
import { traitsOf, type ReleaseTraits } from './release.ts';
import { unheededSettings, type Unheeded } from './unheeded.ts';
import { readUploadSettings, type UploadSettings } from './upload-settings.ts';

/** What Dify's api takes from its environment, by the names of the real one. */
export interface Settings {
  version: string;
  deployEnv: string;
  /** Where browsers and clients reach the front door; empty when it is where they asked. */
  appWebUrl: string;
  serviceApiUrl: string;
  secretKey: string;
  /** Empty when no password guards the set-up. */
  initPassword: string;
  accessTokenMinutes: number;
  refreshTokenDays: number;
  mailType: string;
  allowRegister: boolean;
  allowCreateWorkspace: boolean;
  emailCodeLogin: boolean;
  socialLogin: boolean;
  passwordLogin: boolean;
  origins: Origins;
  /** A proxy in front is believed about scheme and port. */
  behindProxy: boolean;
  marketplace: boolean;
  pluginMaxPackageBytes: number;
  /** Where the plugin daemon is, its key, and where one reaches its port for debugging. */
  pluginDaemonUrl: string;
  pluginDaemonKey: string;
  pluginRemoteHost: string;
  pluginRemotePort: number;
  /** Where code of workflows runs, and the key there. */
  codeExecutionEndpoint: string;
  codeExecutionKey: string;
  /** Proxies for what workflows ask the outside; empty when they ask it directly. */
  ssrfProxyAllUrl: string;
  ssrfProxyHttpUrl: string;
  ssrfProxyHttpsUrl: string;
  httpConnectSeconds: number;
  httpReadSeconds: number;
  uploads: UploadSettings;
  unheeded: readonly Unheeded[];
  /** What of the answers is of this release. */
  traits: ReleaseTraits;
  /** The console is reached by HTTPS only, and its cookies go no other way. */
  secureCookies: boolean;
  /** The domain of the console's cookies; empty for the host alone. */
  cookieDomain: string;
}

/** How this release verifies the certificate of Redis. */
export function redisVerifies(env: Environment): RedisVerifies {
  return traitsOf(text(env, 'DIFY_VERSION', '1.5.0')).redisSsl ? 'asked' : 'always';
}

/** Reads the settings; throws an Error that names the variable when one cannot be read. */
export function readSettings(env: Environment): Settings {
  const version = text(env, 'DIFY_VERSION', '1.5.0');
  return {
    version,
    deployEnv: text(env, 'DEPLOY_ENV', 'PRODUCTION'),
    appWebUrl: text(env, 'APP_WEB_URL'),
    serviceApiUrl: text(env, 'SERVICE_API_URL'),
    secretKey: text(env, 'SECRET_KEY'),
    initPassword: text(env, 'INIT_PASSWORD'),
    accessTokenMinutes: integer(env, 'ACCESS_TOKEN_EXPIRE_MINUTES', 60),
    refreshTokenDays: integer(env, 'REFRESH_TOKEN_EXPIRE_DAYS', 30),
    mailType: text(env, 'MAIL_TYPE'),
    allowRegister: flag(env, 'ALLOW_REGISTER', false),
    allowCreateWorkspace: flag(env, 'ALLOW_CREATE_WORKSPACE', false),
    emailCodeLogin: flag(env, 'ENABLE_EMAIL_CODE_LOGIN', false),
    socialLogin: flag(env, 'ENABLE_SOCIAL_OAUTH_LOGIN', false),
    passwordLogin: flag(env, 'ENABLE_EMAIL_PASSWORD_LOGIN', true),
    origins: {
      // Set to nothing is a list of its own: nobody.
      console: (env['CONSOLE_CORS_ALLOW_ORIGINS'] ?? env['CONSOLE_WEB_URL'] ?? '').split(','),
      web: (env['WEB_API_CORS_ALLOW_ORIGINS'] ?? '*').split(','),
    },
    behindProxy: flag(env, 'RESPECT_XFORWARD_HEADERS_ENABLED', false),
    marketplace: flag(env, 'MARKETPLACE_ENABLED', true),
    pluginMaxPackageBytes: integer(env, 'PLUGIN_MAX_PACKAGE_SIZE', 52_428_800),
    pluginDaemonUrl: text(env, 'PLUGIN_DAEMON_URL', 'http://localhost:5002'),
    pluginDaemonKey: text(env, 'PLUGIN_DAEMON_KEY', 'plugin-api-key'),
    pluginRemoteHost: text(env, 'PLUGIN_REMOTE_INSTALL_HOST', 'localhost'),
    pluginRemotePort: integer(env, 'PLUGIN_REMOTE_INSTALL_PORT', 5003),
    codeExecutionEndpoint: text(env, 'CODE_EXECUTION_ENDPOINT', 'http://sandbox:8194'),
    codeExecutionKey: text(env, 'CODE_EXECUTION_API_KEY', 'dify-sandbox'),
    ssrfProxyAllUrl: text(env, 'SSRF_PROXY_ALL_URL'),
    ssrfProxyHttpUrl: text(env, 'SSRF_PROXY_HTTP_URL'),
    ssrfProxyHttpsUrl: text(env, 'SSRF_PROXY_HTTPS_URL'),
    httpConnectSeconds: integer(env, 'HTTP_REQUEST_MAX_CONNECT_TIMEOUT', 10),
    httpReadSeconds: integer(env, 'HTTP_REQUEST_MAX_READ_TIMEOUT', 60),
    uploads: readUploadSettings(env),
    unheeded: unheededSettings(env),
    traits: traitsOf(version),
    secureCookies: ['CONSOLE_WEB_URL', 'CONSOLE_API_URL'].every((name) => text(env, name).startsWith('https')),
    cookieDomain: text(env, 'COOKIE_DOMAIN').trim().replace(/^\./, ''),
  };
}

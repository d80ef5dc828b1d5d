import { traitsSince } from '../../shared/src/release.ts';

/**
 * What of the api's answers depends on its release, as far as the suites ask for it. Each is what Dify's public source says at
 * its tags (api/controllers/console, api/libs); the newest one that was read is 1.13.3.
 */
export interface ReleaseTraits {
  /** A wrong password is 401 `authentication_failed`; before, 400 `email_or_password_mismatch`. */
  loginRefusedAs401: boolean;
  /** Flask-RESTX writes the errors: 401 names Bearer, 500 has its status in the body. */
  restx: boolean;
  /** Whoever is not known has a wrong password, and nothing more is told. */
  hidesUnknownAccounts: boolean;
  /** The console's session is in cookies, with a token against forged requests; before, two tokens in the login's answer. */
  cookieSession: boolean;
  /** The current workspace is read by POST; before, by GET. */
  workspaceByPost: boolean;
  /** Pydantic reads the bodies and queries of requests. */
  pydantic: boolean;
  /** COOKIE_DOMAIN is heeded. */
  cookieDomain: boolean;
  /** The password of a login comes in base64. */
  encodedPassword: boolean;
  /** REDIS_SSL_CERT_REQS and REDIS_SSL_CA_CERTS are heeded; before, certificates are verified by the system's list. */
  redisSsl: boolean;
  /** FastOpenAPI serves set-up, init and version: answers by `jsonify`, errors in a form of its own. */
  fastOpenApi: boolean;
  /** Apps are served to MCP clients at /mcp. */
  mcp: boolean;
  /** DB_TYPE may be mysql. */
  mysql: boolean;
  /** Webhooks of workflows are at /triggers. */
  triggers: boolean;
}

/** First release that answers so. */
const SINCE: Record<keyof ReleaseTraits, readonly [number, number, number]> = {
  mcp: [1, 6, 0],
  loginRefusedAs401: [1, 8, 0],
  restx: [1, 8, 0],
  redisSsl: [1, 8, 0],
  hidesUnknownAccounts: [1, 9, 0],
  cookieSession: [1, 9, 2],
  triggers: [1, 10, 0],
  mysql: [1, 10, 0],
  workspaceByPost: [1, 10, 1],
  cookieDomain: [1, 10, 1],
  pydantic: [1, 11, 0],
  encodedPassword: [1, 11, 2],
  fastOpenApi: [1, 12, 0],
};

/** The traits of a release (`1.9.1`). Throws for what is no release. */
export const traitsOf = (version: string): ReleaseTraits => traitsSince('DIFY_VERSION', version, SINCE);

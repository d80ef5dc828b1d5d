import { flag, integer, text, type Environment } from '../../shared/src/environment.ts';
import { readUploadSettings, type UploadSettings } from './upload-settings.ts';

/** What Dify's api takes from its environment, by the names of the real one. */
export interface Settings {
  version: string;
  deployEnv: string;
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
  marketplace: boolean;
  pluginMaxPackageBytes: number;
  uploads: UploadSettings;
}

/** Reads the settings; throws an Error that names the variable when one cannot be read. */
export function readSettings(env: Environment): Settings {
  return {
    version: text(env, 'DIFY_VERSION', '1.5.0'),
    deployEnv: text(env, 'DEPLOY_ENV', 'PRODUCTION'),
    secretKey: text(env, 'SECRET_KEY'),
    initPassword: text(env, 'INIT_PASSWORD'),
    accessTokenMinutes: integer(env, 'ACCESS_TOKEN_EXPIRE_MINUTES', 60),
    refreshTokenDays: integer(env, 'REFRESH_TOKEN_EXPIRE_DAYS', 30),
    mailType: text(env, 'MAIL_TYPE'),
    allowRegister: flag(env, 'ALLOW_REGISTER', false),
    allowCreateWorkspace: flag(env, 'ALLOW_CREATE_WORKSPACE', false),
    emailCodeLogin: flag(env, 'ENABLE_EMAIL_CODE_LOGIN', false),
    socialLogin: flag(env, 'ENABLE_SOCIAL_OAUTH_LOGIN', false),
    marketplace: flag(env, 'MARKETPLACE_ENABLED', true),
    pluginMaxPackageBytes: integer(env, 'PLUGIN_MAX_PACKAGE_SIZE', 52_428_800),
    uploads: readUploadSettings(env),
  };
}

import { describe, expect, test } from 'vitest';
import { databaseTls, databaseUrlTls, redisTls, redisUrlTls } from '../../../../fixtures/model/topology/tls.ts';

type Env = Record<string, string>;
const api = (image = 'langgenius/dify-api:1.5.0') => ({ role: 'api', image }) as const;
const daemon = { role: 'plugin_daemon', image: 'langgenius/dify-plugin-daemon:0.1.2-local' } as const;
const NEW = 'langgenius/dify-api:1.13.3';

describe('TLS that the variables ask of the way to PostgreSQL', () => {
  test.for([
    [{}, 'prefer', null],
    [{ DB_EXTRAS: 'keepalives=1&sslmode=disable', PGSSLMODE: 'require' }, 'off', null],
    [{ DB_EXTRAS: 'sslmode=require' }, 'on', null],
    [{ PGSSLMODE: 'require' }, 'on', null],
    // Of the plugin daemon alone: api does not read it.
    [{ DB_SSL_MODE: 'require' }, 'prefer', null],
    [{ DB_EXTRAS: 'sslmode=require&sslrootcert=/ca.pem' }, 'verify', '/ca.pem'],
    [{ DB_EXTRAS: 'sslmode=verify-full', PGSSLROOTCERT: '/ca.pem' }, 'verify', '/ca.pem'],
    [{ DB_EXTRAS: 'sslmode=verify-full' }, 'verify', '/root/.postgresql/root.crt'],
    [{ DB_EXTRAS: 'sslmode=verify-full&sslrootcert=system' }, 'verify', null],
  ] as [Env, string, string | null][])('api with %o: %s', ([env, mode, authorities]) =>
    expect(databaseTls(env, api())).toMatchObject({ mode, authorities }),
  );

  test.for([
    [{}, 'off'],
    [{ DB_EXTRAS: 'sslmode=require', PGSSLMODE: 'require' }, 'off'],
    [{ DB_SSL_MODE: 'require' }, 'on'],
    [{ DB_SSL_MODE: 'require', PGSSLROOTCERT: '/ca.pem' }, 'verify'],
  ] as [Env, string][])('the plugin daemon with %o: %s', ([env, mode]) =>
    expect(databaseTls(env, daemon)).toMatchObject({ mode, variable: 'DB_SSL_MODE' }),
  );

  test('a connection string says it itself, before libpq’s variables', () => {
    const of = (text: string, env: Env) => databaseUrlTls(new URLSearchParams(text), env, 'X_URI').mode;
    expect(of('', {})).toBe('prefer');
    expect(of('', { PGSSLMODE: 'require' })).toBe('on');
    expect(of('sslmode=disable', { PGSSLMODE: 'require' })).toBe('off');
  });
});

describe('TLS that the variables ask of the way to Redis', () => {
  const on = { REDIS_USE_SSL: 'true' };
  test.for([
    [{}, api(), 'off', null],
    [{ REDIS_SSL_CERT_REQS: 'CERT_REQUIRED' }, api(NEW), 'off', null],
    // redis-py's own default, which releases before 1.8 leave as it is.
    [on, api(), 'verify', null],
    [{ ...on, REDIS_SSL_CERT_REQS: 'CERT_NONE' }, api(), 'verify', null],
    [on, api(NEW), 'on', null],
    [{ ...on, REDIS_SSL_CERT_REQS: 'CERT_NONE', REDIS_SSL_CA_CERTS: '/ca.pem' }, api(NEW), 'on', null],
    [{ ...on, REDIS_SSL_CERT_REQS: 'CERT_REQUIRED', REDIS_SSL_CA_CERTS: '/ca.pem' }, api(NEW), 'verify', '/ca.pem'],
    [{ ...on, REDIS_SSL_CERT_REQS: 'CERT_NONE' }, api('own/api:latest'), 'on', null],
    [{ ...on, REDIS_SSL_CERT_REQS: 'CERT_NONE' }, daemon, 'verify', null],
  ] as [Env, ReturnType<typeof api>, string, string | null][])('%o of %o: %s', ([env, asking, mode, authorities]) =>
    expect(redisTls(env, asking)).toMatchObject({ mode, authorities }),
  );

  test.for([
    ['redis://c/1', {}, api(), 'off'],
    ['rediss://c/1', {}, api(), 'on'],
    ['rediss://c/1?ssl_cert_reqs=CERT_REQUIRED', {}, api(), 'verify'],
    ['rediss://c/1?ssl_cert_reqs=CERT_NONE', {}, api(), 'on'],
    ['redis://c/1', on, api(), 'off'],
    ['redis://c/1', { BROKER_USE_SSL: 'true' }, api(), 'off'],
    ['redis://c/1', on, api(NEW), 'on'],
    ['rediss://c/1', { ...on, REDIS_SSL_CERT_REQS: 'CERT_REQUIRED' }, api(NEW), 'verify'],
  ] as [string, Env, ReturnType<typeof api>, string][])('broker %s with %o of %o: %s', ([url, env, asking, mode]) => {
    const { protocol, searchParams: parameters } = new URL(url);
    const wish = redisUrlTls({ secure: protocol === 'rediss:', parameters }, env, {
      ...asking,
      variable: 'CELERY_BROKER_URL',
    });
    expect(wish.mode).toBe(mode);
  });
});

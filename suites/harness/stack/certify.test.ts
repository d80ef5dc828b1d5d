import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { enclose } from '../../../fixtures/model/outside/enclose.ts';
import { TLS_FILES } from '../../../fixtures/model/outside/doubles.ts';
import type { StackModel } from '../../../fixtures/model/model.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { Authority } from '../../../fixtures/stack/authority.ts';
import { certify } from '../../../fixtures/stack/certify.ts';
import { planCopy } from '../../../fixtures/stack/state.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';

describe('a certificate made for a run', () => {
  /** What a client says that believes the authority and knows the server by a name. */
  async function handshake(authority: Authority, hosts: string[], servername: string): Promise<string> {
    const { certificate, key } = await authority.certify(hosts);
    const server = tls.createServer({ cert: certificate, key }, (socket) => socket.end());
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const address = /^[\d.]+$/.test(servername);
    const client = tls.connect({
      port,
      host: '127.0.0.1',
      ca: authority.certificate,
      ...(address ? {} : { servername }),
    });
    onTestFinished(() => void client.destroy());
    return once(client, 'secureConnect').then(
      () => 'open',
      (error: { code?: string }) => error.code ?? 'error',
    );
  }

  test('is believed by who believes its authority, for each name and address that it is for', async () => {
    const authority = await Authority.make('verify, of a test = only');
    const hosts = ['db.example.com', '127.0.0.1'];
    expect(await handshake(authority, hosts, 'db.example.com')).toBe('open');
    expect(await handshake(authority, hosts, '127.0.0.1')).toBe('open');
    expect(await handshake(authority, hosts, 'other.example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('is believed by nobody else', async () => {
    const [authority, other] = [await Authority.make('test'), await Authority.make('test')];
    const signed = await other.certify(['db.example.com']);
    const mixed = { certificate: authority.certificate, certify: async () => signed } as unknown as Authority;
    expect(await handshake(mixed, [], 'db.example.com')).toMatch(/UNABLE_TO_VERIFY|SIGNATURE|SELF_SIGNED/);
  });
});

describe('doubles that speak TLS', () => {
  const DB = { DB_USERNAME: 'dify', DB_PASSWORD: 'x', DB_HOST: 'db.example.com' };

  async function certified(environment: object, volumes: object[] = []) {
    const service = (image: string, more: object) => ({
      image,
      environment: { ...environment, ...more },
      volumes,
      networks: { default: null },
    });
    const read = modelOf({
      api: service('langgenius/dify-api:1.13.3', { MODE: 'api' }),
      plugin_daemon: service('langgenius/dify-plugin-daemon:0.1.2-local', {}),
    });
    const { model, doubles } = enclose(read, rolesOf(read), { allow: [] });
    const folder = mkdtempSync(path.join(os.tmpdir(), 'certify-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const notes = await certify(model, doubles, folder);
    return { model, doubles, notes };
  }

  /** The files that a service has by configs: the first line of each, by path. */
  function filesOf(model: StackModel, service: string): Record<string, string> {
    const configs = (model.raw['configs'] ?? {}) as Record<string, { content?: string; file?: string }>;
    const textOf = ({ content, file }: { content?: string; file?: string } = {}) =>
      file === undefined ? (content ?? '') : readFileSync(file, 'utf8');
    const own = (model.raw.services[service]?.['configs'] ?? []) as { source: string; target: string }[];
    return Object.fromEntries(
      own.map(({ source, target }) => [target, textOf(configs[source]).trim().split('\n')[0] ?? '']),
    );
  }

  test('nobody asks: no file, no variable, no word', async () => {
    const { model, notes } = await certified(DB);
    expect(notes).toEqual([]);
    expect(Object.keys(model.services).map((name) => Object.keys(filesOf(model, name)).join())).toEqual([
      '',
      '',
      '/docker-entrypoint-initdb.d/further.sql',
    ]);
    expect(model.services['api']?.environment).not.toHaveProperty('SSL_CERT_FILE');
  });

  test('the double has its certificate, and each client believes it, by the file that OpenSSL and Go read', async () => {
    const { model } = await certified({ ...DB, DB_EXTRAS: 'sslmode=require', DB_SSL_MODE: 'require' });
    expect(filesOf(model, 'db.example.com')).toMatchObject({
      [TLS_FILES.certificate]: '-----BEGIN CERTIFICATE-----',
      [TLS_FILES.key]: '-----BEGIN PRIVATE KEY-----',
    });
    for (const client of ['api', 'plugin_daemon']) {
      expect(filesOf(model, client)).toEqual({ [TLS_FILES.authority]: '-----BEGIN CERTIFICATE-----' });
      expect(model.services[client]?.environment['SSL_CERT_FILE']).toBe(TLS_FILES.authority);
      expect(model.raw.services[client]?.environment?.['SSL_CERT_FILE']).toBe(TLS_FILES.authority);
    }
  });

  test('a file of authorities that is mounted is replaced, one that is not there stays missing', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'certify-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(path.join(folder, 'rds.pem'), 'the real ones');
    const volumes = [{ type: 'bind', source: folder, target: '/certs' }];
    const asking = (file: string) => ({ ...DB, DB_EXTRAS: `sslmode=verify-full&sslrootcert=${file}` });
    const there = await certified(asking('/certs/rds.pem'), volumes);
    expect(filesOf(there.model, 'api')['/certs/rds.pem']).toBe('-----BEGIN CERTIFICATE-----');
    expect(there.notes).toContain(
      'api: /certs/rds.pem holds the authority of the private doubles, in place of the real one',
    );
    const alone = await certified(asking('/certs/rds.pem'), [
      { type: 'bind', source: path.join(folder, 'rds.pem'), target: '/certs/rds.pem' },
    ]);
    expect(filesOf(alone.model, 'api')['/certs/rds.pem']).toBe('-----BEGIN CERTIFICATE-----');
    expect(alone.model.services['api']?.mounts).toEqual([]);
    expect(alone.model.raw.services['api']?.volumes).toEqual([]);
    const missing = await certified(asking('/certs/typo.pem'), volumes);
    expect(filesOf(missing.model, 'api')).not.toHaveProperty('/certs/typo.pem');
    expect(missing.notes).toContain('api: /certs/typo.pem is in none of its mounts and is left missing');
  });
});

test('a folder that holds a certificate which a variable names is configuration, wherever it is mounted', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'certify-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'ca.pem'), 'x');
  const planOf = (environment: object) => {
    const volumes = [{ type: 'bind', source: folder, target: '/certs' }];
    const { api } = modelOf({ api: { image: 'langgenius/dify-api:1.5.0', environment, volumes } }).services;
    const [mount] = api?.mounts ?? [];
    if (!api || !mount) throw new Error('no mount');
    return planCopy(mount, api, 'api', { tracked: () => null, dir: '/elsewhere' }).kind;
  };
  expect(planOf({ REDIS_SSL_CA_CERTS: '/certs/ca.pem' })).toBe('copy');
  expect(planOf({ DB_EXTRAS: 'sslmode=verify-full&sslrootcert=/certs/ca.pem' })).toBe('copy');
  expect(planOf({ REDIS_SSL_CA_CERTS: '/certs/typo.pem' })).toBe('private-volume');
  expect(planOf({ LOG_FILE: '/certs/ca.pem' })).toBe('private-volume');
});

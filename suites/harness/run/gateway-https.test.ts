import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../../fixtures/errors.ts';
import type { StackModel } from '../../../fixtures/model/model.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { makeCertificates, turnOnHttps } from '../../../fixtures/run/gateway-https.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'https-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A copy of the reference stack, edited, as a run would read it. */
async function read(edit: (dir: string) => void = () => undefined): Promise<StackModel> {
  const dir = path.join(root, 'stack');
  cpSync('compose', dir, { recursive: true, filter: (entry) => !entry.startsWith(path.join('compose', 'images')) });
  edit(dir);
  return readStack({ dir }, path.join(root, 'run'));
}

const mountAt = ({ services }: StackModel, target: string) =>
  services['nginx']?.mounts.find((mount) => mount.target === target);

test('HTTPS of the copy goes on by the own switch of the directory, which stays as it is', async () => {
  const model = await read();
  const roles = rolesOf(model);
  expect(turnOnHttps(model, roles)).toEqual([
    'nginx: NGINX_HTTPS_ENABLED=true in the copy, for --tls',
    'nginx: port 443 published in the copy for --tls; the directory does not publish it',
  ]);
  expect(model.services['nginx']?.environment['NGINX_HTTPS_ENABLED']).toBe('true');
  expect(model.raw.services['nginx']?.environment?.['NGINX_HTTPS_ENABLED']).toBe('true');
  expect(turnOnHttps(model, roles)).toEqual(['--tls: HTTPS is on in the directory already']);
});

test('certificates that are named and not there are made, in the run’s folder; both belong together', async () => {
  const model = await read();
  const roles = rolesOf(model);
  expect(await makeCertificates(model, roles, root)).toEqual([]);
  turnOnHttps(model, roles);
  expect(await makeCertificates(model, roles, root)).toEqual([
    'nginx: /etc/nginx/ssl/dify.crt and its key made for this run, where none is there',
  ]);
  const mount = mountAt(model, '/etc/nginx/ssl');
  expect(mount).toMatchObject({ ofRun: true, readOnly: true });
  expect(mount?.source).toContain(root);
  expect(mount?.source).not.toContain(model.dir);
  expect(model.raw.services['nginx']?.volumes?.find(({ target }) => target === '/etc/nginx/ssl')?.source).toBe(
    mount?.source,
  );
  const text = (name: string) => readFileSync(path.join(mount?.source ?? '', name), 'utf8');
  const certificate = new X509Certificate(text('dify.crt'));
  expect(certificate.checkPrivateKey(createPrivateKey(text('dify.key')))).toBe(true);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(existsSync(path.join(model.dir, 'nginx/ssl/dify.crt'))).toBe(false);
  // Now they are there.
  expect(await makeCertificates(model, roles, root)).toEqual([]);
});

test('the operators’ own certificates stay', async () => {
  const model = await read((dir) => {
    for (const name of ['dify.crt', 'dify.key']) writeFileSync(path.join(dir, 'nginx/ssl', name), 'own');
  });
  const roles = rolesOf(model);
  turnOnHttps(model, roles);
  expect(await makeCertificates(model, roles, root)).toEqual([]);
  expect(mountAt(model, '/etc/nginx/ssl')?.source).toBe(path.join(model.dir, 'nginx/ssl'));
});

test('they are made where no server names them yet, and beside what else is in the folder', async () => {
  const model = await read((dir) => {
    const file = path.join(dir, 'nginx/conf.d/default.conf.template');
    writeFileSync(file, readFileSync(file, 'utf8').replace('include /etc/nginx/https.conf;', ''));
    mkdirSync(path.join(dir, 'nginx/ssl/more'));
    writeFileSync(path.join(dir, 'nginx/ssl/more/dhparam.pem'), 'x');
  });
  const roles = rolesOf(model);
  turnOnHttps(model, roles);
  expect(await makeCertificates(model, roles, root)).toHaveLength(1);
  expect(existsSync(path.join(mountAt(model, '/etc/nginx/ssl')?.source ?? '', 'more/dhparam.pem'))).toBe(true);
});

test('where nothing turns HTTPS on, --tls is refused in one line', async () => {
  const model = await read((dir) => {
    const file = path.join(dir, 'nginx/docker-entrypoint.sh');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('NGINX_HTTPS_ENABLED', 'NGINX_SOMETHING'));
  });
  const asked = () => turnOnHttps(model, rolesOf(model));
  expect(asked).toThrow(UsageError);
  expect(asked).toThrow(/^--tls: nothing in .*stack turns HTTPS on \(.*\): leave --tls out$/);
});

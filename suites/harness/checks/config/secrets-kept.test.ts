import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import { judgeKept } from '../../../../fixtures/checks/config/secrets-kept.ts';
import { realDisk } from '../../../../fixtures/checks/config/disk.ts';
import { judgeAll, modelOf, service, soundStack, type SyntheticStack } from './stack.ts';

const KEPT = 'config/secret/kept';
const OWN = 'DB_PASSWORD=eight-of-its-own-8\n';

function judged(change: (stack: SyntheticStack) => void) {
  const stack = soundStack();
  change(stack);
  return judgeAll(stack).get(KEPT)?.verdict;
}

test.for<[string, (stack: SyntheticStack) => void, string, RegExp]>([
  [
    'the env file is tracked',
    (stack) => {
      stack.files['.env'] = OWN;
      stack.tracked = ['.env'];
    },
    'fail',
    /\.env is tracked/,
  ],
  [
    'it is not, in a checkout',
    (stack) => {
      stack.files['.env'] = OWN;
      stack.tracked = [];
    },
    'pass',
    /\.env: not tracked/,
  ],
  [
    'there is no checkout',
    (stack) => {
      stack.files['.env'] = OWN;
      delete stack.tracked;
    },
    'skip',
    /in no checkout/,
  ],
  ['neither an env file nor a key', (stack) => delete stack.files['.env'], 'skip', /there is no env file/],
  [
    'an env file of settings, published values and placeholders only',
    (stack) => {
      stack.files['.env'] =
        'LOG_LEVEL=INFO\nDB_PASSWORD=difyai123456\nSECRET_KEY=\nMAIL_TOKEN=${OTHER}\nAPI_KEY=your-api-key\n';
      stack.tracked = ['.env'];
    },
    'pass',
    /\.env: no secret of its own/,
  ],
  [
    'a private key that is mounted',
    (stack) => {
      stack.files['.env'] = '';
      stack.files['nginx/ssl/dify.key'] = '-----BEGIN PRIVATE KEY-----\nx\n';
      service(stack, 'nginx').volumes?.push({ type: 'bind', source: '/stack/nginx/ssl', target: '/etc/ssl/own' });
      stack.tracked = ['nginx/ssl/dify.key'];
    },
    'fail',
    /nginx\/ssl\/dify\.key is tracked/,
  ],
])('%s', ([, change, status, message]) => {
  const verdict = judged(change);
  expect(verdict?.status).toBe(status);
  expect(verdict?.message).toMatch(message);
  expect(JSON.stringify(verdict)).not.toContain('eight-of-its-own-8');
});

test('an env file that cannot be read is no pass', () => {
  const stack = soundStack();
  const model = modelOf(stack);
  const inputs = configInputs(model, {
    roles: {},
    disk: {
      read: () => null,
      list: () => [],
      kind: (entry) => (entry.endsWith('.env') ? 'file' : null),
      link: () => null,
    },
  });
  expect(judgeKept(inputs, () => false)).toMatchObject({
    status: 'error',
    message: expect.stringMatching(/\.env could not be read/) as string,
  });
});

test('git itself is asked, of the checkout that a file lies in', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'kept-'));
  try {
    for (const name of ['.env', 'own.env']) writeFileSync(path.join(dir, name), OWN);
    const tracked = (name: string) => realDisk.tracked?.(path.join(dir, name));
    expect(tracked('.env')).toBeNull();
    for (const args of [
      ['init', '--quiet'],
      ['add', '.env'],
    ])
      execFileSync('git', ['-C', dir, ...args]);
    expect([tracked('.env'), tracked('own.env')]).toEqual([true, false]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

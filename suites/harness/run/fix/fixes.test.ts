import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';
import { readStack } from '../../../../fixtures/model/read.ts';
import { policyFor } from '../../../../fixtures/model/policy/policy.ts';
import type { Cause } from '../../../../fixtures/run/causes/cause.ts';
import { lookAt, redOf } from '../../../../fixtures/run/fix/look.ts';
import { planFixes, type Fixes } from '../../../../fixtures/run/fix/plan.ts';
import { fixText } from '../../../../fixtures/run/fix/print.ts';
import { defectiveStack, OWN_SECRET, type Shape } from '../../../../fixtures/testing/defective-stack.ts';
import { fingerprint } from '../../../../fixtures/testing/command.ts';

const made: string[] = [];
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

const temporary = (): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'fixes-test-'));
  made.push(dir);
  return dir;
};

const policy = policyFor(undefined, []);

const read = async (dir: string, texts: ReadonlyMap<string, string> = new Map()): Promise<StackModel> =>
  readStack({ dir, texts }, path.join(temporary(), 'read'));

/** What the command plans, without its process (see fix.test.ts of the command). */
async function fixes(
  stack: string,
  chosen: (causes: readonly Cause[]) => readonly Cause[] = (causes) => causes,
): Promise<Fixes> {
  const model = await read(stack);
  return planFixes(model, {
    policy,
    causes: chosen(lookAt(model, policy).causes),
    reread: async (texts) => read(stack, texts),
    printable: () => true,
    tell: () => undefined,
  });
}

/** The config suite's findings over a directory as it is. */
const lookInto = async (dir: string) => lookAt(await read(dir), policy);

/** A copy of a stack to which what was printed is done, as a user does it: commands of the shell, then git. */
function applied(stack: string, printed: Fixes): string {
  const copy = temporary();
  cpSync(stack, copy, { recursive: true });
  for (const command of printed.fixes.flatMap(({ before }) => before))
    execFileSync('sh', ['-c', command], { cwd: copy, stdio: 'pipe' });
  const patch = path.join(temporary(), 'fixes.patch');
  writeFileSync(patch, `${fixText(printed)}\n`);
  if (printed.fixes.some((fix) => fix.patch))
    execFileSync('git', ['apply', '--unidiff-zero', patch], { cwd: copy, stdio: 'pipe' });
  return copy;
}

/** The causes of each shape, most dangerous first. */
const CAUSES: Record<Shape, string[]> = {
  fork: [
    'published-default-secret',
    'anonymous-access:weaviate',
    'port-published:plugin_daemon',
    'squid-private-open',
    'nginx-path-cut',
    'script-unusable:nginx',
    'secret-differs:sandbox:API_KEY',
    'squid-peer-open',
    'no-health-check',
    'nginx-static-upstream',
    'starts-too-early',
    'restart-policy-missing',
    'first-login-guessable',
    'port-published:api',
    'health-check-blind:db',
    'health-check-blind:redis',
    'memory-without-limit',
    'nginx-connect-timeout',
    'health-check-limits',
    'secret-repeated',
  ],
  release: [
    'published-default-secret',
    'anonymous-access:weaviate',
    'port-published:plugin_daemon',
    'squid-private-open',
    'squid-peer-open',
    'no-health-check',
    'starts-too-early',
    'nginx-static-upstream',
    'connections-too-few',
    'restart-policy-missing',
    'first-login-guessable',
    'health-check-blind:db',
    'health-check-blind:redis',
    'log-without-limit',
    'memory-without-limit',
    'nginx-connect-timeout',
    'health-check-limits',
    'plugin-files-address',
  ],
};

describe.for<Shape>(['fork', 'release'])('the printed fixes of a directory in the shape of a %s', (shape) => {
  let stack = '';
  let before: Awaited<ReturnType<typeof lookInto>>;
  beforeAll(async () => {
    stack = defectiveStack(shape);
    made.push(stack);
    before = await lookInto(stack);
  }, 60_000 * slowness);

  test('the directory has the defects that the patches are for', () => {
    expect(before.causes.map(({ id }) => id)).toEqual(CAUSES[shape]);
  });

  test.for(CAUSES[shape])(
    '%s: its patch, applied by git, takes that cause away and brings none',
    { timeout: 120_000 * slowness },
    async (id) => {
      const printed = await fixes(stack, (causes) => causes.filter((cause) => cause.id === id));
      expect(printed.fixes).toMatchObject([{ cause: { id }, byHand: [] }]);
      const after = await lookInto(applied(stack, printed));
      // A secret of its own ends its repetition, too.
      const also = id === 'published-default-secret' ? ['secret-repeated'] : [];
      expect(after.causes.map((cause) => cause.id).toSorted()).toEqual(
        CAUSES[shape].filter((cause) => cause !== id && !also.includes(cause)).toSorted(),
      );
      expect([...redOf(after)].filter((check) => !redOf(before).has(check))).toEqual([]);
    },
  );

  test(
    'all of them, one upon the other: nothing is red, nothing was written, no secret of the operators is printed',
    { timeout: 120_000 * slowness },
    async () => {
      const untouched = fingerprint(stack);
      const printed = await fixes(stack);
      expect(fingerprint(stack)).toBe(untouched);
      expect(printed.fixes.flatMap(({ byHand }) => byHand)).toEqual([]);
      const copy = applied(stack, printed);
      const after = await lookInto(copy);
      expect([...redOf(after)]).toEqual([]);
      expect(fixText(printed)).not.toContain(OWN_SECRET);
      // What was no defect stands as it stood, comments included.
      const compose = readFileSync(path.join(copy, 'docker-compose.yaml'), 'utf8');
      expect(compose).toContain('  api: # what browsers call\n');
    },
  );

  test(
    'new secrets are others each time, one value a pair, and a live database gets its own first',
    { timeout: 120_000 * slowness },
    async () => {
      const chosen = (causes: readonly Cause[]) => causes.filter(({ id }) => id === 'published-default-secret');
      const texts = [fixText(await fixes(stack, chosen)), fixText(await fixes(stack, chosen))];
      const [first = [], second = []] = texts.map((text) =>
        [...text.matchAll(/^\+(\w+)=.*?([0-9a-f]{48})/gm)].map(([, name, value]) => [name, value]),
      );
      expect(first.length).toBeGreaterThan(6);
      expect(first.map(([, value]) => value).filter((value) => second.some(([, other]) => other === value))).toEqual(
        [],
      );
      const values = Object.fromEntries(first) as Record<string, string>;
      expect(values['REDIS_PASSWORD']).toBe(values['CELERY_BROKER_URL']);
      expect(values['WEAVIATE_API_KEY']).toBe(values['WEAVIATE_ALLOWED_KEYS']);
      if (shape === 'fork')
        expect(texts[1]).toContain(
          `docker compose exec db psql -U postgres -d dify -c "ALTER USER postgres PASSWORD '${Object.fromEntries(second)['DB_PASSWORD']}'"`,
        );
    },
  );
});

test(
  'what no patch is known for is named beside the patch, and is all that is left',
  { timeout: 120_000 * slowness },
  async () => {
    const stack = defectiveStack('release');
    made.push(stack);
    writeFileSync(
      path.join(stack, 'docker-compose.override.yaml'),
      'services:\n  tool:\n    image: example/tool:1\n    restart: always\n',
    );
    const printed = await fixes(stack, (causes) => causes.filter(({ id }) => id === 'no-health-check'));
    expect(printed.fixes[0]?.byHand).toEqual([
      expect.stringMatching(/^not in the patch: tool: a healthcheck that asks tool itself/),
    ]);
    const left = (await lookInto(applied(stack, printed))).causes.find(({ id }) => id === 'no-health-check');
    expect(left?.checks).toEqual(['config/health/tool/present']);
  },
);

const REDIS = 'services:\n  redis:\n    ';
const EVICTS = 'redis-server --requirepass ${REDIS_PASSWORD} --maxmemory 1gb --maxmemory-policy';

test.for<[string, string, string, string]>([
  [
    'replicas-apart:redis',
    'docker-compose.override.yaml',
    `${REDIS}deploy:\n      replicas: 2 # twice\n`,
    'replicas: 1 # twice',
  ],
  ['replicas-apart:redis', 'docker-compose.override.yaml', `${REDIS}scale: 3\n`, 'scale: 1\n'],
  [
    'tasks-evicted:redis',
    'docker-compose.override.yaml',
    `${REDIS}command: ${EVICTS} allkeys-lru\n`,
    '--maxmemory-policy noeviction\n',
  ],
  [
    'tasks-evicted:redis',
    'docker-compose.override.yaml',
    `${REDIS}command: [${EVICTS.replace('${REDIS_PASSWORD}', '"${REDIS_PASSWORD}"').replaceAll(' ', ', ')}, "volatile-ttl"]\n`,
    '--maxmemory-policy, "noeviction"]',
  ],
  [
    'squid-waits-for-names',
    'ssrf_proxy/squid.conf.template',
    'acl own dstdomain .example.org\nacl other dstdomain -n .example.com\nhttp_access allow own\n',
    'acl own dstdomain -n .example.org\nacl other dstdomain -n .example.com\n',
  ],
])('%s in %s is mended where it is written', { timeout: 60_000 * slowness }, async ([id, file, text, mended]) => {
  const stack = defectiveStack('release');
  made.push(stack);
  const at = path.join(stack, file);
  writeFileSync(at, text + (existsSync(at) ? readFileSync(at, 'utf8') : ''));
  const printed = await fixes(stack, (causes) => causes.filter((cause) => cause.id === id));
  expect(printed.fixes).toMatchObject([{ cause: { id }, byHand: [] }]);
  const copy = applied(stack, printed);
  expect(readFileSync(path.join(copy, file), 'utf8')).toContain(mended);
  expect((await lookInto(copy)).causes.map((cause) => cause.id)).not.toContain(id);
});

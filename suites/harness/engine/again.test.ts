import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallStack, startCommand, startVerify } from '../../../fixtures/testing/command.ts';
import { containersOf } from '../../../fixtures/stack/containers.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';

/** Needs an engine. A kept stack is judged as it was made, and a directory that has changed since is not called sound by it. */
let stack: string;
let work: string;
let kept = '';
/** Of a test that ended half-way, too. */
const allKept: string[] = [];

const NGINX_CONF = 'volumes/nginx/default.conf';

beforeAll(() => {
  stack = smallStack();
  mkdirSync(path.join(stack, path.dirname(NGINX_CONF)), { recursive: true });
  writeFileSync(path.join(stack, NGINX_CONF), 'server { listen 80; location / { return 204; } }\n');
  const file = path.join(stack, 'docker-compose.yaml');
  const mount = `    image: nginx:1.28\n    volumes: ['./${NGINX_CONF}:/etc/nginx/conf.d/default.conf:ro']\n`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('    image: nginx:1.28\n', mount));
  work = mkdtempSync(path.join(os.tmpdir(), 'again-'));
});

afterAll(async () => {
  for (const run of allKept) await startCommand('clean', [run]).ended;
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
}, 120_000);

async function verify(...args: string[]) {
  const run = startVerify([...args, '--only', 'health', '--report', path.join(work, 'report')]);
  const code = await run.ended;
  return { code, ...run.output() };
}

/** What a run printed from its reds on: of CI's log only the end is kept. */
const redsOf = ({ stdout, stderr }: { stdout: string; stderr: string }): string =>
  `${stdout.slice(-2_000)}\n${stderr.slice(-500)}`;

/** A first run, whose stack is kept. */
async function keptRun() {
  const first = await verify('--stack', stack, '--keep');
  kept = /clean -- (verify-[0-9a-f]{8})/.exec(first.stdout)?.[1] ?? '';
  expect(kept).not.toBe('');
  allKept.push(kept);
  return first;
}

/** Which container each service of the kept copy runs in. */
async function containersOfKept(): Promise<Record<string, string>> {
  return Object.fromEntries((await containersOf(kept)).map(({ service, id }) => [service, id]));
}

test(
  'an edit of a mounted file is taken over into the kept copy, and what knew the old one is made anew; what was broken is mended so',
  { timeout: 300_000 },
  async () => {
    const first = await keptRun();
    const before = await containersOfKept();

    writeFileSync(path.join(stack, NGINX_CONF), 'server { listen 80; location / { return 204 } }\n');
    const broken = await verify('--again', kept, '--check', 'health/redis/*');
    expect(broken.stdout + broken.stderr).toContain('service-down:nginx');
    expect(broken.code, `${redsOf(broken)}`).toBe(1);

    writeFileSync(path.join(stack, NGINX_CONF), 'server { listen 80; location / { return 418; } }\n');
    const mended = await verify('--again', kept);
    expect(mended.stdout + mended.stderr).toContain(
      `taken over into the kept copy: ${path.join(stack, NGINX_CONF)}; made anew: nginx`,
    );
    expect(mended.code, `${redsOf(first)}\n---\n${redsOf(mended)}`).toBe(first.code);
    const after = await containersOfKept();
    expect(after['redis']).toBe(before['redis']);
    expect(after['nginx']).not.toBe(before['nginx']);
    const [nginx] = (await containersOf(kept)).filter(({ service }) => service === 'nginx');
    expect((await fetch(`http://127.0.0.1:${nginx?.published[80] ?? 'none'}/`)).status).toBe(418);

    // What was taken over is no change any more.
    const again = await verify('--again', kept);
    expect(again.stdout).toMatch(/the copy as of \d\d:\d\d\n/);
    expect(again.code, `${redsOf(first)}\n---\n${redsOf(again)}`).toBe(first.code);
  },
);

test(
  'a changed directory ends with 2 and names what changed; --stale judges the copy all the same',
  { timeout: 300_000 },
  async () => {
    const first = await keptRun();

    const same = await verify('--again', kept);
    expect(same.code, `${redsOf(first)}\n---\n${redsOf(same)}`).toBe(first.code);
    expect(same.stdout).toMatch(/the copy as of \d\d:\d\d\n/);
    // What was run is said of a kept stack, too.
    expect(same.stdout).toContain('stand-ins for 2 of 2 services; your images were not run');

    appendFileSync(path.join(stack, 'docker-compose.yaml'), '# changed\n');
    const changed = await verify('--again', kept);
    expect(changed.stderr).toMatch(
      /^verify: --again verify-\w+ judges the copy as of \d\d:\d\d, changed since: docker-compose\.yaml: only changes of mounted files are taken over; verify the directory anew, or give --stale/,
    );
    expect(changed.stderr.trim().split('\n')).toHaveLength(1);
    expect(changed.code).toBe(2);

    const stale = await verify('--again', kept, '--stale');
    expect(stale.code, `${redsOf(first)}\n---\n${redsOf(stale)}`).toBe(first.code);
    const { notes } = JSON.parse(readFileSync(path.join(work, 'report/summary.json'), 'utf8')) as Summary;
    expect(notes.join('\n')).toMatch(/judged again: the copy as of .* changed since: docker-compose\.yaml/);
  },
);

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesIn } from '../../../fixtures/testing/files-in.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';

/** What is no file, by what it is called in a message. The device has no end: whoever reads it, reads for ever. */
const KINDS = { fifo: /a FIFO/, socket: /a socket/, device: /a device/, folder: /a folder/ } as const;
type Kind = keyof typeof KINDS;

/** Where one may stand in place of a file, and what is given to the command for it. */
const PLACES: Record<string, { name: string; args?: string[] }> = {
  '.env': { name: '.env' },
  '--env-file': { name: 'other.env', args: ['--env-file', 'PLACE'] },
  'the compose file': { name: 'docker-compose.yaml' },
  '--file': { name: 'more.yaml', args: ['--file', 'PLACE'] },
  '--policy': { name: 'policy.yaml', args: ['--policy', 'PLACE'] },
  'verify.yaml': { name: 'verify.yaml' },
};

let work: string;
const servers: Server[] = [];

beforeAll(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'special-files-'));
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(work, { recursive: true, force: true });
});

async function make(kind: Kind, at: string): Promise<void> {
  rmSync(at, { force: true });
  if (kind === 'fifo') execFileSync('mkfifo', [at]);
  else if (kind === 'device') symlinkSync('/dev/zero', at);
  else if (kind === 'folder') mkdirSync(at);
  else
    await new Promise<void>((done) => {
      servers.push(createServer().listen(at, done));
    });
}

const stackIn = (name: string, files: Record<string, string>) => filesIn(path.join(work, name), files);

const SERVICES = 'services: { nginx: { image: nginx:1, volumes: ["./conf:/etc/nginx/conf.d:ro"] } }\n';

/** Each place by the FIFO, whose open already waits; the others where the text is read in more than one way. */
const CASES = Object.keys(KINDS).flatMap((kind) =>
  Object.keys(PLACES)
    .filter((place) => kind === 'fifo' || ['.env', '--env-file', 'the compose file'].includes(place))
    .map((place) => [kind as Kind, place] as const),
);

test.concurrent.for(CASES)(
  '%s as %s: one line, exit code 2, nothing left',
  { timeout: 60_000 },
  async ([kind, place]) => {
    const { name, args = [] } = PLACES[place] ?? { name: '' };
    const id = `${kind}-${name}`;
    const dir = stackIn(id, { 'docker-compose.yaml': SERVICES, 'conf/default.conf': 'server { listen 80; }\n' });
    await make(kind, path.join(dir, name));
    const temporary = path.join(work, `${id}-tmp`);
    mkdirSync(temporary);
    const given = args.map((arg) => arg.replace('PLACE', path.join(dir, name)));
    const report = path.join(work, `${id}-report`);
    const run = startVerify(['--stack', dir, '--only', 'config', '--report', report, ...given], { TMPDIR: temporary });
    const code = await run.ended;
    const lines = run
      .output()
      .stderr.split('\n')
      .filter((line) => line !== '');
    expect(lines).toEqual([expect.stringMatching(KINDS[kind]) as string]);
    expect(lines[0]).toContain(name);
    expect(code).toBe(2);
    expect(readdirSync(temporary)).toEqual([]);
  },
);

test.concurrent.for(['fifo', 'socket', 'device'] as const)(
  '%s among mounted configuration is judged and not read',
  { timeout: 60_000 },
  async (kind) => {
    const dir = stackIn(`conf-${kind}`, {
      'docker-compose.yaml': SERVICES,
      'conf/default.conf': 'server { listen 80; }\n',
    });
    await make(kind, path.join(dir, 'conf/other.conf'));
    const run = startVerify(['--stack', dir, '--only', 'config', '--report', `${dir}-report`]);
    expect([0, 1]).toContain(await run.ended);
    expect(run.output().stderr).toBe('');
    expect(run.output().stdout).toMatch(/config: \d+ pass/);
  },
);

/**
 * A mounted file is read by a program of the stack and not by us: in the place of one it is the stack's own fault (nginx waits for
 * its writer for ever), which is seen without reading it. So it is a red (1); what we were to read ourselves is 2, above.
 */
test.concurrent.for(['fifo', 'socket', 'folder'] as const)(
  '%s in the place of a mounted file is the fault of the stack',
  { timeout: 60_000 },
  async (kind) => {
    const services = `services:
  nginx:
    image: nginx:1.28
    volumes: ['./nginx.conf.template:/etc/nginx/nginx.conf.template']
`;
    const dir = stackIn(`mounted-${kind}`, { 'docker-compose.yaml': services });
    await make(kind, path.join(dir, 'nginx.conf.template'));
    const run = startVerify(['--stack', dir, '--only', 'config', '--report', `${dir}-report`]);
    expect(await run.ended).toBe(1);
    expect(run.output().stderr).toBe('');
    expect(run.output().stdout).toMatch(/found +(?:\S+: )?nginx\.conf\.template is a/);
    expect(run.output().stdout).toContain('config/mount/nginx/there');
  },
);

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { RUN_LABEL } from '../../../fixtures/engine/labels.ts';
import { labelled } from '../../../fixtures/engine/removal.ts';
import { smallStack, startVerify } from '../../../fixtures/testing/command.ts';

/** Needs an engine that is reached by a socket. A restart of the engine, as a run sees it, without touching the engine. */
let stack: string;
let work: string;
const ENGINE = '/var/run/docker.sock';

beforeAll(() => {
  stack = smallStack();
  work = mkdtempSync(path.join(os.tmpdir(), 'away-'));
});
afterAll(() => {
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

/** A way to the engine that can be shut: what is open is cut, what comes is cut, until it is opened again. */
class Gate implements AsyncDisposable {
  shut = false;
  readonly #open = new Set<net.Socket>();
  readonly #server = net.createServer({ allowHalfOpen: true }, (client) => {
    if (this.shut) return void client.destroy();
    const there = net.connect({ path: ENGINE, allowHalfOpen: true });
    for (const [one, other] of [
      [client, there],
      [there, client],
    ] as const) {
      this.#open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => this.#open.delete(one));
      one.pipe(other);
    }
  });

  constructor(at: string) {
    this.#server.listen(at);
  }

  cut(): void {
    this.shut = true;
    for (const socket of this.#open) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((closed) => this.#server.close(closed));
  }
}

test.for([
  ['while it boots', /\d services\n/],
  ['when it is up', /up after/],
] as const)(
  'gone and back %s: exit code 2 with its reason, nothing left',
  { timeout: 180_000 },
  async ([name, moment]) => {
    const socket = path.join(work, `${name.length}.sock`);
    await using gate = new Gate(socket);
    const temporary = path.join(work, `tmp-${name.length}`);
    mkdirSync(temporary);
    const report = path.join(work, `report-${name.length}`);
    const verify = startVerify(['--stack', stack, '--only', 'dns', '--report', report], {
      DOCKER_HOST: `unix://${socket}`,
      TMPDIR: temporary,
    });
    const begun = await eventually(
      () => verify.output().stdout,
      (text) => moment.test(text),
      { withinMs: 90_000, everyMs: 5 },
    );
    expect(begun.held).toBe(true);
    const project = /^verify-[0-9a-f]{8}/m.exec(readdirSync(temporary).join('\n'))?.[0] ?? '';
    const ours = async () => labelled('container', `${RUN_LABEL}=${project}`);
    // Something of the run is on the engine by now, or will be in a moment.
    const before = await eventually(ours, (found) => found.length > 0, { withinMs: 30_000, everyMs: 20 });
    expect(before.held).toBe(true);
    gate.cut();
    const code = await verify.ended;
    gate.shut = false;
    const { stdout, stderr } = verify.output();
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    expect(stdout).not.toMatch(/^FAIL/m);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/engine/);
    expect(code).toBe(2);
    const left = await eventually(ours, (found) => found.length === 0, { withinMs: 60_000 });
    expect(left.last).toEqual([]);
  },
);

import { expect, test } from 'vitest';
import type { CommandResult } from '../../../fixtures/engine/cli.ts';
import { upAgainOnce } from '../../../fixtures/stack/up-again.ts';

/** A start that the engine's runtime broke off is begun once more; whatever else went wrong is the stack's or the machine's. */
const BROKEN_OFF =
  'Error response from daemon: OCI runtime create failed: unable to start container process: waiting for init preliminary setup: read init-p: connection reset by peer';

function ups(...stderrs: string[]) {
  let at = 0;
  const up = () => {
    const stderr = stderrs[Math.min(at++, stderrs.length - 1)] ?? '';
    return Promise.resolve({ exitCode: stderr === '' ? 0 : 1, stdout: '', stderr } as CommandResult);
  };
  return { up, times: () => at };
}

test.for<[string, string[], number, number]>([
  ['what comes up is not begun again', [''], 0, 1],
  ['a start that was broken off is', [BROKEN_OFF, ''], 0, 2],
  ['but once only', [BROKEN_OFF, BROKEN_OFF, ''], 1, 2],
  ['a stack at fault is told at once', ['dependency failed to start: container x-db-1 is unhealthy', ''], 1, 1],
  ['and so is a full disk', ['no space left on device', ''], 1, 1],
])('%s', async ([, stderrs, exitCode, times]) => {
  const seen = ups(...stderrs);
  const told: string[] = [];
  expect((await upAgainOnce(seen.up, (line) => told.push(line))).exitCode).toBe(exitCode);
  expect(seen.times()).toBe(times);
  expect(told).toHaveLength(times - 1);
});

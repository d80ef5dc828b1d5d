import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { request } from 'undici';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ignoresTerm, migrateSlowly, startSlowly } from '../../../compose/images/shared/src/starting.ts';
import { serve } from '../../../compose/images/shared/src/http-server.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('the start of a stand-in', () => {
  test('is at once unless it is told otherwise, and refuses what is no number by name', async () => {
    // Before anything that waits for as little as the next turn of the event loop.
    const turn = new Promise<string>((resolve) => setImmediate(resolve, 'later'));
    expect(await Promise.race([startSlowly({}).then(() => 'at once'), turn])).toBe('at once');
    const began = performance.now();
    await startSlowly({ STANDIN_START_SECONDS: '1' });
    expect(performance.now() - began).toBeGreaterThan(950);
    await expect(startSlowly({ STANDIN_START_SECONDS: 'soon' })).rejects.toThrow(/STANDIN_START_SECONDS.*"soon"/);
  });

  test('takes the memory that it is told to, and no other', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // Without what others in this process have left to be collected.
    const mb = () => {
      collect();
      return process.memoryUsage().arrayBuffers / 1024 / 1024;
    };
    const before = mb();
    await startSlowly({});
    expect(mb() - before).toBeLessThan(10);
    await startSlowly({ STANDIN_MEMORY_MB: '100' });
    expect(mb() - before).toBeGreaterThan(99);
    await expect(startSlowly({ STANDIN_MEMORY_MB: 'much' })).rejects.toThrow(/STANDIN_MEMORY_MB.*"much"/);
  });

  test('migrates under load for as long as it is told to, and not at all otherwise', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    // A question of 100 ms: ten of them are a second, by a clock that nothing but the questions moves.
    const work = () => Promise.resolve(vi.advanceTimersByTime(100));
    expect(await migrateSlowly({}, work)).toBe(0);
    expect(await migrateSlowly({ STANDIN_MIGRATION_SECONDS: '1' }, work)).toBe(10);
  });

  test('hears TERM unless it is told not to', () => {
    expect([ignoresTerm({}), ignoresTerm({ STANDIN_IGNORE_TERM: 'true' })]).toEqual([false, true]);
  });

  test('accepts connections before it answers where it is told to', async () => {
    vi.stubEnv('STANDIN_502_SECONDS', '1');
    const server = await serve(() => ({ status: 200, headers: {}, body: 'ok' }), { host: '127.0.0.1', port: 0 });
    try {
      const ask = () =>
        request(`http://127.0.0.1:${server.port}/`, { reset: true }).then(
          ({ statusCode }) => String(statusCode),
          (error: Error & { code?: string }) => error.code ?? error.message,
        );
      expect(await ask()).not.toMatch(/^\d|ECONNREFUSED/);
      const { last } = await eventually(ask, (answer) => answer === '200', { withinMs: 5_000 });
      expect(last).toBe('200');
    } finally {
      await server.stop(0);
    }
  });
});

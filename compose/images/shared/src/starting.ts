import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from 'node:net';
import { flag, integer, type Environment } from './environment.ts';

/*
 * How the real programs come up and go down, for tests: a stand-in is up at once and leaves when it is told to, the real
 * ones do neither. All of it is off unless a variable of the container says otherwise; the real images know none of them.
 *
 * STANDIN_START_SECONDS  the process runs for so long before it listens (a real api: 40 to 100 s at its first start)
 * STANDIN_502_SECONDS    for so long after that its port accepts and closes each connection without an answer, of which
 *                        nginx makes 502 (gunicorn listens before a worker of it has loaded the application)
 * STANDIN_IGNORE_TERM    no signal but KILL ends it, so `docker stop` takes the whole grace period
 */

/** Waits for STANDIN_START_SECONDS. Throws an Error that names the variable when it is no whole number. */
export async function startSlowly(env: Environment): Promise<void> {
  const seconds = integer(env, 'STANDIN_START_SECONDS', 0);
  if (seconds > 0) await pause(seconds * 1000);
}

/** Closes each connection without an answer, for STANDIN_502_SECONDS from now on. */
export function answerLate(server: Server, env: Environment): void {
  const untilMs = performance.now() + integer(env, 'STANDIN_502_SECONDS', 0) * 1000;
  server.on('connection', (socket) => {
    if (performance.now() < untilMs) socket.destroy();
  });
}

/** Whether the signals that ask a process to leave are left unheard. */
export const ignoresTerm = (env: Environment): boolean => flag(env, 'STANDIN_IGNORE_TERM', false);

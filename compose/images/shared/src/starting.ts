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
 * STANDIN_MIGRATION_SECONDS  for so long the migrations keep a processor and the database busy, where a stand-in migrates
 * STANDIN_MEMORY_MB      so much memory is held as long as the process runs (a real api: 900 MiB after use, web 400)
 * STANDIN_IGNORE_TERM    no signal but KILL ends it, so `docker stop` takes the whole grace period
 */

/** What STANDIN_MEMORY_MB asks for; written to, else the kernel would not give it. */
const held: Buffer[] = [];
const PIECE_MB = 64;

/**
 * Takes the memory of STANDIN_MEMORY_MB and waits for STANDIN_START_SECONDS. Throws an Error that names the variable when
 * one is no whole number.
 */
export async function startSlowly(env: Environment): Promise<void> {
  for (let left = integer(env, 'STANDIN_MEMORY_MB', 0); left > 0; left -= PIECE_MB) {
    held.push(Buffer.alloc(Math.min(left, PIECE_MB) * 1024 * 1024, 1));
  }
  const seconds = integer(env, 'STANDIN_START_SECONDS', 0);
  if (seconds > 0) await pause(seconds * 1000);
}

/** Asks the database for work of no use, one question after the other, for STANDIN_MIGRATION_SECONDS; returns how many. */
export async function migrateSlowly(env: Environment, work: () => Promise<unknown>): Promise<number> {
  const untilMs = performance.now() + integer(env, 'STANDIN_MIGRATION_SECONDS', 0) * 1000;
  let asked = 0;
  for (; performance.now() < untilMs; asked++) await work();
  return asked;
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

import { integer, text } from '../../shared/src/environment.ts';
import { serve } from '../../shared/src/http-server.ts';
import { runMain, stopOnSignal } from '../../shared/src/lifecycle.ts';
import { log } from '../../shared/src/log.ts';
import { startSlowly } from '../../shared/src/starting.ts';
import { readWebSettings, webApp } from './app.ts';

/** A server of Next.js leaves within a third of a second (measured). */
const stopWithinMs = 1000;

/**
 * Like the server that Next.js builds, it listens only on the address of its own HOSTNAME (the engine sets it to the
 * container's name): not on localhost, not on a second network. Up to 1.11 there is no handler for TERM on purpose: PID 1 of
 * the real image ignores it, `docker stop` takes the whole grace period.
 */
async function main(): Promise<void> {
  const host = text(process.env, 'HOSTNAME', '0.0.0.0');
  const port = integer(process.env, 'PORT', 3000);
  const settings = readWebSettings(process.env);
  await startSlowly(process.env);
  const server = await serve(webApp(settings), { host, port });
  if (settings.traits.heedsTerm) stopOnSignal(() => server.stop(stopWithinMs));
  log(`ready on http://${host}:${port}`);
}

runMain(main);

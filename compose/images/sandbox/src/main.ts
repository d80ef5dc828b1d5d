import { serve } from '../../shared/src/http-server.ts';
import { runMain, stopOnSignal } from '../../shared/src/lifecycle.ts';
import { log } from '../../shared/src/log.ts';
import { startSlowly } from '../../shared/src/starting.ts';
import { sandboxApp } from './app.ts';
import { readConfiguration } from './configuration.ts';

/** The user that the real sandbox runs code as: it owns nothing in the image. */
const codeUser = 65_537;
const stopWithinMs = 1000;
/** What a Go program that panics leaves with. */
const panicExitCode = 2;

/** Starts the sandbox; it panics without its configuration file, as the real one does. */
async function main(): Promise<void> {
  const configuration = readConfiguration('/conf/config.yaml', process.env);
  log('config init success');
  await startSlowly(process.env);
  const server = await serve(sandboxApp(configuration, codeUser), { host: '0.0.0.0', port: configuration.port });
  log(`sandbox listens on ${configuration.port}`);
  stopOnSignal(() => server.stop(stopWithinMs));
}

runMain(main, panicExitCode);

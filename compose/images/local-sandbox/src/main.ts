import { homedir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { text } from '../../shared/src/environment.ts';
import { serve } from '../../shared/src/http-server.ts';
import { runMain, stopOnSignal } from '../../shared/src/lifecycle.ts';
import { log } from '../../shared/src/log.ts';
import { startSlowly } from '../../shared/src/starting.ts';
import { shellctlApp } from './app.ts';
import { Jobs } from './jobs.ts';

const stopWithinMs = 5000;

/** `shellctl serve [--listen host:port] [--state-dir folder] [--token token]`, as the real one; anything else tells how it is called. */
async function main(): Promise<void> {
  const env = process.env;
  const [command, ...args] = process.argv.slice(2);
  if (command !== 'serve') {
    process.stderr.write('Usage: shellctl serve [flags]\n');
    return;
  }
  const one = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { listen: one, 'state-dir': one, token: one } });
  const home = homedir();
  const folder = text(
    values,
    'state-dir',
    path.join(text(env, 'XDG_DATA_HOME', path.join(home, '.local/share')), 'shellctl'),
  );
  const jobs = new Jobs(folder, env);
  await startSlowly(env);
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text(values, 'listen', '127.0.0.1:8765')) ?? [];
  if (port === '') throw new Error(`shellctl: listen ${values.listen ?? ''}: missing port in address`);
  const token = text(values, 'token', text(env, 'SHELLCTL_AUTH_TOKEN'));
  const server = await serve(shellctlApp({ jobs, token, home, env }), { host: host || '0.0.0.0', port: Number(port) });
  if (text(env, 'SHELLCTL_ENABLE_PATH_ISOLATION', 'true') === 'true')
    log('this stand-in knows no Landlock: scripts see every file that their user may see');
  log(`shellctl serving on ${host}:${port}`);
  stopOnSignal(async () => {
    jobs.stop();
    await server.stop(stopWithinMs);
  });
}

runMain(main);

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withLocalCertificates } from './issuers.ts';

/**
 * `local-certificates.js CADDY FILE run [flags]`: writes to FILE what `caddy run` with these flags would run, with certificates of
 * Caddy's own authority. Ends as `caddy adapt` ends, whose words of a configuration that it refuses go on as they are.
 */
const [caddy = '', file = '', , ...flags] = process.argv.slice(2);
const { values } = parseArgs({
  args: flags,
  strict: false,
  options: { config: { type: 'string', short: 'c' }, adapter: { type: 'string', short: 'a' } },
});
const named = typeof values.config === 'string' ? values.config : existsSync('Caddyfile') ? 'Caddyfile' : undefined;
const adapter = typeof values.adapter === 'string' ? values.adapter : undefined;

const isJson = named !== undefined && adapter === undefined && named.endsWith('.json');
const text = named === undefined ? '{}' : isJson ? readFileSync(named, 'utf8') : adapted(named, adapter);
writeFileSync(file, JSON.stringify(withLocalCertificates(JSON.parse(text) as Record<string, unknown>)), {
  mode: 0o600,
});

function adapted(config: string, by: string | undefined): string {
  const args = ['adapt', '--config', config, ...(by === undefined ? [] : ['--adapter', by])];
  const { status, stdout } = spawnSync(caddy, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

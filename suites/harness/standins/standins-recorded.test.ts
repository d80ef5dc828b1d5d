import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { readWebSettings, webApp } from '../../../compose/images/dify-web/src/app.ts';
import { daemonApp } from '../../../compose/images/plugin-daemon/src/app.ts';
import { requestFor, type HttpAnswer, type HttpHandler } from '../../../compose/images/shared/src/http-message.ts';
import { emptyPlugins, memoryStores } from './standin-memory-stores.ts';

/** One answer of the real 1.5.0 through nginx, before its set-up. */
interface Recorded {
  method: string;
  path: string;
  status: number;
  headers: Record<string, string>;
  /** The first 160 characters. */
  bodyStart: string;
  bodyBytes: number;
}

const file = new URL('../../../fixtures/setup/images/recorded/through-nginx-1.5.0.json', import.meta.url);
const { answers } = JSON.parse(readFileSync(file, 'utf8')) as { answers: Recorded[] };

/** Headers that tell who answered or what a client makes of the answer; each must be as recorded, absent ones absent. */
const compared = [
  'content-type',
  'location',
  'allow',
  'vary',
  'x-version',
  'x-env',
  'x-powered-by',
  'x-frame-options',
  'cache-control',
  'refresh',
  'access-control-allow-origin',
];

/** The stack that was recorded had a password for the set-up and a mail provider. */
const settings = readSettings({ SECRET_KEY: 'recorded', INIT_PASSWORD: 'recorded', MAIL_TYPE: 'resend' });

const handlers: Record<string, HttpHandler> = {
  api: difyApi({ settings, stores: memoryStores() }),
  web: webApp(readWebSettings({})),
  plugin_daemon: daemonApp({ store: emptyPlugins(), serverKey: 'recorded' }),
};

/** Who answers a path behind the recorded nginx configuration. */
function owner(path: string): string {
  const decoded = decodeURIComponent(path.split('?')[0] ?? path).replace(/^\/+/, '/');
  if (decoded === '/e') return 'nginx';
  if (/^\/(console\/api|api|v1|files)/.test(decoded)) return 'api';
  return decoded.startsWith('/e/') ? 'plugin_daemon' : 'web';
}

const cases = answers
  .map((recorded) => ({ ...recorded, owner: owner(recorded.path) }))
  .filter((recorded) => recorded.owner !== 'nginx');

describe('stand-ins answer as the real 1.5.0 was recorded', () => {
  test('every owner has recorded answers', () => {
    const count = (name: string) => cases.filter((recorded) => recorded.owner === name).length;
    expect({ api: count('api'), web: count('web'), plugin_daemon: count('plugin_daemon') }).toEqual({
      api: 31,
      web: 12,
      plugin_daemon: 5,
    });
  });

  test.for(cases.map((recorded) => [titled(recorded), recorded] as const))('%s', async ([, recorded]) => {
    const handler = handlers[recorded.owner];
    if (!handler) throw new Error(`no stand-in for ${recorded.owner}`);
    const answer = await handler(requestFor(recorded.method, recorded.path, { host: '127.0.0.1' }));
    const body = recorded.method === 'HEAD' ? '' : bodyOf(answer);
    expect({
      status: answer.status,
      headers: shown(answer.headers),
      bodyStart: body.slice(0, 160),
      bodyBytes: Buffer.byteLength(body),
    }).toEqual({
      status: recorded.status,
      headers: shown(recorded.headers),
      bodyStart: recorded.bodyStart,
      bodyBytes: recorded.bodyBytes,
    });
  });
});

function titled(recorded: (typeof cases)[number]): string {
  return `${recorded.owner}: ${recorded.method} ${recorded.path} is ${recorded.status}`;
}

function shown(headers: Record<string, string>): Record<string, string> {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(compared.flatMap((name) => (lower.has(name) ? [[name, lower.get(name) ?? '']] : [])));
}

function bodyOf(answer: HttpAnswer): string {
  if (typeof answer.body === 'string') return answer.body;
  if (Buffer.isBuffer(answer.body)) return answer.body.toString('utf8');
  throw new Error('a stream where a whole body was recorded');
}

import { expect, test } from 'vitest';
import { ownKey } from '../../../../fixtures/checks/isolation/own-key.ts';

test.for<[Parameters<typeof ownKey>[0], Record<string, string>, string | null]>([
  ['redis', { REDIS_PASSWORD: 'x' }, 'x'],
  ['redis', { REDIS_URL: 'redis://redis:6379' }, null],
  ['redis', { REDIS_PASSWORD: '' }, null],
  ['weaviate', {}, null],
  ['postgres', {}, ''],
  ['sandbox', {}, 'dify-sandbox'],
  ['sandbox', { CODE_EXECUTION_API_KEY: '' }, ''],
  ['plugin_daemon', {}, 'plugin-api-key'],
  ['agent_backend', { AGENT_BACKEND_API_TOKEN: 'x' }, 'x'],
  ['agent_backend', { AGENT_BACKEND_API_TOKEN: '' }, null],
  ['agent_sandbox', { DIFY_AGENT_SHELLCTL_AUTH_TOKEN: '' }, null],
])('%s with %j: the key that is sent is %j', ([kind, env, key]) => expect(ownKey(kind, env)).toBe(key));

import { expect, test } from 'vitest';
import { keptHosts, unknownHost } from '../../../../fixtures/checks/routes/mirror-hosts.ts';

test('what leads outside keeps its entry, what an echo server stands for has none', () => {
  const lines = ['model.example.com:127.0.0.1', 'api=10.0.0.9', 'host.docker.internal:host-gateway'];
  expect(keptHosts(lines, ['api', 'web'])).toEqual([lines[0], lines[2]]);
});

test.for<[string, string | null]>([
  ['nginx: [emerg] host not found in upstream "dify2openai:3000" in /etc/nginx/conf.d/a.conf:7', 'dify2openai'],
  ['the mirror does not come up: [emerg] 1#1: host not found in upstream "old" in /etc/nginx/nginx.conf:3', 'old'],
  ['nginx: [emerg] host not found in resolver "kube-dns" in /etc/nginx/nginx.conf:9', 'kube-dns'],
  ['nginx: [emerg] unknown directive "x" in /etc/nginx/nginx.conf:3', null],
])('%s', ([said, name]) => expect(unknownHost(said)).toBe(name));

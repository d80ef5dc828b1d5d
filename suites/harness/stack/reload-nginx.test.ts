import { expect, test } from 'vitest';
import { reloadNginx } from '../../../fixtures/stack/reload-nginx.ts';

test.for([
  ['nginx: master process nginx -c /own.conf -g daemon off;\n', ['nginx', '-c', '/own.conf', '-s', 'reload']],
  ['nginx: master process nginx -g daemon off;\n', ['nginx', '-s', 'reload']],
] as const)('an nginx that runs as "%s" is told so', async ([processes, expected]) => {
  const asked: string[][] = [];
  await reloadNginx('a-container', (command) => {
    asked.push(command);
    const stdout = command[0] === 'sh' ? processes : '';
    return Promise.resolve({ exitCode: 0, stdout, stderr: '', timedOut: false, durationMs: 1 });
  });
  expect(asked.at(-1)).toEqual(expected);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readStack } from '../../../fixtures/model/read.ts';

test('what compose warns of is told in its words, as it means them', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'warnings-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(
    path.join(dir, 'docker-compose.yaml'),
    'services:\n  api:\n    image: x\n    environment: { KEY: $NOBODY }\n',
  );
  const { warnings } = await readStack({ dir }, path.join(dir, 'run'));
  expect(warnings).toEqual([expect.stringMatching(/^The "NOBODY" variable is not set\. Default/)]);
});

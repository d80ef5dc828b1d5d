import path from 'node:path';
import { expect, test } from 'vitest';
import { driftOf } from '../../../../fixtures/checks/config/env-drift.ts';
import type { Disk } from '../../../../fixtures/checks/config/disk.ts';
import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const DIR = '/stack';

/** How often the environment of a service is read when an env file has so many placeholders, each of them in use. */
function readsWith(placeholders: number): { reads: number; told: number } {
  const names = Array.from({ length: placeholders }, (_, at) => `SETTING_${at}`);
  const lines = names.map((name) => `${name}=your-${name.toLowerCase()}`);
  const model = modelOf({
    api: { image: 'langgenius/dify-api:1.5.0', environment: Object.fromEntries(lines.map((line) => line.split('='))) },
  });
  model.env.path = path.join(DIR, '.env');
  const disk: Disk = {
    read: (file) => (file === model.env.path ? lines.join('\n') : null),
    list: () => [],
    kind: () => null,
    link: () => null,
  };
  const inputs = configInputs(model, { disk });
  let reads = 0;
  for (const service of Object.values(model.services)) {
    const value = service.environment;
    Object.defineProperty(service, 'environment', { get: () => ((reads += 1), value) });
  }
  const told = driftOf(lines, inputs).filter(({ says }) => says.endsWith('is a placeholder')).length;
  return { reads, told };
}

test('placeholders are looked for in each environment once, however many there are', () => {
  const [few, many] = [readsWith(2), readsWith(80)];
  expect([few.told, many.told]).toEqual([2, 80]);
  expect(many.reads).toBe(few.reads);
});

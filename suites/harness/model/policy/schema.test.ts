import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../../fixtures/engine/project-root.ts';
import { policyJsonSchema, policySchema, SCHEMA_FILE } from '../../../../fixtures/model/policy/schema.ts';

test('the published JSON schema is that of the policy file', () => {
  const published = readFileSync(path.join(projectRoot, SCHEMA_FILE), 'utf8');
  // After a change of the schema: npm run -s verify -- policy --schema > verify.schema.json
  expect(published).toBe(policyJsonSchema());
});

test('every key that is read is in it with its description, and no other key is allowed', () => {
  const schema = JSON.parse(policyJsonSchema()) as {
    properties: Record<string, { description?: string }>;
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.properties)).toEqual(Object.keys(policySchema.shape));
  for (const { description } of Object.values(schema.properties)) expect(description).toMatch(/\w/);
  expect(schema.additionalProperties).toBe(false);
});

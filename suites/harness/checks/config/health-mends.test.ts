import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { healthCheckFor, healthTestFor } from '../../../../fixtures/checks/config/health-mends.ts';

test.for<['agent_backend' | 'agent_sandbox', string, string, RegExp]>([
  // Python alone: its image has neither curl nor wget.
  ['agent_backend', 'langgenius/dify-agent-backend:1.16.1', 'python3', /'127\.0\.0\.1', ?5050.*getresponse\(\)$/],
  ['agent_sandbox', 'langgenius/dify-agent-local-sandbox:1.16.1', 'curl', /127\.0\.0\.1:5004\/healthz$/],
])('the health check that %s is told to have is one that its image can run', ([role, image, tool, asks]) => {
  const [kind, program, ...rest] = parse(healthTestFor(role, image) ?? '[]') as string[];
  expect([kind, program]).toEqual(['CMD', tool]);
  expect(rest.at(-1)).toMatch(asks);
  expect(healthCheckFor(role, role, image)).toContain(`test: ${healthTestFor(role, image) ?? ''}`);
});

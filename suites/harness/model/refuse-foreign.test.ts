import { describe, expect, test } from 'vitest';
import { UnreadableStack } from '../../../fixtures/errors.ts';
import { refuseForeign } from '../../../fixtures/model/refuse-foreign.ts';
import { rolesOf, type Role } from '../../../fixtures/model/roles.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';

const refused = (services: Record<string, { image: string }>, overrides: Record<string, Role> = {}) => {
  const model = modelOf(services);
  try {
    refuseForeign(model, rolesOf(model, overrides));
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableStack);
    return error as UnreadableStack;
  }
};

describe('a directory in which nothing is Dify’s', () => {
  test.for([
    [{ tools: { image: 'example.com/tools:1' } }, /\(there is tools\): give the directory of Dify's own compose file/],
    [
      { tools: { image: 'example.com/tools:1' }, setup: { image: 'busybox:1' } },
      /\(there are tools, setup\).*roles under services: in the policy/,
    ],
  ] as const)('%j is refused', ([services, says]) => {
    const error = refused(services);
    expect(error?.message).toMatch(says);
    expect(error?.exitCode).toBe(1);
  });

  test.for<[string, Record<string, { image: string }>]>([
    ['its middleware', { db: { image: 'postgres:15' }, redis: { image: 'redis:6' } }],
    ['its sandbox', { box: { image: 'langgenius/dify-sandbox:0.2.12' } }],
    ['its api under another name', { dify: { image: 'langgenius/dify-api:1.5.0' } }],
  ])('%s is judged', ([, services]) => {
    expect(refused(services)).toBeNull();
  });

  test('so is what the policy says is its api', () => {
    expect(refused({ ours: { image: 'example.com/ours:1' } }, { ours: 'api' })).toBeNull();
  });
});

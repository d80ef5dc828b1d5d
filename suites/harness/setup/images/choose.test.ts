import { expect, test } from 'vitest';
import { UsageError } from '../../../../fixtures/errors.ts';
import { rolesOf, type Role } from '../../../../fixtures/model/roles.ts';
import { chooseImages, refuseUnreplaceable } from '../../../../fixtures/setup/images/choose.ts';
import { ImageMissing } from '../../../../fixtures/setup/images/pull.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const stack = () =>
  modelOf({
    api: { image: 'langgenius/dify-api:1.5.0', platform: 'linux/amd64' },
    web: { image: 'langgenius/dify-web:1.5.0' },
    db: { image: 'postgres:15-alpine' },
    ollama: { image: 'ollama/ollama:0.9.1' },
    own: { build: '.' },
  });

function chosen(set: 'standin' | 'pinned', standin: Role[] = [], given: Record<string, string> = {}) {
  const model = stack();
  return chooseImages(model, rolesOf(model), { set, standin }, { own: 'own/x:1', ...given });
}

test('pinned: exactly what compose names, for its platform; what it only builds is the policy’s', () => {
  expect(chosen('pinned', [], { web: 'other/web:2' })).toEqual({
    api: { is: 'pinned', ref: 'langgenius/dify-api:1.5.0', platform: 'linux/amd64' },
    web: { is: 'pinned', ref: 'langgenius/dify-web:1.5.0' },
    db: { is: 'pinned', ref: 'postgres:15-alpine' },
    ollama: { is: 'pinned', ref: 'ollama/ollama:0.9.1' },
    own: { is: 'given', ref: 'own/x:1' },
  });
});

test('pinned with stand-ins: those of the roles that were named, and no other', () => {
  expect(chosen('pinned', ['web', 'database'])).toMatchObject({
    api: { is: 'pinned' },
    web: { is: 'stand-in', standIn: { name: 'dify-web' } },
    db: { is: 'stand-in', standIn: { name: 'postgres', version: '15' } },
    ollama: { is: 'pinned' },
  });
});

test('stand-ins: all of them, but for what the policy gives; what has neither is no silent gap', () => {
  const given = { ollama: 'ollama/ollama:1', web: 'other/web:2' };
  expect(chosen('standin', [], given)).toMatchObject({
    api: { is: 'stand-in', standIn: { name: 'dify-api' } },
    web: { is: 'given', ref: 'other/web:2' },
    ollama: { is: 'given', ref: 'ollama/ollama:1' },
  });
  expect(() => chosen('standin')).toThrow(ImageMissing);
});

test('pinned: a service that compose only builds has no image', () => {
  const model = stack();
  const pinned = () => chooseImages(model, rolesOf(model), { set: 'pinned', standin: [] }, {});
  expect(pinned).toThrow(ImageMissing);
  expect(pinned).toThrow(/^own has no image, only a build: /);
});

test('the double of a store outside is ours, whatever else is pinned: compose names no image for it', () => {
  const model = stack();
  const db = model.services['db'];
  if (db) db.double = { standsFor: ['db.example'], program: 'PostgreSQL', role: 'database', port: 5432, tls: false };
  const choices = chooseImages(model, rolesOf(model), { set: 'pinned', standin: [] }, { own: 'own/x:1' });
  expect(choices).toMatchObject({ db: { is: 'stand-in', standIn: { name: 'postgres' } }, web: { is: 'pinned' } });
});

test.for<[Role, RegExp | null]>([
  ['web', null],
  ['sandbox', /^--standin sandbox: no service of this stack has this role \(it has api, database, other, web\)$/],
  ['other', /^--standin other: there is no stand-in for ollama \(ollama\/ollama:0\.9\.1\): leave it out/],
])('a role that cannot be replaced is refused: %s', ([role, words]) => {
  const model = stack();
  const refuse = () => refuseUnreplaceable(model, rolesOf(model), [role]);
  if (words === null) return expect(refuse).not.toThrow();
  expect(refuse).toThrow(UsageError);
  expect(refuse).toThrow(words);
});

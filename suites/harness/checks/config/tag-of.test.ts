import { expect, test } from 'vitest';
import { tagOf } from '../../../../fixtures/checks/config/settings.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

test.for<[string, string | null]>([
  ['postgres:15-alpine', '15-alpine'],
  ['registry.example:20050/amd64/dify-api:1.3.0', '1.3.0'],
  ['registry.example:20050/amd64/dify-api', null],
  ['team/dify-api:1.3.0@sha256:ab', '1.3.0'],
  ['team/dify-api@sha256:ab', null],
])('%s: %s', ([image, tag]) => expect(tagOf(modelOf({ api: { image } }), 'api')).toBe(tag));

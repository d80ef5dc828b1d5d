import { expect, test } from 'vitest';
import { stateMounts } from '../../../fixtures/data/backup/project.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { statefulMounts } from '../../../fixtures/stack/state.ts';

const volume = (source: string, target: string) => ({ type: 'volume', source, target });
const bind = (source: string, target: string) => ({ type: 'bind', source, target });

/** A drill that took a configuration file for data could not empty it, and judged nothing. */
test('data is what lies in the data directory, not a configuration that is mounted beside it', () => {
  const model = modelOf({
    db: {
      image: 'postgres:15-alpine',
      volumes: [
        bind('/stack/postgres/extra.conf', '/etc/postgresql/extra.conf'),
        volume('data', '/var/lib/postgresql/data'),
        { type: 'tmpfs', target: '/var/lib/postgresql/scratch' },
      ],
    },
  });
  const { db } = model.services;
  expect(db && statefulMounts(db, 'database').map(({ target }) => target)).toEqual(['/var/lib/postgresql/data']);
});

test('a storage that two services share is copied once, the vector store before all files', () => {
  const model = modelOf({
    api: { image: 'langgenius/dify-api:1.5.0', volumes: [volume('storage', '/app/api/storage')] },
    worker: {
      image: 'langgenius/dify-api:1.5.0',
      environment: { MODE: 'worker' },
      volumes: [volume('storage', '/app/api/storage')],
    },
    plugin_daemon: { image: 'langgenius/dify-plugin-daemon:0.1.2', volumes: [volume('plugins', '/app/storage')] },
    weaviate: { image: 'semitechnologies/weaviate:1.19.0', volumes: [volume('vectors', '/var/lib/weaviate')] },
  });
  const seen = stateMounts({ model, roles: rolesOf(model) });
  expect(seen.map(({ kind, service, mount }) => `${kind} ${service}:${mount.target}`)).toEqual([
    'vectors weaviate:/var/lib/weaviate',
    'files api:/app/api/storage',
    'files plugin_daemon:/app/storage',
  ]);
});

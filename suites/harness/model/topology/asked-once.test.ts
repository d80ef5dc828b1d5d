import { expect, test } from 'vitest';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { environmentEndpoints } from '../../../../fixtures/model/topology/endpoints.ts';
import { leadsTo } from '../../../../fixtures/model/topology/leads.ts';
import { namedPorts } from '../../../../fixtures/model/topology/ports.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';

const stack = () =>
  modelOf({
    api: {
      image: 'langgenius/dify-api:1.5.0',
      environment: { MODE: 'api', DB_HOST: 'db', REDIS_HOST: 'redis' },
      networks: { default: null },
    },
    db: { image: 'postgres:15-alpine', networks: { default: null } },
    redis: { image: 'redis:6-alpine', networks: { default: null } },
  });

/** How often somebody goes through all variables of a service. */
function walksOf(model: StackModel, name: string, work: () => void): number {
  let walks = 0;
  const service = model.services[name]!;
  service.environment = new Proxy(service.environment, {
    ownKeys: (target) => ((walks += 1), Reflect.ownKeys(target)),
  });
  work();
  return walks;
}

test('what a model tells of names, roles and ports is found once, whoever asks', () => {
  const model = stack();
  const api = model.services['api']!;
  const rendered = { nginx: {} };
  const roles = rolesOf(model);
  expect(rolesOf(model)).toBe(roles);
  expect(environmentEndpoints(model, roles, api)).toBe(environmentEndpoints(model, roles, api));
  expect(leadsTo(model, api, 'db')).toBe(leadsTo(model, api, 'db'));
  expect(namedPorts(model, rendered)).toBe(namedPorts(model, rendered));
});

test('another model, other roles and another service that asks are other questions', () => {
  const model = stack();
  const api = model.services['api']!;
  const asOther = rolesOf(model, { db: 'other' });
  expect(asOther['db']).toBe('other');
  expect(rolesOf(model)['db']).toBe('database');
  expect(rolesOf(stack())).not.toBe(rolesOf(model));
  expect(environmentEndpoints(model, asOther, api)).not.toBe(environmentEndpoints(model, rolesOf(model), api));
  expect(leadsTo(model, { ...api, extraHosts: ['db=10.0.0.9'] }, 'db')).toEqual({ kind: 'outside' });
  expect(leadsTo(model, api, 'db')).toEqual({ kind: 'service', service: 'db' });
});

test('the derivations ask for the hosts of a service by the way: one more of them costs no walk through its environment', () => {
  const walks = (times: number) => {
    const model = stack();
    return walksOf(model, 'api', () => {
      const roles = rolesOf(model);
      for (let time = 0; time < times; time += 1) environmentEndpoints(model, roles, model.services['api']!);
    });
  };
  expect(walks(9)).toBe(walks(1));
});

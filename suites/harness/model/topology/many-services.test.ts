import { expect, test } from 'vitest';
import { deriveContract, ofFilesOnly } from '../../../../fixtures/checks/contract.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { servingContract } from '../../../../fixtures/stack/serving/contract.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

/** A ring of services, each of which names the next. */
function ring(size: number): StackModel {
  return modelOf(
    Object.fromEntries(
      Array.from({ length: size }, (_, i) => [
        `s${i}`,
        {
          image: 'nginx:1.28',
          environment: { PEER_HOST: `s${(i + 1) % size}`, PEER_PORT: '8081', URL: `http://s${(i + 1) % size}:8080` },
          networks: { default: null },
        },
      ]),
    ),
  );
}

/** How often the environments, or the networks, of a stack's services are read by what `work` does. */
function reads(model: StackModel, key: 'environment' | 'networks', work: (model: StackModel) => void): number {
  let count = 0;
  for (const service of Object.values(model.services)) {
    const value = service[key];
    Object.defineProperty(service, key, { enumerable: true, get: () => ((count += 1), value) });
  }
  work(model);
  return count;
}

test('what serving means is found by reading each environment once, whatever the number of services', () => {
  const readBy = (size: number) => reads(ring(size), 'environment', (model) => servingContract(model, rolesOf(model)));
  expect(readBy(40) / 40).toBe(readBy(4) / 4);
  const model = ring(3);
  expect(servingContract(model, rolesOf(model))['s1']?.ports.map(({ port, because }) => `${port}: ${because}`)).toEqual(
    ['8080: URL of s0 names it', '8081: PEER_HOST and PEER_PORT of s0 name it'],
  );
});

test('what a run of files only is given has no check for each pair of services, and none is made', () => {
  const lengthOf = (size: number) => JSON.stringify(ofFilesOnly(deriveContract(ring(size)))).length;
  expect(lengthOf(80) / lengthOf(40)).toBeLessThan(2.5);
  // The names of pairs, which the suites of a running stack are given, grow four times.
  const pairs = (size: number) => JSON.stringify(deriveContract(ring(size)).dns).length;
  expect(pairs(80) / pairs(40)).toBeGreaterThan(3);
  expect(Object.keys(structuredClone(ofFilesOnly(deriveContract(ring(3)))))).toEqual(['roles', 'config']);
});

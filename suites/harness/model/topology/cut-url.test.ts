import { expect, test } from 'vitest';
import { addressesIn } from '../../../../fixtures/model/topology/addresses.ts';

/** A URL that a sign of its password cut off is followed by words, which are nobody's address. */
test.for<[string, string[]]>([
  ['redis://:# openssl rand -hex 24@redis:6379/1', []],
  ['redis://:a b@redis:6379/1', []],
  ['sentinel://a:26379;sentinel://b:26379', ['a', 'b']],
  ['redis://a:6379/0, b:6380', ['a', 'b']],
  ['a:6379 b:6380', ['a', 'b']],
  ['a:6379, b:6380', ['a', 'b']],
])('%s', ([value, hosts]) => {
  expect(addressesIn(value, 'host').map(({ host }) => host)).toEqual(hosts);
});

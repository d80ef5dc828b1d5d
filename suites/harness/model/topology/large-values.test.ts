import { describe, expect, test } from 'vitest';
import { addressesIn, replaceHosts } from '../../../../fixtures/model/topology/addresses.ts';

/** A value of a megabyte is read in a time that grows with its length, and no more: whatever it is made of. */
const MIB = 1024 * 1024;
const filled = (with_: string) => with_.repeat(Math.ceil(MIB / with_.length)).slice(0, MIB);

const VALUES: Record<string, string> = {
  letters: filled('a'),
  'letters and dots': filled('a.'),
  dashes: filled('-'),
  'schemes without an end': filled('http://'),
  'at signs': filled('a@'),
  'a list of addresses': filled('http://h12345:80,'),
  'a list of names': filled('node-1.example:6379,'),
  commas: filled(','),
  blanks: filled(' '),
  'options without an end': filled(' -h '),
  brackets: filled('['),
  colons: filled('a:'),
  digits: filled('1.'),
  'a key without an end': filled('host='),
};

describe('a megabyte', () => {
  test.for(
    Object.entries(VALUES).flatMap(([name, value]) =>
      (['host', 'text'] as const).map((reading) => [name, reading, value] as const),
    ),
  )('of %s, read as %s', { timeout: 20_000 }, ([, reading, value]) => {
    for (const { host } of addressesIn(value, reading)) if (host.length > 253) throw new Error('no host is as long');
    expect(replaceHosts(value, reading, () => null)).toBe(value);
  });
});

test('what is longer than a name can be is no address', () => {
  expect(addressesIn(`http://${'a'.repeat(254)}:80/`, 'text')).toEqual([]);
  expect(addressesIn(`http://${'a'.repeat(253)}:80/`, 'text')).toHaveLength(1);
});

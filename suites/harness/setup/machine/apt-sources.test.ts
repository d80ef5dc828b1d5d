import { describe, expect, test } from 'vitest';
import {
  furtherSuites,
  lowPriority,
  ownArchive,
  parseAptSources,
} from '../../../../fixtures/setup/machine/apt-sources.ts';

const debian12 = `Types: deb
# a snapshot's address, in a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

const debian13Embedded = `Types: deb deb-src
URIs: https://mirror.example/debian/
Suites: trixie
Components: main contrib
Enabled: yes
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
`;

const ubuntu = `# a comment
deb [arch=amd64 signed-by=/usr/share/keyrings/ubuntu.gpg] http://mirror.example/ubuntu noble main restricted # tail
deb-src http://mirror.example/ubuntu noble main
# deb http://mirror.example/ubuntu noble universe
deb http://mirror.example/ubuntu noble-updates main
`;

describe('the apt sources of a machine', () => {
  test('Debian 12, deb822: the archive is the source of the own suite, not the security one', () => {
    const archive = ownArchive(parseAptSources(debian12, 'deb822'), 'bookworm');
    expect(archive).toEqual({
      uris: ['http://mirror.example/debian'],
      suites: ['bookworm', 'bookworm-updates'],
      components: ['main'],
      signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
    });
  });

  test('Debian 13, deb822: an embedded key is kept with its lines', () => {
    const archive = ownArchive(parseAptSources(debian13Embedded, 'deb822'), 'trixie');
    expect(archive?.signedBy).toBe(
      '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----',
    );
    expect(furtherSuites(archive!, ['forky'])).toContain('Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n');
  });

  test('Ubuntu, one line a source: options, comments and sources of source code', () => {
    const sources = parseAptSources(ubuntu, 'lines');
    expect(sources.map((source) => source.suites[0])).toEqual(['noble', 'noble-updates']);
    expect(ownArchive(sources, 'noble')).toEqual({
      uris: ['http://mirror.example/ubuntu'],
      suites: ['noble'],
      components: ['main', 'restricted'],
      signedBy: '/usr/share/keyrings/ubuntu.gpg',
    });
  });

  test('a source that is switched off, or without main, is nobody’s archive', () => {
    expect(ownArchive(parseAptSources(debian12.replace('Types', 'Enabled: no\nTypes'), 'deb822'), 'bookworm')).toBe(
      undefined,
    );
    expect(ownArchive(parseAptSources('deb http://m.example bookworm contrib', 'lines'), 'bookworm')).toBe(undefined);
    expect(ownArchive([], 'bookworm')).toBe(undefined);
  });

  test('further suites: the same address and key, and what is written is read back the same', () => {
    const archive = ownArchive(parseAptSources(debian12, 'deb822'), 'bookworm')!;
    const written = furtherSuites(archive, ['trixie', 'forky']);
    expect(parseAptSources(written, 'deb822')).toEqual([{ ...archive, suites: ['trixie', 'forky'] }]);
  });

  test('without a key in the source there is none in the new one: apt’s own keyring counts', () => {
    const archive = ownArchive(parseAptSources('deb http://m.example bookworm main', 'lines'), 'bookworm')!;
    expect(furtherSuites(archive, ['trixie'])).not.toContain('Signed-By');
  });

  test('each added suite is pinned low by its code name', () => {
    expect(lowPriority(['trixie', 'forky'])).toBe(
      'Package: *\nPin: release n=trixie\nPin-Priority: 100\n\nPackage: *\nPin: release n=forky\nPin-Priority: 100\n',
    );
  });
});

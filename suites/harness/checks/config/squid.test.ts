import { describe, expect, test } from 'vitest';
import { decide, inRange, squidLines, type SquidRequest } from '../../../../fixtures/checks/config/squid-rules.ts';
import { expectRed, replace, type Case } from './cases.ts';
import { service } from './stack.ts';

const SQUID_FILE = 'ssrf_proxy/squid.conf.template';

describe('Squid', () => {
  const INCLUDE = 'include /etc/squid/conf.d/*.conf';
  test.for<Case>([
    [
      'the image opens it before the deny, F076',
      (stack) => {
        replace(SQUID_FILE, 'acl clients', 'acl localnet src 172.16.0.0/12\nacl clients')(stack);
        replace(SQUID_FILE, 'http_access deny to_private', `${INCLUDE}\nhttp_access deny to_private`)(stack);
      },
      ['config/squid/ssrf_proxy/private'],
      /allow localnet", which the image has/,
      /squid\.conf\.template:6 \(F076\)/,
    ],
    [
      'the same include behind the deny',
      replace(SQUID_FILE, 'http_access allow clients', `acl localnet src all\n${INCLUDE}\nhttp_access allow clients`),
      [],
    ],
    [
      'the same include with another image',
      (stack) => {
        replace(SQUID_FILE, 'http_access deny to_private', `${INCLUDE}\nhttp_access deny to_private`)(stack);
        service(stack, 'ssrf_proxy').image = 'example/squid:1';
      },
      [
        'skip config/squid/ssrf_proxy/private',
        'skip config/squid/ssrf_proxy/dns',
        'skip config/squid/ssrf_proxy/timeouts',
      ],
      /not known here/,
    ],
    [
      'a folder of our own over conf.d',
      (stack) => {
        replace(SQUID_FILE, 'http_access deny to_private', `${INCLUDE}\nhttp_access deny to_private`)(stack);
        service(stack, 'ssrf_proxy').volumes?.push({
          type: 'bind',
          source: '/stack/ssrf_proxy/conf.d',
          target: '/etc/squid/conf.d',
        });
        stack.files['ssrf_proxy/conf.d/a.conf'] = 'http_access allow all\n';
      },
      ['config/squid/ssrf_proxy/private'],
      /allow all"/,
      /ssrf_proxy\/conf\.d\/a\.conf:1/,
    ],
    [
      'no deny of private targets',
      replace(SQUID_FILE, 'http_access deny to_private !sandbox_port\n', ''),
      ['config/squid/ssrf_proxy/private'],
      /allow clients/,
    ],
    [
      'one range is forgotten',
      replace(SQUID_FILE, ' 169.254.0.0/16', ''),
      ['config/squid/ssrf_proxy/private'],
      /; 169\.254\.169\.254 are allowed/,
    ],
    [
      'the last rule alone, a deny, allows the rest',
      replace(SQUID_FILE, 'http_access allow clients\nhttp_access deny all\n', ''),
      ['config/squid/ssrf_proxy/outside'].slice(1),
    ],
    [
      'unrestricted peer, F077',
      replace(SQUID_FILE, 'cache_peer_access sandbox allow sandbox_port\ncache_peer_access sandbox deny all\n', ''),
      ['config/squid/ssrf_proxy/peer'],
      /there is none/,
      /F077/,
    ],
    [
      'a peer for everything',
      replace(SQUID_FILE, 'cache_peer_access sandbox allow sandbox_port', 'cache_peer_access sandbox allow all'),
      ['config/squid/ssrf_proxy/peer'],
      /lets ordinary requests through/,
    ],
    [
      'a peer of the stack that is no origin server takes them as well',
      replace(
        SQUID_FILE,
        'no-query originserver\ncache_peer_access sandbox allow sandbox_port',
        'no-query\ncache_peer_access sandbox allow all',
      ),
      ['config/squid/ssrf_proxy/peer'],
      /lets ordinary requests through/,
    ],
    [
      'the parent proxy of a company takes what it is there for: what it reaches is not known',
      replace(
        SQUID_FILE,
        'cache_peer_access sandbox deny all\n',
        'cache_peer_access sandbox deny all\ncache_peer proxy.corp.example parent 3128 0 no-query default\n',
      ),
      ['skip config/squid/ssrf_proxy/peer'],
      /^proxy\.corp\.example:3128 \(.*\) is a parent proxy outside the stack/,
    ],
    [
      'the same with an address',
      replace(
        SQUID_FILE,
        'cache_peer_access sandbox deny all\n',
        'cache_peer_access sandbox deny all\ncache_peer 10.1.1.1 parent 3128 0 no-query default\n',
      ),
      ['skip config/squid/ssrf_proxy/peer'],
    ],
    [
      'a parent proxy outside hides no hole beside it',
      replace(
        SQUID_FILE,
        'cache_peer_access sandbox allow sandbox_port\ncache_peer_access sandbox deny all\n',
        'cache_peer proxy.corp.example parent 3128 0 no-query default\n',
      ),
      ['config/squid/ssrf_proxy/peer'],
      /keeps sandbox to its own port/,
    ],
    [
      'a server outside that is asked as the origin of all is no proxy',
      replace(
        SQUID_FILE,
        'cache_peer_access sandbox deny all\n',
        'cache_peer_access sandbox deny all\ncache_peer www.corp.example parent 80 0 no-query originserver\n',
      ),
      ['config/squid/ssrf_proxy/peer'],
      /keeps www\.corp\.example to its own port/,
    ],
    [
      "always direct but for the peer's port",
      (stack) => {
        replace(
          SQUID_FILE,
          'cache_peer_access sandbox allow sandbox_port\ncache_peer_access sandbox deny all\n',
          'always_direct allow !sandbox_port\n',
        )(stack);
      },
      [],
    ],
    [
      'nobody gets out',
      replace(SQUID_FILE, 'http_access allow clients', 'http_access deny clients'),
      ['config/squid/ssrf_proxy/outside'],
      /refused by/,
    ],
  ])('%s', (row) => expectRed(row));

  const REQUEST: SquidRequest = {
    source: '172.19.0.5',
    target: '172.18.0.9',
    host: 'weaviate',
    port: 8080,
    method: 'GET',
    localPort: 3128,
    portName: null,
  };
  test.for<[string, string, boolean | null]>([
    ['first that fits wins', 'http_access deny all\nhttp_access allow all', false],
    ['none fits: the opposite of the last', 'http_access allow localhost', false],
    ['none fits: the opposite of the last, a deny', 'http_access deny localhost', true],
    ['all of one line', 'acl a src 172.16.0.0/12\nacl b port 1-99\nhttp_access allow a b\nhttp_access deny all', false],
    ['negation', 'acl b port 1-99\nhttp_access allow !b\nhttp_access deny all', true],
    [
      'several lines of one list',
      'acl a dst 10.0.0.0/8\nacl a dst 172.18.0.0/16\nhttp_access deny a\nhttp_access allow all',
      false,
    ],
    [
      'a range written with two ends and a mask',
      'acl a dst 172.18.0.1-172.18.0.20\nhttp_access allow a\nhttp_access deny all',
      true,
    ],
    ['a kind of list that is not known', 'acl a external helper\nhttp_access allow a\nhttp_access deny all', null],
    [
      'an unknown deny before a deny changes nothing',
      'acl a external helper\nhttp_access deny a\nhttp_access deny all',
      false,
    ],
    ['domain', 'acl a dstdomain .example.org\nhttp_access allow a\nhttp_access deny all', false],
    [
      'comment and continued line',
      'acl a dst 10.0.0.0/8 \\\n  172.18.0.0/16 # ours\nhttp_access allow a # yes\nhttp_access deny all',
      true,
    ],
  ])('rules: %s', ([, text, allowed]) => {
    const lines = squidLines(text, 'squid.conf');
    expect(
      decide(
        lines,
        lines.filter((line) => line.name === 'http_access'),
        REQUEST,
      ).allowed,
    ).toBe(allowed);
  });

  test.for<[string, string, boolean]>([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['0.1.2.3', '0.0.0.1-0.255.255.255', true],
    ['172.31.255.255', '172.16.0.0/255.240.0.0', true],
    ['255.255.255.255', '0.0.0.0/0', true],
    ['10.1.2.3', 'fc00::/7', false],
    ['10.1.2.3', 'all', true],
  ])('%s in %s: %s', ([address, range, inside]) => {
    expect(inRange(address, range)).toBe(inside);
  });
});

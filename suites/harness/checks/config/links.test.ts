import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { entryInContainer, notThere, type LinkDisk } from '../../../../fixtures/checks/config/container-view.ts';
import { Authority } from '../../../../fixtures/stack/authority.ts';
import { expectRed, judgedAfter, type Case } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

const CERTIFIED = await (await Authority.make('authority of a test')).certify(['dify.example', 'dify.example.org']);

/** What a container sees behind the links of mounted folders: they are followed there, and not on this machine. */
const SERVER = 'nginx/conf.d/default.conf.template';

const mount = (stack: SyntheticStack, source: string, target: string, readOnly = false) =>
  service(stack, 'nginx').volumes?.push({
    type: 'bind',
    source: path.join('/stack', source),
    target,
    ...(readOnly ? { read_only: true } : {}),
  });

/** As certbot lays it out: the names of a domain are links into an archive beside them. */
function certbot(stack: SyntheticStack, { archive = true } = {}): void {
  for (const name of ['fullchain', 'privkey']) {
    const text = name === 'privkey' ? CERTIFIED.key : CERTIFIED.certificate;
    if (archive) stack.files[`certbot/conf/archive/dify.example/${name}1.pem`] = text;
    stack.links[`certbot/conf/live/dify.example/${name}.pem`] = `../../archive/dify.example/${name}1.pem`;
  }
}

function tlsByCertbot(stack: SyntheticStack): void {
  Object.assign(service(stack, 'nginx').environment, {
    NGINX_HTTPS_ENABLED: 'true',
    CERTBOT_DOMAIN: 'dify.example',
    NGINX_SSL_CERT_FILENAME: 'fullchain.pem',
    NGINX_SSL_CERT_KEY_FILENAME: 'privkey.pem',
  });
  service(stack, 'nginx').ports?.push({ target: 443, published: '443' });
}

const OWN_SERVER =
  'server { listen 443 ssl; ssl_certificate /etc/letsencrypt/live/dify.example/fullchain.pem; location / { return 204; } }\n';

const CASES: Case[] = [
  [
    'the whole of certbot is mounted: its links lead inside',
    (stack) => {
      tlsByCertbot(stack);
      certbot(stack);
      mount(stack, 'certbot/conf', '/etc/letsencrypt');
      mount(stack, 'certbot/conf/live', '/etc/letsencrypt/live');
    },
    [],
  ],
  [
    'only live is mounted: the archive is not there',
    (stack) => {
      tlsByCertbot(stack);
      certbot(stack);
      mount(stack, 'certbot/conf/live', '/etc/letsencrypt/live');
    },
    [
      'config/nginx/nginx/tls',
      ...['', '-expiry', '-names'].map((aspect) => `blocked config/nginx/nginx/certificate${aspect}`),
    ],
    /certbot\/conf\/live\/dify\.example\/fullchain\.pem is a link that leads to \/etc\/letsencrypt\/archive\/dify\.example\/fullchain1\.pem in the container of nginx, where nothing is mounted/,
  ],
  [
    'the archive is mounted beside it',
    (stack) => {
      tlsByCertbot(stack);
      certbot(stack);
      mount(stack, 'certbot/conf/live', '/etc/letsencrypt/live');
      mount(stack, 'certbot/conf/archive', '/etc/letsencrypt/archive');
    },
    [],
  ],
  [
    'a configuration of its own names a certificate behind a link that leads out',
    (stack) => {
      certbot(stack);
      stack.files['nginx/conf.d/own.conf'] = OWN_SERVER;
      mount(stack, 'certbot/conf/live', '/etc/letsencrypt/live');
    },
    ['config/mount/nginx/there'],
    /nginx\/conf\.d\/own\.conf:1: certbot\/conf\/live\/dify\.example\/fullchain\.pem is a link that leads to/,
    /^nginx\/conf\.d\/own\.conf:1$/,
  ],
  [
    'the same with the whole of certbot',
    (stack) => {
      certbot(stack);
      stack.files['nginx/conf.d/own.conf'] = OWN_SERVER;
      mount(stack, 'certbot/conf', '/etc/letsencrypt');
    },
    [],
  ],
  [
    'its archive is gone',
    (stack) => {
      certbot(stack, { archive: false });
      stack.files['nginx/conf.d/own.conf'] = OWN_SERVER;
      mount(stack, 'certbot/conf', '/etc/letsencrypt');
    },
    ['config/mount/nginx/there'],
    /where there is nothing/,
  ],
  [
    'a certificate that is named and missing in a folder into which nobody can write',
    (stack) => {
      stack.files['nginx/conf.d/own.conf'] = OWN_SERVER;
      stack.files['certbot/conf/live/README'] = 'x';
      mount(stack, 'certbot/conf', '/etc/letsencrypt', true);
    },
    ['config/mount/nginx/there'],
    /own\.conf:1: certbot\/conf\/live\/dify\.example\/fullchain\.pem does not exist/,
  ],
  [
    'one that a script may make when it starts',
    (stack) => {
      stack.files['nginx/conf.d/own.conf'] = OWN_SERVER;
      mount(stack, 'certbot/conf', '/etc/letsencrypt');
    },
    [],
  ],
  [
    'a configuration file is a link out of its folder',
    (stack) => {
      stack.files['sites/own.conf'] = 'server { listen 81; }';
      stack.links['nginx/conf.d/own.conf'] = '../../sites/own.conf';
    },
    ['config/mount/nginx/there'],
    /nginx\/conf\.d\/own\.conf is a link that leads to \/etc\/sites\/own\.conf in the container of nginx/,
  ],
  [
    'a certificate behind a link that leads out, and TLS is off',
    (stack) => {
      stack.files['certs/own.crt'] = 'x';
      stack.links['nginx/ssl/own.crt'] = '../../certs/own.crt';
    },
    [],
  ],
  [
    'links in a loop',
    (stack) => {
      stack.links['nginx/conf.d/a.conf'] = 'b.conf';
      stack.links['nginx/conf.d/b.conf'] = 'a.conf';
    },
    ['config/mount/nginx/there'],
    /nginx\/conf\.d\/a\.conf is a link that leads to/,
  ],
  [
    'what is mounted is a link itself, to nothing: the engine makes no folder in its place',
    (stack) => {
      stack.links['linked.conf'] = 'nowhere';
      mount(stack, 'linked.conf', '/etc/app.conf');
    },
    ['config/mount/nginx/there'],
    /^linked\.conf is a link to nowhere, where nothing is$/,
  ],
  [
    'a link to what the image has, and one of a name that no program reads',
    (stack) => {
      stack.links['nginx/conf.d/types.conf'] = '/etc/nginx/mime.types';
      stack.links['nginx/conf.d/README'] = '../../README';
    },
    [],
  ],
  [
    'a link inside the folder',
    (stack) => {
      stack.files['nginx/conf.d/all/one.conf'] = 'server { listen 81; }';
      stack.links['nginx/conf.d/one.conf'] = 'all/one.conf';
    },
    [],
  ],
  [
    'a file that is mounted over one of a mounted folder is the one that counts',
    (stack) => {
      stack.files['other.template'] = 'server { location / { proxy_pass http://api_1:5001; } }';
      mount(stack, 'other.template', `/etc/${SERVER}`);
    },
    [
      'config/nginx/nginx/names',
      ...['api', 'plugin_daemon', 'web'].map((to) => `skip config/nginx/nginx/re-resolved/${to}`),
      'skip config/nginx/nginx/login',
      'skip config/timeouts/nginx/api',
      'skip config/uploads/limits',
    ],
  ],
];

test.for(CASES)('%s', (row) => expectRed(row));

test.for([
  ['only live is mounted', 'config/nginx/nginx/tls', './certbot/conf/archive:/etc/letsencrypt/archive:ro'],
  ['a configuration file is a link', 'config/mount/nginx/there', './sites:/etc/sites:ro'],
  ['its archive is gone', 'config/mount/nginx/there', 'the link leads nowhere on this machine either'],
] as const)('%s: the hint names the mount that shows it', ([start, id, hint]) => {
  const [, edit] = CASES.find(([name]) => name.startsWith(start)) ?? [];
  const verdict = edit && judgedAfter(edit).get(id)?.verdict;
  expect(verdict).toMatchObject({ status: 'fail', hint: expect.stringContaining(hint) as string });
});

/** A link that leads out of what is mounted: no more is proposed than shows its end. */
test.for<[here: string, ends: string, volume: string]>([
  // In the stack's directory: the folder of all of them, as for certbot.
  ['/stack/certs/archive/d/a.pem', '/etc/letsencrypt/archive/d/a.pem', './certs/archive:/etc/letsencrypt/archive:ro'],
  // Beside the compose file: the file alone, and not the env file with it.
  ['/stack/a.pem', '/etc/certs/a.pem', './a.pem:/etc/certs/a.pem:ro'],
  ['/stack/etc/ssl/a.pem', '/etc/ssl/a.pem', './etc/ssl/a.pem:/etc/ssl/a.pem:ro'],
  // Outside: the folder of its end, whatever of the names above are the same.
  ['/var/lib/acme/d/a.pem', '/var/lib/acme/d/a.pem', '/var/lib/acme/d:/var/lib/acme/d:ro'],
  ['/opt/certs/a.pem', '/opt/certs/a.pem', '/opt/certs:/opt/certs:ro'],
  // Of a folder of the system the file alone.
  ['/var/a.pem', '/var/a.pem', '/var/a.pem:/var/a.pem:ro'],
  ['/etc/ssl/a.pem', '/etc/ssl/a.pem', '/etc/ssl/a.pem:/etc/ssl/a.pem:ro'],
  ['/var/lib/a.pem', '/var/lib/a.pem', '/var/lib/a.pem:/var/lib/a.pem:ro'],
  ['/root/acme/a.pem', '/root/acme/a.pem', '/root/acme/a.pem:/root/acme/a.pem:ro'],
  ['/home/u/a.pem', '/home/u/a.pem', '/home/u/a.pem:/home/u/a.pem:ro'],
  ['/srv/certs/d/a.pem', '/etc/a.pem', '/srv/certs/d/a.pem:/etc/a.pem:ro'],
])('a link to %s, which is %s in the container', ([here, ends, volume]) => {
  const link = '/stack/nginx/ssl/a.pem';
  const { hint } = notThere(
    { kind: 'outside', links: [link], ends, source: link },
    {
      service: 'nginx',
      shown: (file) => (file.startsWith('/stack') ? path.relative('/stack', file) : file),
      disk: { kind: (entry) => (entry === here ? 'file' : null), link: () => here },
    },
  );
  expect(hint).toContain(` add ${volume};`);
});

describe('what a container sees', () => {
  const bind = (source: string, target: string) => ({ type: 'bind', source, target, readOnly: false });
  const disk: LinkDisk = {
    kind: (entry) =>
      ['/s/a/real', '/s/b/far', '/host/x', '/tmp/x', '/opt/x', '/usr/x'].includes(entry)
        ? 'file'
        : entry === '/s/a'
          ? 'directory'
          : null,
    link: (entry) =>
      ({
        '/s/a/in': 'real',
        '/s/a/up': '../b/far',
        '/s/a/abs': '/in/b/far',
        '/s/a/host': '/host/x',
        '/s/a/tmp': '/tmp/x',
        '/s/a/opt': '/opt/x',
        '/s/a/usr': '/usr/x',
        '/s/a/image': '/opt/image',
        '/s/a/self': 'self',
        '/s/a/dir': '.',
      })[entry] ?? null,
  };
  const one = [bind('/s/a', '/in/a')];
  const two = [...one, bind('/s/b', '/in/b/')];
  test.for([
    ['a file', one, '/in/a/real', { kind: 'file', source: '/s/a/real' }],
    ['a link beside it', one, '/in/a/in', { kind: 'file', source: '/s/a/real' }],
    ['a link that climbs out', one, '/in/a/up', { kind: 'outside', ends: '/in/b/far' }],
    ['a link that climbs into another mount', two, '/in/a/up', { kind: 'file', source: '/s/b/far' }],
    ['an absolute link, in the container', two, '/in/a/abs', { kind: 'file', source: '/s/b/far' }],
    ['an absolute link of this machine', one, '/in/a/host', { kind: 'outside', ends: '/host/x' }],
    ['an absolute link to the folder of temporary files', one, '/in/a/tmp', { kind: 'outside', ends: '/tmp/x' }],
    ['one to /opt, where this machine has it', one, '/in/a/opt', { kind: 'outside', ends: '/opt/x' }],
    ['one to /opt, where only an image may have it', one, '/in/a/image', { kind: 'unknown' }],
    ['one to what every system has', one, '/in/a/usr', { kind: 'unknown' }],
    ['a loop', one, '/in/a/self', { kind: 'missing' }],
    ['a folder behind a link', one, '/in/a/dir/dir/real', { kind: 'file', source: '/s/a/real' }],
    ['nothing', one, '/in/a/nothing', { kind: 'missing', links: [] }],
    ['what is in the image', one, '/etc/hosts', { kind: 'unknown' }],
    [
      'what is in a volume',
      [...one, { type: 'volume', source: 'v', target: '/in/b', readOnly: false }],
      '/in/a/up',
      { kind: 'unknown' },
    ],
    ['the mount itself, a link of this machine', [bind('/s/a/in', '/f')], '/f', { kind: 'missing', source: '/s/a/in' }],
  ] as const)('%s', ([, mounts, target, expected]) => {
    expect(entryInContainer([...mounts], target, disk)).toMatchObject(expected);
  });
});

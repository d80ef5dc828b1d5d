import { describe, expect, test } from 'vitest';
import { pullTroubleIn, type PullTrouble } from '../../../../fixtures/engine/trouble.ts';
import { digestFor, neverPulled, notPulled, PulledLayers, registryOf } from '../../../../fixtures/setup/images/pull.ts';

/** As engines wrote them: Docker 20.10 to 28, with their own store and with containerd's. */
test.for<[string, PullTrouble]>([
  ['Error response from daemon: manifest for nginx:none not found: manifest unknown: manifest unknown', 'missing'],
  ['Error response from daemon: manifest unknown', 'missing'],
  ['Error response from daemon: name unknown', 'missing'],
  ['Error response from daemon: repository registry.example/x not found: name unknown', 'missing'],
  [
    'Error response from daemon: failed to resolve reference "registry.example/x:1": registry.example/x:1: not found',
    'missing',
  ],
  ['invalid reference format', 'missing'],
  [
    "Error response from daemon: pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'refused',
  ],
  ['Error response from daemon: unauthorized', 'refused'],
  ['Error response from daemon: denied', 'refused'],
  ['Error response from daemon: unauthorized: authentication required', 'refused'],
  ['Error response from daemon: Get "https://registry.example/v2/": no basic auth credentials', 'refused'],
  [
    'failed to resolve reference "registry.example/x:1": unexpected status from HEAD request to https://registry.example/v2/x/manifests/1: 403 Forbidden',
    'refused',
  ],
  [
    'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    'refused',
  ],
  ['Error response from daemon: toomanyrequests: You have reached your pull rate limit.', 'rate-limit'],
  [
    'Error response from daemon: error from registry: You have reached your unauthenticated pull rate limit.',
    'rate-limit',
  ],
  [
    'failed to copy: httpReadSeeker: failed open: unexpected status code https://registry.example/v2/x/manifests/1: 429 Too Many Requests - Server message: toomanyrequests',
    'rate-limit',
  ],
  [
    'Error response from daemon: Get "http://127.0.0.1:5/v2/": dial tcp 127.0.0.1:5: connect: connection refused',
    'unreachable',
  ],
  [
    'Error response from daemon: Get "https://registry.example/v2/": dial tcp: lookup registry.example on 127.0.0.53:53: server misbehaving',
    'unreachable',
  ],
  [
    'Error response from daemon: Get "https://registry.example/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
    'unreachable',
  ],
  ['Error response from daemon: Get "https://registry.example/v2/": net/http: TLS handshake timeout', 'unreachable'],
  ['Error response from daemon: Get "https://registry.example/v2/": context deadline exceeded', 'unreachable'],
  ['Error response from daemon: Get "https://registry.example/v2/": EOF', 'unreachable'],
  [
    'Error response from daemon: Get "https://registry.example/v2/": proxyconnect tcp: dial tcp 10.0.0.1:3128: i/o timeout',
    'unreachable',
  ],
  ['Error response from daemon: received unexpected HTTP status: 500 Internal Server Error', 'unreachable'],
  [
    'Error response from daemon: Get "https://registry.example/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'untrusted',
  ],
  [
    'Error response from daemon: Get "https://registry.example:5000/v2/": http: server gave HTTP response to HTTPS client',
    'untrusted',
  ],
  [
    'Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest: not found',
    'platform',
  ],
  ['failed to register layer: write /usr/lib/x: no space left on device', 'disk-full'],
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?', 'no-engine'],
  ['error during connect: Post "http://x/v1.45/images/create": EOF', 'no-engine'],
  ['something that nobody has seen yet', 'unknown'],
  ['', 'unknown'],
])('%s → %s', ([said, trouble]) => {
  expect(pullTroubleIn(said)).toBe(trouble);
});

describe('what an operator is told', () => {
  const web = { ref: 'registry.example:5000/dify-web:1.5.0', services: ['web', 'web2'] };

  test.for([
    [
      'Error response from daemon: manifest unknown',
      /is not in its registry \(manifest unknown\): correct its name.*docker build --tag \S+dify-web:1\.5\.0 \./,
    ],
    [
      'Error response from daemon: denied',
      /was refused by its registry \(denied\): docker login registry\.example:5000, then docker pull \S+dify-web:1\.5\.0/,
    ],
    [
      'Error response from daemon: toomanyrequests: slow down',
      /allows no more pulls for now .*: wait, or docker login .*, then docker pull /,
    ],
    [
      'Error response from daemon: Get "x": dial tcp: refused',
      /was not reached .*docker save \S+dify-web:1\.5\.0 there, docker load here$/,
    ],
    [
      'x509: certificate signed by unknown authority',
      /does not trust its registry .*certificate of registry\.example:5000/,
    ],
    ['no matching manifest for linux/arm64/v8', /docker pull --platform linux\/amd64 /],
    ['no space left on device', /has no room .*docker system df/],
    ['', /cannot be pulled \(the client said nothing\): docker pull /],
  ] as const)('of "%s" in one line: which image, whose, and what brings it', ([said, words]) => {
    const line = notPulled(web, said);
    expect(line).toMatch(/^image registry\.example:5000\/dify-web:1\.5\.0 \(web, web2\) /);
    expect(line).toMatch(words);
    expect(line).not.toContain('\n');
  });

  test('with --pull never all images that are not there are named at once', () => {
    expect(neverPulled([web])).toBe(
      'image registry.example:5000/dify-web:1.5.0 (web, web2) is not on this machine and --pull is never: docker pull registry.example:5000/dify-web:1.5.0',
    );
    const db = { ref: 'postgres:15', services: ['db'], platform: 'linux/amd64' };
    expect(neverPulled([web, db])).toMatch(
      /\(web, web2\), image postgres:15 \(db\) are not .*: docker pull \S+ && docker pull --platform linux\/amd64 postgres:15$/,
    );
  });
});

test.for([
  ['nginx:1.28', null],
  ['langgenius/dify-api:1.5.0', null],
  ['registry.example/x/y', 'registry.example'],
  ['localhost/x', 'localhost'],
  ['mirror:20050/x/postgres', 'mirror:20050'],
  ['nginx:latest@sha256:00', null],
] as const)('the registry of %s is %s', ([ref, host]) => {
  expect(registryOf(ref)).toBe(host);
});

test.for([
  ['nginx:1.28', ['mirror.example/nginx@sha256:a', 'nginx@sha256:b'], 'nginx@sha256:b'],
  [
    'registry.example:5000/x/web:1',
    ['other/web@sha256:a', 'registry.example:5000/x/web@sha256:b'],
    'registry.example:5000/x/web@sha256:b',
  ],
  ['renamed/here:1', ['nginx@sha256:b'], 'nginx@sha256:b'],
  ['made/here:1', [], null],
] as const)('%s of %j has the digest %s', ([ref, digests, digest]) => {
  expect(digestFor(ref, digests)).toBe(digest);
});

test('progress counts layers by what the client writes of them', () => {
  const layers = new PulledLayers();
  expect(layers.inWords()).toBe('the registry has not answered yet');
  const lines = [
    '1: Pulling from x',
    '290e09acfb29: Pulling fs layer',
    '390e09acfb29: Pulling fs layer',
    '490e09acfb29: Already exists',
    '290e09acfb29: Download complete',
  ];
  for (const line of lines) layers.take(line);
  expect(layers.inWords()).toBe('1 of 3 layers done, 1 more downloaded');
  layers.take('290e09acfb29: Pull complete');
  expect(layers.inWords()).toBe('2 of 3 layers done');
});

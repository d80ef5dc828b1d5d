import type { RouteLocation } from '../../../../fixtures/checks/routes/obligations.ts';

/** A location of the reference stack's shape, and the entry that it is at, as verdicts get them. */
export const ENTRY = { nginx: 'nginx', port: 80, tls: false, published: true, outside: '80', host: null };
export const LOCATION: RouteLocation = {
  label: '/e/',
  modifier: '',
  path: '/e/',
  where: 'default.conf:33',
  entry: ENTRY,
  owner: { kind: 'services', services: ['plugin_daemon'], role: 'plugin_daemon' },
  pass: { written: 'proxy_pass http://plugin_daemon:5002', where: 'default.conf:34' },
  upstreams: [{ host: 'plugin_daemon', port: 5002 }],
  sample: '/e/x',
  unreached: null,
  upgrades: true,
  bodyLimit: { bytes: 1024, where: null, promised: null },
  mirror: true,
  headers: {},
  buffering: null,
  root: null,
};

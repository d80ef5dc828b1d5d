import { expect, test } from 'vitest';
import { configurationOptions } from '../../../../fixtures/model/nginx/started.ts';
import { parseDump } from '../../../../fixtures/model/nginx/tree.ts';
import { servers } from '../../../../fixtures/model/nginx/locations.ts';

test.for<[string, string, string[]]>([
  ['the image’s own command', 'nginx: master process nginx -g daemon off;', []],
  ['another file', 'nginx: master process nginx -g daemon off; -c /etc/nginx/own.conf', ['-c', '/etc/nginx/own.conf']],
  ['written together', '/usr/sbin/nginx -c/etc/nginx/own.conf', ['-c', '/etc/nginx/own.conf']],
  ['another folder', 'openresty -p /srv/ -c conf/nginx.conf', ['-p', '/srv/', '-c', 'conf/nginx.conf']],
  ['behind an init', '/sbin/docker-init\0--\0nginx\0-c\0/own.conf\0', ['-c', '/own.conf']],
  ['in a shell', `sh -c "exec nginx -c '/own.conf' -g 'daemon off;'"`, ['-c', '/own.conf']],
  ['a test before the start', 'sh -c nginx -t -c /a.conf && nginx -c /b.conf', ['-c', '/b.conf']],
  ['a test alone', 'sh -c nginx -t -c /a.conf', []],
  ['a shell behind it', 'nginx -g daemon off; && sh -c ls', []],
  ['what the shell fills in', 'sh -c nginx -c $CONF', []],
  ['another program', 'caddy run -c /etc/caddy/Caddyfile', []],
  ['a log follower', 'tail -F /var/log/nginx/access.log -c 5', []],
])('%s', ([, line, options]) => {
  expect(configurationOptions(line)).toEqual(options);
});

test('the main file of a dump is its first, whatever it is called', () => {
  const config = parseDump(
    '# configuration file /etc/nginx/own.conf:\nevents {}\nhttp { include /etc/nginx/sites/*.conf; }\n# configuration file /etc/nginx/sites/a.conf:\nserver { listen 81; }\n',
  );
  expect(servers(config).map(({ listens }) => listens[0]?.port)).toEqual([81]);
  const other = parseDump(
    '# configuration file /srv/own.conf:\nevents {}\nhttp { include nginx.conf; }\n# configuration file /srv/nginx.conf:\nserver { listen 82; }\n',
  );
  expect(servers(other).map(({ listens }) => listens[0]?.port)).toEqual([82]);
});

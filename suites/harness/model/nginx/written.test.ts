import { describe, expect, test } from 'vitest';
import { allDirectives, parseDump } from '../../../../fixtures/model/nginx/tree.ts';
import { linesWritten } from '../../../../fixtures/model/nginx/written.ts';

const TEMPLATE = `# made from the template
server {
    listen \${NGINX_PORT};
    server_name \${NGINX_SERVER_NAME};

    location / {
      proxy_pass http://web:3000;
      proxy_set_header Host $host;
    }
    \${ACME}
    # of TLS:
    \${HTTPS_CONFIG}
    location /late { return 204; }
}`;

const rendered = (https: string) =>
  TEMPLATE.replace('${NGINX_PORT}', '80')
    .replace('${NGINX_SERVER_NAME}', '_')
    .replace('${ACME}', '')
    .replace('${HTTPS_CONFIG}', https);
const HTTPS = 'listen 443 ssl;\nssl_certificate /etc/ssl/a.crt;\n\nssl_protocols TLSv1.2;';

/** Where the directives of a name are written, as a dump of the running nginx tells. */
const placesOf = (name: string, text: string) => {
  const dump = `# configuration file /etc/nginx/nginx.conf:\nhttp { include /etc/nginx/conf.d/*.conf; }\n# configuration file /etc/nginx/conf.d/default.conf:\n${text}`;
  const written = [
    { path: '/etc/nginx/conf.d/default.conf', shown: 'nginx/conf.d/default.conf.template', text: TEMPLATE },
  ];
  return allDirectives(parseDump(dump, written).directives)
    .filter((directive) => directive.name === name)
    .map(({ file, line }) => `${file}:${line}`);
};

describe('what nginx runs is named by the file that it is made of', () => {
  test('without anything that grows each line is its own', () => {
    expect(linesWritten(TEMPLATE, rendered(''))).toEqual(TEMPLATE.split('\n').map((_, index) => index + 1));
  });

  test.for<[string, string, string[]]>([
    ['proxy_pass', '', ['nginx/conf.d/default.conf.template:7']],
    ['proxy_pass', HTTPS, ['nginx/conf.d/default.conf.template:7']],
    ['return', '', ['nginx/conf.d/default.conf.template:13']],
    ['return', HTTPS, ['nginx/conf.d/default.conf.template:13']],
    ['ssl_protocols', HTTPS, ['nginx/conf.d/default.conf.template:12']],
    ['include', HTTPS, []],
    ['http', '', ['/etc/nginx/nginx.conf:1']],
  ])('%s with %j', ([name, https, places]) => {
    expect(placesOf(name, rendered(https))).toEqual(places);
  });
});

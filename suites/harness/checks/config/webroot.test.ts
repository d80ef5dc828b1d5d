import { test } from 'vitest';
import { expectSingle, type Single } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

const ID = 'config/nginx/nginx/renewal';
const at = (source: string, target: string, read_only = false) => ({
  type: 'bind',
  source: `/stack/volumes/${source}`,
  target,
  read_only,
});

/** Certbot beside nginx, which serves the path of the authority from /var/www/html. */
const certbot =
  (theirs: ReturnType<typeof at>[], command: string[] = [], ours = [at('www', '/var/www/html', true)]) =>
  (stack: SyntheticStack): void => {
    stack.services['certbot'] = {
      image: 'certbot/certbot:v4.1.1',
      environment: {},
      networks: { default: null },
      volumes: theirs,
      command,
    };
    service(stack, 'nginx').volumes?.push(...ours);
    const file = 'nginx/conf.d/default.conf.template';
    stack.files[file] = (stack.files[file] ?? '').replace(
      'server {\n',
      'server {\n  location /.well-known/acme-challenge/ { root /var/www/html; }\n',
    );
  };

test.for<Single>([
  ['one folder, read-only in nginx alone', certbot([at('www', '/webroot')]), ID, 'pass', /\/var\/www\/html/],
  [
    'read-only in certbot',
    certbot([at('www', '/webroot', true)]),
    ID,
    'fail',
    /certbot to write into \/webroot; it is mounted read-only/,
  ],
  ['two folders', certbot([at('acme', '/var/www/html')]), ID, 'fail', /nginx has volumes\/www, certbot volumes\/acme/],
  ['another challenge', certbot([], ['certonly', '--dns-cloudflare']), ID, 'skip', /by a folder of nginx/],
  ['no folder that is known', certbot([at('conf', '/etc/letsencrypt')]), ID, 'skip', /at run time only/],
])('%s', (single) => expectSingle(single));

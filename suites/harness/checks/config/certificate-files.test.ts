import { describe, expect, test } from 'vitest';
import { Authority } from '../../../../fixtures/stack/authority.ts';
import { expectSingle, judgedAfter, replace, type Single } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

const authority = await Authority.make('authority of a test');
const other = await Authority.make('another authority');
const sound = await authority.certify(['dify.example.org', '*.apps.example.org']);
const foreign = await other.certify(['dify.example.org']);
const ended = await authority.certify(['dify.example.org'], { endsInDays: -2 });
const ending = await authority.certify(['dify.example.org'], { endsInDays: 20.5 });

const TLS = 'nginx/https.conf.template';

/** TLS is on, by the files of the variables. */
const withFiles =
  (certificate: string | null, key: string | null, more: (stack: SyntheticStack) => void = () => undefined) =>
  (stack: SyntheticStack): void => {
    Object.assign(service(stack, 'nginx').environment, {
      NGINX_HTTPS_ENABLED: 'true',
      NGINX_SSL_CERT_FILENAME: 'own.crt',
      NGINX_SSL_CERT_KEY_FILENAME: 'own.key',
    });
    service(stack, 'nginx').ports?.push({ target: 443, published: '443' });
    if (certificate !== null) stack.files['nginx/ssl/own.crt'] = certificate;
    if (key !== null) stack.files['nginx/ssl/own.key'] = key;
    more(stack);
  };

const TOGETHER = 'config/nginx/nginx/certificate';
const EXPIRY = 'config/nginx/nginx/certificate-expiry';
const NAMES = 'config/nginx/nginx/certificate-names';
const named = replace(
  'nginx/conf.d/default.conf.template',
  'listen ${NGINX_PORT};',
  'listen ${NGINX_PORT};\n  server_name dify.example.org;',
);
/** Nobody is told an address at https. */
const withoutNames = (stack: SyntheticStack): void => {
  for (const { environment } of Object.values(stack.services))
    for (const [key, value] of Object.entries(environment)) if (value.startsWith('https://')) environment[key] = '';
};
const chain = `${sound.certificate}\n${authority.certificate}`;

describe('the operators’ own certificate', () => {
  test.for<Single>([
    ['with its key', withFiles(sound.certificate, sound.key), TOGETHER, 'pass', /1 with its key/],
    ['with its chain', withFiles(chain, sound.key), TOGETHER, 'pass', /2 in the chain/],
    [
      'beside another key',
      withFiles(sound.certificate, foreign.key),
      TOGETHER,
      'fail',
      /own\.key to be the key of nginx\/ssl\/own\.crt/,
    ],
    [
      'behind the one that signed it',
      withFiles(`${authority.certificate}\n${sound.certificate}`, sound.key),
      TOGETHER,
      'fail',
      /own\.key to be the key/,
    ],
    [
      'before one that did not sign it',
      withFiles(`${sound.certificate}\n${other.certificate}`, sound.key),
      TOGETHER,
      'fail',
      /number 1 is not signed by number 2/,
    ],
    ['that has ended', withFiles(ended.certificate, ended.key), TOGETHER, 'fail', /in date; it is good from/],
    ['that is none', withFiles('x', sound.key), TOGETHER, 'fail', /there is none/],
    ['whose key is none', withFiles(sound.certificate, 'x'), TOGETHER, 'fail', /private key in nginx\/ssl\/own\.key/],
    [
      'whose key asks for a passphrase',
      withFiles(sound.certificate, '-----BEGIN ENCRYPTED PRIVATE KEY-----\nx'),
      TOGETHER,
      'skip',
      /passphrase/,
    ],
    ['that is not there', withFiles(null, sound.key), TOGETHER, 'blocked', /own\.crt is not there/],
    [
      'that a server of the files names',
      withFiles(
        sound.certificate,
        foreign.key,
        replace(
          TLS,
          'listen 443 ssl;',
          'listen 443 ssl; ssl_certificate /etc/ssl/own.crt; ssl_certificate_key /etc/ssl/own.key;',
        ),
      ),
      TOGETHER,
      'fail',
      /to be the key/,
      /default\.conf\.template:\d+$/,
    ],
    [
      'that lies in the image',
      withFiles(
        sound.certificate,
        sound.key,
        replace(TLS, 'listen 443 ssl;', 'listen 443 ssl; ssl_certificate /opt/a.crt; ssl_certificate_key /opt/a.key;'),
      ),
      TOGETHER,
      'skip',
      /in the image or in a volume/,
    ],
    ['with a month left', withFiles(sound.certificate, sound.key), EXPIRY, 'pass', /29 days left/],
    ['with less than three weeks left', withFiles(ending.certificate, ending.key), EXPIRY, 'fail', /ends in 20 /],
    ['that has ended, is told as that', withFiles(ended.certificate, ended.key), EXPIRY, 'blocked'],
    ['for the name of the server', withFiles(sound.certificate, sound.key, named), NAMES, 'pass', /dify\.example\.org/],
    [
      'for another name',
      withFiles(sound.certificate, sound.key, (stack) => {
        service(stack, 'api').environment['CONSOLE_WEB_URL'] = 'https://www.example.org';
      }),
      NAMES,
      'fail',
      /a certificate for www\.example\.org; nginx\/ssl\/own\.crt is for DNS:dify\.example\.org/,
    ],
    [
      'for every name of a domain',
      withFiles(sound.certificate, sound.key, (stack) => {
        service(stack, 'api').environment['CONSOLE_WEB_URL'] = 'https://a.apps.example.org';
      }),
      NAMES,
      'pass',
    ],
    [
      'where no name is known',
      withFiles(sound.certificate, sound.key, withoutNames),
      NAMES,
      'skip',
      /no name is known/,
    ],
  ])('%s', (single) => expectSingle(single));

  test('of its key nothing is told, whatever is wrong with it', () => {
    const broken = sound.key.replace('-----END', 'x-----END');
    for (const key of [sound.key, foreign.key, broken]) {
      const told = JSON.stringify([...judgedAfter(withFiles(sound.certificate, key)).values()]);
      const body = key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
      expect(body.length).toBeGreaterThan(0);
      expect(body.filter((line) => told.includes(line))).toEqual([]);
    }
  });

  test('with TLS off, nothing is said of it', () => {
    expect([...judgedAfter(() => undefined).keys()]).not.toContain(TOGETHER);
  });
});

import { describe, expect, test } from 'vitest';
import { both, env, expectRed, judgedAfter, type Case } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

type Edit = (stack: SyntheticStack) => void;

const lines =
  (...added: string[]): Edit =>
  (stack) => {
    stack.files['.env'] = ['NGINX_PORT=80', ...added, ''].join('\n');
  };
const example =
  (...added: string[]): Edit =>
  (stack) => {
    stack.files['.env.example'] = ['NGINX_PORT=80', ...added, ''].join('\n');
  };
/** A text beside, in which the variables of the stack are read. */
const reads =
  (...names: string[]): Edit =>
  (stack) => {
    service(stack, 'nginx').environment = { ...service(stack, 'nginx').environment };
    for (const name of names) service(stack, 'nginx').environment[`X_${name}`] = `\${${name}}`;
    service(stack, 'nginx').environment['NGINX_PORT'] = '${NGINX_PORT}';
  };

const DRIFT = 'config/env/drift';
const MEANT = 'config/env/as-meant';

describe('the env file and the compose files', () => {
  test.for<Case>([
    [
      'a misspelt name',
      both(reads('LOG_LEVEL'), lines('LOG_LEVLE=INFO')),
      [DRIFT],
      /nothing reads LOG_LEVLE \(LOG_LEVEL is meant\?\)/,
      /^\.env:2$/,
    ],
    ['a name that nobody knows', both(reads(), lines('MY_OWN_SWITCH=1')), [DRIFT], /nothing reads MY_OWN_SWITCH$/],
    [
      'a line of the example that is missing, and no default',
      both(reads('POOL_SIZE'), lines(), example('POOL_SIZE=3')),
      [DRIFT],
      /POOL_SIZE of \.env\.example is missing/,
    ],
    [
      'a placeholder in use',
      both(
        reads(),
        env('api', 'SMTP_SERVER', 'your-mail-server'),
        env('api', 'MAIL_TYPE', 'smtp'),
        lines('SMTP_SERVER=your-mail-server', 'A=${SMTP_SERVER}', 'B=${A}'),
      ),
      [DRIFT],
      /SMTP_SERVER is a placeholder/,
    ],
  ])('%s', (aCase) => expectRed(aCase));

  test.for<[string, Edit]>([
    ['a variable of compose', both(reads(), lines('COMPOSE_PROJECT_NAME=x', 'COMPOSE_PROFILES=a'))],
    ['a value that another line takes in', both(reads('A'), lines('B=1', 'A=${B}'))],
    ['a line of the example as it is, which nobody reads', both(reads(), lines('OLD=1'), example('OLD=1'))],
    ['a second server with a number', both(reads('REDIS_1_HOST'), lines('REDIS_1_HOST=a'), example('REDIS_1_HOST=a'))],
    [
      'a placeholder of a store that is not in use',
      both(reads(), env('api', 'S3_BUCKET_NAME', 'your-bucket'), lines()),
    ],
    [
      'the whole file is handed to a service',
      both(reads('LOG_LEVEL'), lines('MY_OWN_SWITCH=1'), (stack) => {
        Object.assign(service(stack, 'api'), { env_file: [{ path: '.env' }] });
      }),
    ],
    [
      'another compose file beside reads it',
      both(reads(), lines('EXPOSE_TLS=443'), (stack) => {
        stack.files['docker-compose.https.yaml'] = 'x: ${EXPOSE_TLS:-443}';
      }),
    ],
  ])('sound: %s', ([, edit]) => {
    expect(judgedAfter(edit).get(DRIFT)?.verdict).toEqual({ status: 'pass' });
  });
});

describe('values as they are meant', () => {
  const secret = (value: string): Edit => both(reads('X_PASSWORD'), lines(`X_PASSWORD=${value}`));

  test.for<Case>([
    ['a comment in a password', secret('abc #def'), [MEANT], /of X_PASSWORD all from " #" on/, /^\.env:2$/],
    ['a variable in a password', secret('pa$HOME'), [MEANT], /\$HOME is replaced/],
    ['two dollars', secret('pa$$word'), [MEANT], /one \$ of each/],
    ['an escape in double quotes', secret('"a\\nb"'), [MEANT], /escape/],
    ['quotes in a port', env('nginx', 'NGINX_PORT', '"80"'), [MEANT], /nginx:NGINX_PORT has double quotes/],
    ['a carriage return', env('redis', 'NOTE', 'a\r'), [MEANT], /redis:NOTE has a carriage return/],
    ['a no-break blank', env('redis', 'NOTE', 'a\u00A0b'), [MEANT], /nobody sees/],
    ['curly quotes', env('redis', 'NOTE', '\u201Ca\u201D'), [MEANT], /curly quotes/],
    [
      'a secret that another service has without the blank',
      env('redis', 'OTHER', 'five-of-its-own-5 '),
      [MEANT],
      /redis:OTHER has a blank at its end/,
    ],
  ])('%s', (each) => {
    const [, edit, red, says, reference] = each;
    const seen = judgedAfter(edit).get(MEANT)?.verdict;
    expect(seen?.status).toBe('fail');
    expect(red).toEqual([MEANT]);
    if (says) expect(seen?.message).toMatch(says);
    if (reference) expect(seen?.reference).toMatch(reference);
  });

  test.for<[string, Edit]>([
    ['a comment behind a password', secret('abc # the old one')],
    ['a # inside', secret('abc#def')],
    ['single quotes', secret("'pa$HOME #x'")],
    ['one name and nothing else', secret('$HOME')],
    ['a name in braces', secret('${HOME}-1')],
    ['a URL made of others', both(reads('A'), lines('A_TOKEN_URL=redis://:${X}@r'))],
    ['JSON in a value', env('redis', 'NOTE', '{"a": "b"}')],
    ['a quoted text nobody reads as a word', env('redis', 'NOTE', '"a b"')],
    ['a text of several lines', env('redis', 'NOTE', '  a\n  b\n')],
    ['a blank in the key of a store that is not in use', env('api', 'LINDORM_HOST', ' x')],
  ])('sound: %s', ([, edit]) => {
    expect(judgedAfter(edit).get(MEANT)?.verdict).toEqual({ status: 'pass' });
  });
});

import { describe, expect, test } from 'vitest';
import { cutAndMasked } from '../../../../fixtures/run/report/evidence.ts';
import { redactor, redactorOfEnvironment, secretsOf } from '../../../../fixtures/run/report/redact.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';

const none = { services: {} } as unknown as StackModel;

/** Forty values as operators have them, by the name of their variable. None may be read anywhere. */
const PLANTED: Record<string, string> = {
  SMTP_PASS: 'qwvxzjkbplm',
  SENTRY_DSN: 'https://0f3c9a1be2d84f67a5c0e1d2b3f4a596@o1.ingest.example/42',
  MAIL_PWD: 'zu!9Lq',
  PASSPHRASE: 'correct horse battery staple nine',
  JWT: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  LICENSE: 'AB12-CD34-EF56',
  SECRET_KEY: 'sk-9f73s/3t+TXb2eYx0B&a"q\\z',
  DB_PASSWORD: 'hunterhunt',
  REDIS_PASSWORD: '73648291',
  CELERY_BROKER_URL: 'redis://:br0ker%2Fpw@redis:6379/1',
  SQLALCHEMY_URL: 'postgresql://dify:p4ss-word@db:5432/dify',
  S3_SECRET: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  S3_ID: 'AKIAIOSFODNN7EXAMPLE',
  AZURE_SAS_URL: 'https://x.blob.core.example/c?sv=2022&sig=Zm9vYmFyYmF6cXV4',
  WEBHOOK: 'https://hooks.example/services/T00/B00/XXyyZZ112233',
  WEAVIATE_API_KEY: 'WVF5YThaHlkYwhGUSmCRgsX3tD5ngdN8pkih',
  SANDBOX_API_KEY: 'dify-sandbox-x1',
  PLUGIN_DAEMON_KEY: 'lYkiYYT6owG+71oLerGzA7GXCgOT++6ovaezWAjpCjf+Sjc3ZtU+qUEi',
  OPENAI: 'sk-proj-abcDEF0123456789',
  GITHUB: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  INIT_PASSWORD: "o'Brien$42",
  OTP_SEED: 'JBSWY3DPEHPK3PXP',
  PIN: '904817',
  COOKIE_SALT: 'saltsaltpepper',
  UMLAUT_PASSWORD: 'pässwörter9',
  HTML_PASSWORD: '<b>7&8</b>',
  PERCENT_PASSWORD: '100%sure?!*',
  LONG_PASSWORD: 'x9'.repeat(300),
  LIST_KEYS: 'first-key-11,second-key-22',
  BASIC: 'dXNlcjpodW50ZXI3Nw==',
  OAUTH: 'Oq3xZr8LmN0p',
  UUID: '7f9c24e5-2d4b-4c2a-9a3f-0c8e1b2d3f4a',
  HEX: 'deadbeefcafef00d1234',
  SIGNATURE: 'siggysiggysig',
  PRIVATE: 'privatewords',
  CREDENTIALS: 'cred:ential-9',
  TOKEN: 'tokenfortwelve',
  ACCESS: 'Zx81-Spectrum-48K',
  SPACED: 'Tr0ub4dor &3 x',
  DOLLAR: 'pa$$w0rd#9',
};

const line = (name: string, value: string) => (value.includes("'") ? `${name}="${value}"` : `${name}='${value}'`);
const environment = Object.entries(PLANTED).map(([name, value]) => line(name, value.replaceAll('\\z', 'z')));
const values = Object.values(PLANTED).map((value) => value.replaceAll('\\z', 'z'));

/** What of a value must not be read: all of it, of a URL its secret part, of a list each entry. */
const mustGo = values.flatMap((value) => {
  const inUrl = /:\/\/(?:[^:@/]*:)?([^@/]+)@/.exec(value)?.[1];
  if (inUrl !== undefined) return [inUrl];
  return value.includes('-key-') ? value.split(',') : [value];
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The places and forms in which programs write a value. */
const PLACES: [string, (value: string) => string][] = [
  ['plain', (v) => `login with ${v} failed`],
  ['JSON', (v) => JSON.stringify({ said: v })],
  ['JSON in JSON', (v) => JSON.stringify({ body: JSON.stringify({ said: v }) })],
  ['URL', (v) => `GET /x?q=${encodeURIComponent(v)}&y=1`],
  ['form', (v) => new URLSearchParams({ q: v }).toString()],
  ['base64', (v) => `body ${base64(v)} end`],
  ['base64 of more', (v) => `body ${base64(`user:${v}`)} ${base64(`me:${v}:x`)} ${base64(`a=${v}`)}`],
  ['Basic auth', (v) => `Authorization: Basic ${base64(`admin:${v}`)}`],
  ['bearer', (v) => `> authorization: Bearer ${v}`],
  ['shell', (v) => `+ curl -u 'x:${v.replaceAll("'", `'\\''`)}' http://a`],
  ['SQL', (v) => `ALTER USER x PASSWORD '${v.replaceAll("'", "''")}'`],
  ['line by line', (v) => `one\n${v}\ntwo`],
];

describe('forty values of an env file in every place and form', () => {
  const { text } = redactor(secretsOf(none, environment.join('\n')));

  test.for(PLACES)('%s', ([, write]) => {
    const left = mustGo.filter((value) => {
      const written = text(write(value));
      return written.includes(value) || written.includes(encodeURIComponent(value)) || written.includes(base64(value));
    });
    expect(left).toEqual([]);
  });

  test('what is said of an env file before there is a model', () => {
    const early = redactorOfEnvironment(environment.join('\n'));
    for (const value of mustGo) expect(early.text(`line 3: unexpected "${value}"`)).not.toContain(value);
  });
});

describe('values that no env file names', () => {
  const { text } = redactor([]);

  test.for([
    ['password=abcdefghij', 'password=***'],
    ['host=db password=abcdefghij sslmode=disable', 'host=db password=*** sslmode=disable'],
    ['{"password":"abcdefghij","x":1}', '{"password":"***","x":1}'],
    ['POSTGRES_PASSWORD: abcdefghij', 'POSTGRES_PASSWORD: ***'],
    ['postgres://u:pw@db/x', 'postgres://u:***@db/x'],
    ['Authorization: Basic dTpw', 'Authorization: Basic ***'],
    ['x-api-key: abc', 'x-api-key: ***'],
  ] as const)('%s', ([written, masked]) => {
    expect(text(written)).toBe(masked);
  });
});

describe('masking leaves the report readable', () => {
  test.for([
    'postgres',
    'true',
    'a',
    'db',
    '5432',
    'password',
    'api',
    'http://api:5001',
    '/app/api/storage',
    'weaviate',
  ])('with %s as the value of everything', (value) => {
    const model = { services: { api: { name: 'api', environment: { A_PASSWORD: value, B: value } } } };
    const { text } = redactor(secretsOf(model as unknown as StackModel, `A_PASSWORD=${value}\nB=${value}`));
    const said = `api: postgres at db:5432 is true, a password of http://api:5001 in /app/api/storage; weaviate`;
    expect(text(said)).toBe(said);
  });

  test('settings of an env file are no secrets', () => {
    const settings = `TZ=Europe/Berlin\nLOG_LEVEL=WARNING\nSIZE=15M\nHOST=db.example.com\nURL=https://console.example.com/x\nDB_DATABASE=dify_plugin\nDEPLOY_ENV=PRODUCTION\nALLOW=jpg,png\nD=/var/lib/dify\nP=0.0.0.0:5001\nC=10.0.0.0/8\nCOMPOSE_PROJECT_NAME=dify-7f3`;
    const { text } = redactor(secretsOf(none, settings));
    expect(text(settings)).toBe(settings);
  });

  test('prose with a colon or an empty value is prose', () => {
    const { text } = redactor([]);
    for (const said of [
      'the key: refused',
      'mend: A_PASSWORD=<openssl rand -hex 32>',
      'evicted_keys=0',
      'REDIS_PASSWORD: ${REDIS_PASSWORD}',
    ])
      expect(text(said)).toBe(said);
  });
});

describe('the time grows with the text and with nothing else', () => {
  const { text } = redactor([...Array.from({ length: 60 }, (_, i) => `secret-${i}-${'k'.repeat(i)}`), 'abcdefghij']);
  /** Milliseconds of processor time: what else the machine does is no part of it. */
  const took = (input: string) => {
    const began = process.cpuUsage();
    text(input);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
  /** Ten times the text: about ten times the time. A quadratic one takes a hundred times. 100 MB would take CI a minute more. */
  test.for([
    ['one long word', 'a'],
    ['one line of assignments', 'KEY=v;'],
    ['one line of addresses', 'x://u:'],
    ['one line of names with signs', 'secret-a.'],
    ['colons', ':'],
    ['blanks', ' '],
  ] as const)('%s', { timeout: 120_000 }, ([, piece]) => {
    const million = piece.repeat(Math.ceil(1_000_000 / piece.length));
    took(million.slice(0, 100_000));
    const one = Math.max(took(million), 5);
    expect(took(million.repeat(10)) / one).toBeLessThan(40);
  });
});

test('a log that is too long keeps its end, says so, and shows no part of a secret at the cut', () => {
  const secret = 'S3cr3tS3cr3tS3cr3t-x';
  const log = `${'head '.repeat(100)}${secret}${'t'.repeat(20_000)}`;
  for (let cut = 20_000 - 16_384 - 3; cut < 20_000 - 16_384 + 30; cut++) {
    const kept = cutAndMasked(log, redactor([secret]), cut);
    expect(kept).toMatch(/^\(cut: the last \d+ of \d+ characters\)\n/);
    expect(kept).not.toMatch(/S3cr|3t-x/);
  }
  expect(cutAndMasked(`x ${secret}`, redactor([secret]))).toBe('x ***');
});

/** A variable may have as much as Linux passes to a program. */
test.for([
  ['one word', 'aZ09'.repeat(32_000)],
  ['a list', Array.from({ length: 8_000 }, (_, at) => `pw-${at}-Zq7`).join(',')],
  ['addresses with passwords', Array.from({ length: 3_000 }, (_, at) => `redis://:Zq7-${at}-x@h${at}:6379`).join(',')],
] as const)('a secret of 128 KB: %s', { timeout: 60_000 }, ([, value]) => {
  const masked = redactorOfEnvironment(`SECRET_KEY=${value}\n`).text(`before ${value} after`);
  expect(masked).toMatch(/^before /);
  expect(masked).toMatch(/ after$/);
  expect(masked).not.toContain('Zq7-');
  expect(masked).not.toContain('aZ09aZ09');
});

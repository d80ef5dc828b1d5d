import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { configurationVerdict } from '../../../../fixtures/checks/routes/live-verdicts.ts';
import { routesContract } from '../../../../fixtures/checks/routes/obligations.ts';
import type { ThroughCheck } from '../../../../fixtures/checks/routes/through.ts';
import type { ThroughObservation } from '../../../../fixtures/checks/routes/through-observe.ts';
import { throughVerdict } from '../../../../fixtures/checks/routes/through-verdict.ts';
import type { RawAnswer } from '../../../../fixtures/engine/http/request.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { PLACEHOLDER_HEADER } from '../../../../fixtures/setup/images/placeholders.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const API = { 'x-version': '1.5.0', 'x-env': 'PRODUCTION' };
const WEB = { 'x-powered-by': 'Next.js' };
const plain = { host: null, port: 8080, tls: false };
const named = { host: 'dify.example.com', port: 443, tls: true };
const check: ThroughCheck = {
  id: 'routes/through:caddy/api',
  title: '',
  level: 'must',
  gateway: 'caddy',
  networks: ['default'],
  sites: [plain],
  service: 'api',
  role: 'api',
  port: 5001,
  asks: [
    { path: '/v1', method: 'GET', target: '/v1/', lost: 'the service API is gone' },
    { path: '/files', method: 'GET', target: '/files/x', lost: 'uploaded files cannot be opened' },
  ],
};
const answer = (more: Partial<RawAnswer>): RawAnswer => ({
  status: 200,
  headers: {},
  body: '',
  continued: false,
  error: null,
  ...more,
});
const at = (site: typeof plain | typeof named, ...answers: Partial<RawAnswer>[]): ThroughObservation[number] => ({
  site,
  answers: answers.map((one, index) => ({
    target: check.asks[index]?.target ?? '',
    answer: answer(one),
    itself: answer(one),
  })),
});

test('what Caddy owes follows from its file: one check for each service of Dify behind it', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'through-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const source = path.join(dir, 'Caddyfile');
  writeFileSync(source, 'dify.example.com {\n  reverse_proxy web:3000\n}\n');
  const model = modelOf({
    api: { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'api' } },
    web: { image: 'langgenius/dify-web:1.5.0' },
    caddy: { image: 'caddy:2', volumes: [{ type: 'bind', source, target: '/etc/caddy/Caddyfile' }] },
  });
  const contract = routesContract(model, rolesOf(model), { nginx: {} });
  expect(contract.through.map(({ id, sites, port }) => [id, sites, port])).toEqual([
    ['routes/through:caddy/api', [named], 5001],
    ['routes/through:caddy/web', [named], 3000],
  ]);
  expect(contract.configuration.map(configurationVerdict)).toMatchObject([
    { status: 'skip', message: expect.stringContaining('routes/through:') },
  ]);
});

test.each<[string, ThroughObservation, object]>([
  ['all by its owner', [at(plain, { headers: API }, { headers: API, status: 404 })], { status: 'pass' }],
  [
    'one leads to web',
    [at(plain, { headers: API }, { headers: WEB, status: 404 })],
    {
      status: 'fail',
      message: expect.stringContaining('at http://:8080 /files/x got 404 of web'),
      why: 'uploaded files cannot be opened',
      hint: 'in the Caddyfile: handle /files/* { reverse_proxy api:5001 }',
    },
  ],
  ['nobody is behind it', [at(plain, { headers: API }, { status: 502 })], { status: 'fail' }],
  ['nobody is behind any of it', [at(plain, { status: 502 }, { status: 502 })], { status: 'fail' }],
  ['no answer', [at(plain, { headers: API }, { status: null, error: 'ECONNRESET' })], { status: 'fail' }],
  ['a page of nobody', [at(plain, { headers: API }, { status: 200 })], { status: 'fail' }],
  ['it serves something else', [at(plain, { status: 404 }, { status: 404 })], { status: 'skip' }],
  [
    'a stand-in that does not know it',
    [at(plain, ...Array(2).fill({ status: 501, headers: { 'x-stand-in-unknown': 'x' } }))],
    { status: 'skip' },
  ],
  ['a placeholder', [at(plain, { headers: { [PLACEHOLDER_HEADER]: 'api' } }, {})], { status: 'skip' }],
])('what it passed on: %s', (_, seen, expected) => {
  expect(throughVerdict(check, seen)).toMatchObject(expected);
});

test('what the service itself answers is not known: nothing to compare with is no pass', () => {
  const [seen] = [at(plain, { headers: API }, { headers: API })];
  for (const itself of [null, answer({ status: null, error: 'ECONNREFUSED' })]) {
    const answers = seen?.answers.map((one) => ({ ...one, itself })) ?? [];
    expect(throughVerdict(check, [{ site: plain, answers }])).toMatchObject({ status: 'error' });
  }
});

test('a path that was cut on the way is another question to the same service', () => {
  const [first, second] = [answer({ headers: API }), answer({ headers: API, status: 404 })];
  const seen = (itself: RawAnswer) => [
    {
      site: plain,
      answers: check.asks.map(({ target }, at) => ({ target, answer: second, itself: at === 0 ? itself : second })),
    },
  ];
  expect(throughVerdict(check, seen(first))).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('/v1/ got 404, the service itself answers 200'),
  });
  expect(throughVerdict(check, seen(second))).toMatchObject({ status: 'pass' });
});

test('of several sites one is the gateway of the service', () => {
  const both = { ...check, sites: [plain, named] };
  const other = at(plain, { headers: WEB }, { headers: WEB });
  expect(throughVerdict(both, [other, at(named, { headers: API }, { headers: API })])).toMatchObject({
    status: 'pass',
    message: expect.stringContaining('https://dify.example.com'),
  });
  expect(throughVerdict(both, [other, at(named, { headers: API }, { headers: WEB })])).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('at https://dify.example.com /files/x'),
  });
  expect(throughVerdict(both, [at(named, { headers: API }, { headers: API })])).toMatchObject({ status: 'error' });
});

import { expect, test } from 'vitest';
import { directSeen } from '../../../../fixtures/checks/routes/direct-observe.ts';
import { directVerdict } from '../../../../fixtures/checks/routes/direct-verdict.ts';
import type { DirectCheck } from '../../../../fixtures/checks/routes/direct.ts';
import { configurationVerdict } from '../../../../fixtures/checks/routes/live-verdicts.ts';
import { routesContract } from '../../../../fixtures/checks/routes/obligations.ts';
import type { RawAnswer } from '../../../../fixtures/engine/http/request.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { PLACEHOLDER_HEADER } from '../../../../fixtures/setup/images/placeholders.ts';
import type { RunningStack } from '../../../../fixtures/stack/running.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const api = { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'api' }, ports: [{ target: 5001 }] };
const web = { image: 'langgenius/dify-web:1.5.0' };

function contractOf(services: Record<string, object>) {
  const model = modelOf(services);
  return routesContract(model, rolesOf(model), { nginx: {} });
}

test('a stack without nginx: told as such, and each service is asked itself', () => {
  const contract = contractOf({ api, web });
  expect(contract.direct.map(({ id, published, asks }) => [id, published, asks.map(({ target }) => target)])).toEqual([
    [
      'routes/direct:api:5001/owner',
      true,
      ['/console/api/setup', '/api/site', '/v1/', '/files/verify/nothing', '/health'],
    ],
    ['routes/direct:web:3000/owner', false, ['/', '/apps', '/explore/apps', '/signin']],
  ]);
  expect(contract.configuration.map(configurationVerdict)).toMatchObject([
    { status: 'skip', message: expect.stringMatching(/^no gateway in this stack/) },
  ]);
});

test('a gateway of another kind is named', () => {
  const [configuration] = contractOf({ api, caddy: { image: 'caddy:2' } }).configuration;
  expect(configuration?.problem).toMatch(/^the gateway of this stack is caddy \(caddy:2\)/);
});

test('each is asked where its gateway asks it, else in its own networks', () => {
  const networks = (services: Record<string, object>) => contractOf(services).direct.map(({ networks: all }) => all);
  const edge = { networks: { edge: null, inner: null } };
  expect(networks({ web: { ...web, ...edge } })).toEqual([['edge', 'inner']]);
  const caddy = { image: 'caddy:2', networks: { inner: null } };
  expect(networks({ web: { ...web, ...edge }, caddy })).toEqual([['inner']]);
});

test('one that is not published is asked at its address: on loopback it need not listen', async () => {
  const asked: string[] = [];
  const stack = {
    addresses: (_: string, network: string) => Promise.resolve(network === 'edge' ? ['172.18.0.5'] : []),
    tunnel: (service: string, host: string, port: number) => {
      asked.push(`${service} ${host}:${port}`);
      return Promise.resolve({ host: '127.0.0.1', port: 1 });
    },
  } as unknown as RunningStack;
  await directSeen(stack, { ...check, networks: ['inner', 'edge'] });
  expect(asked).toEqual(['web 172.18.0.5:3000']);
});

test('a stack with nginx has its routes, and nothing is asked beside them', () => {
  expect(contractOf({ api, nginx: { image: 'nginx:latest' } }).direct).toEqual([]);
});

const asks = [
  { method: 'GET', target: '/' },
  { method: 'GET', target: '/signin' },
] as const;
const check: DirectCheck = {
  id: 'routes/direct:web:3000/owner',
  title: '',
  level: 'must',
  service: 'web',
  role: 'web',
  port: 3000,
  published: false,
  networks: ['default'],
  asks: [...asks],
};
const NEXT = { 'x-powered-by': 'Next.js' };
const answer = (more: Partial<RawAnswer>): RawAnswer => ({
  status: 200,
  headers: NEXT,
  body: '',
  continued: false,
  error: null,
  ...more,
});

test.for<[string, Partial<RawAnswer>[], string, RegExp]>([
  ['its own', [{}, {}], 'pass', /^2 requests/],
  ['a redirect has no mark', [{}, { status: 307, headers: {} }], 'pass', /^2 requests/],
  ['nothing has a mark', [{ headers: {} }, { headers: {} }], 'error', /who gave them is not known/],
  ['another program', [{}, { headers: { 'x-version': '1' } }], 'fail', /GET \/signin: 200 with the marks of api/],
  ['it fails', [{}, { status: 500 }], 'fail', /GET \/signin: 500/],
  ['no answer', [{ status: null, error: 'refused' }, {}], 'fail', /GET \/ got no answer: refused/],
  ['a placeholder', [{ headers: { [PLACEHOLDER_HEADER]: '1' } }, {}], 'skip', /placeholder/],
  ['one was not sent', [{}], 'error', /^1 of 2/],
])('%s', ([, answers, status, words]) => {
  const seen = answers.map((more, index) => ({
    method: 'GET',
    target: asks[index]?.target ?? '',
    answer: answer(more),
  }));
  const verdict = directVerdict(check, seen);
  expect([verdict.status, verdict.message]).toEqual([status, expect.stringMatching(words)]);
});

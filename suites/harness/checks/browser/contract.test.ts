import { describe, expect, test } from 'vitest';
import { browserContract } from '../../../../fixtures/checks/browser/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const PLAIN =
  'server { listen 80; server_name _; location / { proxy_pass http://web:3000; } location /api { proxy_pass http://api:5001; } }';
const TLS =
  'server { listen 443 ssl; server_name _; ssl_certificate /c; ssl_certificate_key /k; location / { proxy_pass http://web:3000; } }';

function pagesOf({
  config = PLAIN,
  ports = [{ target: 80, published: '8080' }],
  api = {},
  web = {},
}: { config?: string; ports?: object[]; api?: Record<string, string>; web?: Record<string, string> } = {}) {
  const model = modelOf({
    api: { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'api', ...api } },
    web: { image: 'langgenius/dify-web:1.5.0', environment: web },
    nginx: { image: 'nginx:latest', ports },
  });
  const text = `# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp { ${config} }\n`;
  return browserContract(model, rolesOf(model), { rendered: { nginx: { nginx: text } } }).loads;
}

const told = (pages: ReturnType<typeof pagesOf>) =>
  pages.map(({ id, place: { origin, outerTls } }) => [id, origin, outerTls]);

describe('where people open the first pages', () => {
  test('at the published port of this machine', () => {
    expect(told(pagesOf())).toEqual([
      ['browser/start/loads', 'http://localhost:8080', false],
      ['browser/signin/loads', 'http://localhost:8080', false],
      ['browser/install/loads', 'http://localhost:8080', false],
    ]);
  });

  test.for<[string, Parameters<typeof pagesOf>[0], string, boolean]>([
    [
      'by the name that api knows',
      { api: { CONSOLE_WEB_URL: 'http://dify.example.com' } },
      'http://dify.example.com',
      false,
    ],
    [
      'by https that ends before nginx',
      { api: { CONSOLE_WEB_URL: 'https://dify.example.com' } },
      'https://dify.example.com',
      true,
    ],
    ['what is no address is none', { api: { CONSOLE_WEB_URL: 'dify.example.com' } }, 'http://localhost:8080', false],
    ['inside, where no port is published', { ports: [] }, 'http://localhost', false],
    ['at 80 without a port in the address', { ports: [{ target: 80, published: '80' }] }, 'http://localhost', false],
  ])('%s', ([, stack, origin, outerTls]) => {
    expect(told(pagesOf(stack))[0]).toEqual(['browser/start/loads', origin, outerTls]);
  });

  test('every published way in, each with the others of its host as its own', () => {
    const ports = [
      { target: 80, published: '80' },
      { target: 443, published: '443' },
    ];
    const pages = pagesOf({ config: `${PLAIN} ${TLS}`, ports });
    expect(told(pages).map(([id, origin]) => [id, origin])).toEqual([
      ['browser/start/loads', 'http://localhost'],
      ['browser/signin/loads', 'http://localhost'],
      ['browser/install/loads', 'http://localhost'],
      ['browser/start@nginx:443/loads', 'https://localhost'],
      ['browser/signin@nginx:443/loads', 'https://localhost'],
      ['browser/install@nginx:443/loads', 'https://localhost'],
    ]);
    expect(pages[0]?.place.own).toEqual(['http://localhost', 'https://localhost']);
  });

  test('behind which nobody has web, there is no page', () => {
    expect(pagesOf({ config: 'server { listen 80; location / { return 404; } }' })).toEqual([]);
  });
});

test('addresses of web, with what its image calls where compose hands nothing over', () => {
  expect(
    pagesOf({ web: { CONSOLE_API_URL: 'https://api.example.com', EDITION: 'SELF_HOSTED' } })[0]?.addresses,
  ).toEqual({
    'web CONSOLE_API_URL': 'https://api.example.com',
    'web APP_API_URL': 'http://127.0.0.1:5001',
  });
  // Set and empty: the page calls the address that it came from.
  expect(pagesOf({ web: { CONSOLE_API_URL: '', APP_API_URL: '' } })[0]?.addresses).toEqual({});
});

import { expect, test } from 'vitest';
import type { Disk } from '../../../../fixtures/checks/config/disk.ts';
import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import { mountedLeads } from '../../../../fixtures/checks/config/leads-outside.ts';
import { shutMounted } from '../../../../fixtures/model/outside/mounted.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const on = { networks: { default: null } };
const bind = (source: string, target: string) => ({ type: 'bind', source: `/stack/${source}`, target });

const FILES: Record<string, string> = {
  '/stack/default.conf.template': `upstream cms { server cms.example.com:8080; server 10.0.0.9; }
server {
  listen 80;
  location /console/api { proxy_pass http://api:5001; }
  location /cms { proxy_pass http://cms; }
  location /shop { proxy_pass https://\${SHOP_HOST}; }
  location /old { proxy_pass http://legacy:9000; }
}
`,
  '/stack/squid.conf.template': `http_port 3128
cache_peer \${SANDBOX_HOST} parent 8194 0 no-query originserver
cache_peer proxy.corp.example parent 3129 0 no-query
`,
  '/stack/config.yaml': `app:
  port: 8194
proxy:
  socks5: ''
  http: 'http://proxy.corp.example:3129' # the company's
  https: 'http://ssrf_proxy:3128'
`,
};
const disk: Disk = {
  read: (file) => FILES[file] ?? null,
  list: () => [],
  kind: (entry) => (entry in FILES ? 'file' : null),
  link: () => null,
};

function stack() {
  return modelOf(
    {
      nginx: {
        image: 'nginx:1.28',
        environment: { SHOP_HOST: 'shop.example.com' },
        volumes: [bind('default.conf.template', '/etc/nginx/templates/default.conf.template')],
        configs: [{ source: 'more', target: '/etc/nginx/conf.d/more.conf' }],
        ...on,
      },
      ssrf_proxy: {
        image: 'ubuntu/squid:6.6',
        environment: { SANDBOX_HOST: 'sandbox' },
        volumes: [bind('squid.conf.template', '/etc/squid/squid.conf.template')],
        ...on,
      },
      sandbox: {
        image: 'langgenius/dify-sandbox:0.2.12',
        volumes: [bind('config.yaml', '/conf/config.yaml')],
        ...on,
      },
      api: { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'api' }, ...on },
    },
    {
      configs: {
        more: { content: 'server { listen 81; location / { proxy_pass http://host.docker.internal:4000; } }\n' },
      },
    },
  );
}

test('what mounted files lead to outside is told, and its names lead to nobody in the copy', () => {
  const model = stack();
  const lines = shutMounted(model, mountedLeads(configInputs(stack(), { disk })), { allow: [] });
  expect(lines).toEqual([
    'cms.example.com:8080 is outside the stack (default.conf.template:1 of nginx): unreachable from the copy',
    '10.0.0.9:80 is outside the stack (default.conf.template:1 of nginx): unreachable from the copy',
    'shop.example.com:443 is outside the stack (default.conf.template:6 of nginx): unreachable from the copy',
    'host.docker.internal:4000 is outside the stack (configs.more:1 of nginx): unreachable from the copy',
    'proxy.corp.example:3129 is outside the stack (squid.conf.template:3 of ssrf_proxy): unreachable from the copy',
    'proxy.corp.example:3129 is outside the stack (config.yaml:5 of sandbox): unreachable from the copy',
  ]);
  expect(model.services['nginx']?.extraHosts).toEqual([
    'cms.example.com=192.0.2.1',
    'shop.example.com=192.0.2.1',
    'host.docker.internal=192.0.2.1',
  ]);
  expect(model.raw.services['ssrf_proxy']?.extra_hosts).toEqual(['proxy.corp.example=192.0.2.1']);
  // `legacy`, a word that no service answers to, is a defect of the stack and stays one.
  expect(model.services['api']?.extraHosts).toEqual([]);
});

test('a name that the copy has given to its own front door or to a double is left to it', () => {
  const model = stack();
  Object.assign(model.raw.services['api'] ?? {}, { networks: { default: { aliases: ['shop.example.com'] } } });
  const leads = mountedLeads(configInputs(stack(), { disk })).filter(({ host }) => host === 'shop.example.com');
  expect(shutMounted(model, leads, { allow: [] })).toEqual([
    'shop.example.com:443 is outside the stack (default.conf.template:6 of nginx): the copy answers to that name itself',
  ]);
  expect(model.services['nginx']?.extraHosts).toEqual([]);
});

test('what the policy opens stays open', () => {
  const model = stack();
  const leads = mountedLeads(configInputs(model, { disk })).filter(({ host }) => host === 'shop.example.com');
  expect(shutMounted(model, leads, { allow: [{ target: 'shop.example.com:443', at: 'verify.yaml:2' }] })).toEqual([
    'shop.example.com:443 is outside the stack (default.conf.template:6 of nginx): left open by the policy',
  ]);
  expect(model.services['nginx']?.extraHosts).toEqual([]);
});

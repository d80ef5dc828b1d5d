import { judgeRenewal } from '../../../../fixtures/checks/config/webroot.ts';
import { judgeCertificate } from '../../../../fixtures/checks/config/certificate-files.ts';
import { judgeTls } from '../../../../fixtures/checks/config/nginx-tls.ts';
import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import type { ConfigObligation, Kinds, Subject } from '../../../../fixtures/checks/config/obligation.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { judgeOver, modelOf, service, soundStack, type SyntheticStack } from '../config/stack.ts';
import type { Row, Rows } from './row.ts';

/** Of a subject's obligations on a sound stack, judged over what is left of it: the first that passes, else the last. */
function judged<S extends Subject>(subject: S, edit: (stack: SyntheticStack) => void, but: Kinds[S][] = []): Verdict {
  const stack = soundStack();
  edit(stack);
  const own = judgeOver(stack).filter(
    ({ obligation }) => obligation.subject === subject && !but.includes(obligation.kind as Kinds[S]),
  );
  const found = own.find(({ verdict }) => verdict.status === 'pass') ?? own.at(-1);
  if (!found) throw new Error(`the sound stack has no obligation about ${subject}`);
  return found.verdict;
}

const nobody = (stack: SyntheticStack): void => {
  stack.services = {};
  stack.networks = {};
  stack.files = {};
};
const noFiles = (stack: SyntheticStack): void => {
  stack.files = {};
};
const each = (edit: (own: SyntheticStack['services'][string]) => void) => (stack: SyntheticStack) => {
  for (const own of Object.values(stack.services)) edit(own);
};
const noEnvironment = each((own) => (own.environment = {}));
const row = (over: Partial<Row>): Row => ({ empty: null, partial: null, control: null, ...over });

const certificate = {
  id: 'config/nginx/nginx/certificate',
  title: '',
  level: 'must',
  subject: 'nginx',
  kind: 'certificate',
  service: 'nginx',
  holders: [],
  facts: {},
} as const satisfies ConfigObligation<'nginx'>;

/** TLS is on, and these files are all that there is of its certificate. */
function tlsWith(files: Record<string, string>): SyntheticStack {
  const stack = soundStack();
  Object.assign(service(stack, 'nginx').environment, {
    NGINX_HTTPS_ENABLED: 'true',
    NGINX_SSL_CERT_FILENAME: 'own.crt',
    NGINX_SSL_CERT_KEY_FILENAME: 'own.key',
  });
  Object.assign(stack.files, files);
  return stack;
}

export const configRows: Rows = {
  'config/secrets.ts#judgeSecret': row({
    empty: () => judged('secret', nobody),
    // One secret is known, the others are in files: nothing to compare it with.
    partial: () =>
      judged(
        'secret',
        (stack) => {
          noEnvironment(stack);
          service(stack, 'api').environment['SECRET_KEY'] = 'one-of-its-own-1';
        },
        ['default', 'anonymous', 'kept'],
      ),
    control: () =>
      judged(
        'secret',
        (stack) => {
          for (const name of ['db', 'redis', 'weaviate']) Reflect.deleteProperty(stack.services, name);
        },
        ['default', 'equal', 'distinct', 'first-login', 'kept'],
      ),
  }),
  'config/secrets-kept.ts#judgeKept': row({
    empty: () => judged('secret', noFiles, ['default', 'equal', 'distinct', 'first-login', 'anonymous']),
    // What git keeps is not known.
    control: () =>
      judged(
        'secret',
        (stack) => {
          stack.files['.env'] = 'DB_PASSWORD=two-of-its-own-2\n';
          delete stack.tracked;
        },
        ['default', 'equal', 'distinct', 'first-login', 'anonymous'],
      ),
  }),
  'config/store-logins.ts#judgeLogin': row({ empty: () => judged('secret', nobody) }),
  'config/hosts.ts#judgeHost': row({
    empty: () => judged('host', nobody),
    partial: () => judged('host', noEnvironment),
  }),
  'config/ports.ts#judgePort': row({
    empty: () => judged('port', nobody),
    partial: () => judged('port', noFiles, ['closed', 'unique']),
  }),
  'config/networks.ts#judgeNetwork': row({
    empty: () => judged('network', nobody),
    // Left alone: nobody to be apart from, nobody to be reached by, on no network.
    partial: () =>
      judged('network', (stack) => {
        stack.services = { sandbox: { ...service(stack, 'sandbox'), networks: {} } };
      }),
  }),
  'config/health.ts#judgeHealth': row({
    empty: () => judged('health', nobody),
    partial: () =>
      judged(
        'health',
        each((own) => Reflect.deleteProperty(own, 'healthcheck')),
      ),
  }),
  'config/nginx.ts#judgeNginx': row({
    empty: () => judged('nginx', nobody),
    partial: () => judged('nginx', noFiles),
    // Where every upstream is known at run time only, nothing is known of it from the files.
    control: () =>
      judged(
        'nginx',
        (stack) => {
          for (const file of Object.keys(stack.files).filter((name) => name.startsWith('nginx/')))
            stack.files[file] = (stack.files[file] ?? '').replace(
              /proxy_pass [^;]*;/g,
              'proxy_pass $scheme://$http_host;',
            );
        },
        ['syntax', 'placeholders', 'variables', 'paths', 'connect', 'tls', 'login'],
      ),
  }),
  // A stack in which nothing renews.
  'config/webroot.ts#judgeRenewal': row({
    empty: () => judgeRenewal('nginx', configInputs(modelOf(soundStack()), {})),
  }),
  'config/certificate-files.ts#judgeCertificate': row({
    empty: () => judgeCertificate(certificate, configInputs(modelOf(tlsWith({})), {})),
    // A certificate, and no key to hold against it.
    partial: () => judgeCertificate(certificate, configInputs(modelOf(tlsWith({ 'nginx/ssl/own.crt': 'x' })), {})),
  }),
  'config/nginx-tls.ts#judgeTls': row({
    empty: () => {
      const stack = soundStack();
      nobody(stack);
      return judgeTls('nginx', configInputs(modelOf(stack), {}));
    },
    // TLS is on, and where its certificate lies is not mounted.
    partial: () =>
      judged(
        'nginx',
        (stack) => {
          const nginx = service(stack, 'nginx');
          nginx.environment['NGINX_HTTPS_ENABLED'] = 'true';
          nginx.volumes = (nginx.volumes ?? []).filter(({ target }) => target !== '/etc/ssl');
        },
        ['syntax', 'placeholders', 'variables', 'paths', 'connect', 'names', 'addresses', 're-resolved', 'login'],
      ),
  }),
  'config/squid.ts#judgeSquid': row({
    empty: () => judged('squid', nobody),
    partial: () => judged('squid', (stack) => (stack.files['ssrf_proxy/squid.conf.template'] = '')),
    // What the include holds is in the image, and could be a peer or a rule.
    control: () =>
      judged('squid', (stack) => {
        service(stack, 'ssrf_proxy').image = 'example/squid:1';
        stack.files['ssrf_proxy/squid.conf.template'] = 'http_port 3128\ninclude /etc/squid/other.d/*.conf\n';
      }),
  }),
  'config/mounts.ts#judgeMount': row({
    empty: () => judged('mount', nobody),
    partial: () => judged('mount', noFiles, ['kept', 'shared']),
    control: () =>
      judged(
        'mount',
        each((own) => Reflect.deleteProperty(own, 'volumes')),
      ),
  }),
  'config/settings.ts#judgeSetting': row({
    // What compose warned of is its own word, and none of it is a sound stack's.
    empty: () => judged('setting', nobody, ['warnings']),
    partial: () =>
      judged(
        'setting',
        (stack) => {
          noFiles(stack);
          Object.values(stack.services).forEach((own, index) => {
            own.image = `${own.image.replace(/:.*/, '')}@sha256:${String(index).repeat(64).slice(0, 64)}`;
          });
          // Ports that the engine chooses.
          each((own) => (own.ports = (own.ports ?? []).map(({ target }) => ({ target }))))(stack);
        },
        ['warnings', 'restart', 'scheme', 'pinned'],
      ),
    control: null,
  }),
  'config/privilege.ts#judgePrivilege': row({ empty: () => judged('privilege', nobody) }),
  'config/port-unique.ts#judgeUnique': row({
    empty: () => judged('port', nobody, ['closed', 'listened']),
  }),
  'config/values.ts#judgeValue': row({
    empty: () => judged('value', nobody),
    // A service without any variable calls nobody: that is known.
    partial: () =>
      judged(
        'value',
        (stack) => {
          noFiles(stack);
          noEnvironment(stack);
        },
        ['machine'],
      ),
  }),
};

import { describe, expect, test } from 'vitest';
import { tokenize } from '../../../../fixtures/model/nginx/tokens.ts';
import { allDirectives, parseDump, parseFiles, splitDump } from '../../../../fixtures/model/nginx/tree.ts';

describe('words are split as nginx splits them', () => {
  test.for<[string, string, string[]]>([
    ['plain', 'listen 80 default_server;', ['listen', '80', 'default_server', ';']],
    ['several directives on one line', 'listen 80; listen [::]:80;', ['listen', '80', ';', 'listen', '[::]:80', ';']],
    ['# inside a quote is text', 'return 200 "a # b";', ['return', '200', 'a # b', ';']],
    ['# inside a word is text', 'rewrite ^/a#b /c;', ['rewrite', '^/a#b', '/c', ';']],
    ['comment to the end of the line', 'a b; # c { ;\nd;', ['a', 'b', ';', 'd', ';']],
    ['${var} opens no block', 'proxy_pass http://${u}/x;', ['proxy_pass', 'http://${u}/x', ';']],
    ['{ ends a word', 'location /a{ }', ['location', '/a', '{', '}']],
    ['a brace in quotes', 'location ~ "^/a{2}$" { }', ['location', '~', '^/a{2}$', '{', '}']],
    ['escaped quote', String.raw`return 200 "say \"hi\"";`, ['return', '200', 'say "hi"', ';']],
    ['backslash of an expression stays', String.raw`location ~ \.php$ {`, ['location', '~', String.raw`\.php$`, '{']],
    ['single quotes keep double ones', `log_format main '"$request"';`, ['log_format', 'main', '"$request"', ';']],
    ['semicolon in quotes', 'add_header A "b; c";', ['add_header', 'A', 'b; c', ';']],
    ['empty string', 'proxy_set_header Connection "";', ['proxy_set_header', 'Connection', '', ';']],
    ['escaped dollar of a renderer', 'proxy_pass http://$${u};', ['proxy_pass', 'http://$${u}', ';']],
    ['CRLF', 'a b;\r\nc d;\r\n', ['a', 'b', ';', 'c', 'd', ';']],
  ])('%s', ([, text, words]) => {
    const { tokens, problems } = tokenize(text);
    expect(tokens.map((token) => token.text)).toEqual(words);
    expect(problems).toEqual([]);
  });

  test('lines count through quotes and comments', () => {
    const { tokens } = tokenize('a;\n# x\nb "1\n2" c;\nd;');
    expect(tokens.filter((token) => token.kind === 'word').map((token) => [token.text, token.line])).toEqual([
      ['a', 1],
      ['b', 3],
      ['1\n2', 3],
      ['c', 4],
      ['d', 5],
    ]);
  });
});

const DUMP = `nginx: the configuration file /etc/nginx/nginx.conf syntax is ok
nginx: configuration file /etc/nginx/nginx.conf test is successful
# configuration file /etc/nginx/nginx.conf:
user nginx;
http {
    include mime.types;
    include /etc/nginx/conf.d/*.conf;
    include /etc/nginx/empty/*.conf;
}

# configuration file /etc/nginx/mime.types:
types { text/html html htm; }

# configuration file /etc/nginx/conf.d/b.conf:
server {
    listen 81;
}

# configuration file /etc/nginx/conf.d/a.conf:
# first line
server {
    location /api {
      include proxy.conf;
    }
}

# configuration file /etc/nginx/proxy.conf:

proxy_buffering off;
`;

describe('the output of nginx -T', () => {
  test('is split at its headers, with lines of the real files', () => {
    expect(splitDump(DUMP).map((file) => file.path)).toEqual([
      '/etc/nginx/nginx.conf',
      '/etc/nginx/mime.types',
      '/etc/nginx/conf.d/b.conf',
      '/etc/nginx/conf.d/a.conf',
      '/etc/nginx/proxy.conf',
    ]);
    const config = parseDump(DUMP);
    expect(config.problems).toEqual([]);
    expect(config.missing).toEqual([]);
    const seen = allDirectives(config.directives).map((d) => `${d.name} ${d.file}:${d.line}`);
    expect(seen).toEqual([
      'user /etc/nginx/nginx.conf:1',
      'http /etc/nginx/nginx.conf:2',
      'types /etc/nginx/mime.types:1',
      'text/html /etc/nginx/mime.types:1',
      'server /etc/nginx/conf.d/a.conf:2',
      'location /etc/nginx/conf.d/a.conf:3',
      'proxy_buffering /etc/nginx/proxy.conf:2',
      'server /etc/nginx/conf.d/b.conf:1',
      'listen /etc/nginx/conf.d/b.conf:2',
    ]);
  });

  test('anything else is refused, not read as an empty configuration', () => {
    expect(() => parseDump('nginx: [emerg] host not found in upstream "api_1"')).toThrow(
      /not the output of "nginx -T"/,
    );
    expect(() => parseDump('')).toThrow(/not the output/);
  });
});

describe('what nginx would refuse is a problem with its place', () => {
  test.for<[string, string, string]>([
    ['missing ;', 'server {\n  listen 80\n}', '2: ";" is missing after "listen 80"'],
    ['missing ; before another directive', 'listen 80\nserver_name _;', '1: ";" is missing after "listen 80"'],
    ['missing }', 'server {\n  listen 80;\n', '3: a block is never closed: "}" is missing'],
    ['one } too many', 'a b;\n}', '2: unexpected "}"'],
    ['stray ;', 'a b;;', '1: unexpected ";"'],
    ['open quote', 'a "b;\nc;', '1: the quote " is never closed'],
  ])('%s', ([, text, problem]) => {
    const { problems } = parseFiles([{ path: '/etc/nginx/nginx.conf', text }]);
    expect(problems.map((seen) => `${seen.line}: ${seen.message}`)).toContain(problem);
  });

  test('a file that includes itself', () => {
    const { problems } = parseFiles([{ path: '/etc/nginx/nginx.conf', text: 'include nginx.conf;' }]);
    expect(problems.map((problem) => problem.message)).toEqual(['nginx.conf includes itself']);
  });

  test('a named file that is not there is missing, a pattern without match is not', () => {
    const text = 'include a.conf;\ninclude b/*.conf;';
    const { missing } = parseFiles([{ path: '/etc/nginx/nginx.conf', text }]);
    expect(missing).toEqual([{ pattern: 'a.conf', file: '/etc/nginx/nginx.conf', line: 1 }]);
  });
});

describe('templates', () => {
  test('a line that is only a placeholder stands for itself', () => {
    const text = 'server {\n  listen ${NGINX_PORT};\n\n  ${ACME_CHALLENGE_LOCATION}\n  # why\n  ${HTTPS_CONFIG}\n}\n';
    const config = parseFiles([{ path: '/etc/nginx/conf.d/default.conf', shown: 'default.conf.template', text }]);
    expect(config.problems).toEqual([]);
    const server = config.directives[0]?.block?.[0];
    expect(server?.block?.map((d) => [d.name, d.line, d.placeholder ?? false])).toEqual([
      ['listen', 2, false],
      ['${ACME_CHALLENGE_LOCATION}', 4, true],
      ['${HTTPS_CONFIG}', 6, true],
    ]);
    expect(server?.file).toBe('default.conf.template');
  });

  test('without a main file, what no other includes is read inside http', () => {
    const config = parseFiles([
      { path: '/etc/nginx/conf.d/default.conf', text: 'server { location / { include proxy.conf; } }' },
      { path: '/etc/nginx/proxy.conf', text: 'proxy_buffering off;' },
    ]);
    expect(allDirectives(config.directives).map((d) => d.name)).toEqual([
      'http',
      'server',
      'location',
      'proxy_buffering',
    ]);
  });
});

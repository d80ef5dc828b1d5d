import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { stageStack } from '../../../fixtures/stack/stage.ts';
import { copyAnew, mountsThatChanged } from '../../../fixtures/stack/take-over.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { freshFolders, removeFolders } from './stage-case.ts';

afterEach(removeFolders);

const MAIN = 'events {}\nhttp {\n include /etc/nginx/conf.d/*.conf;\n}\n';
const ALONE = 'events {}\nhttp {\n server { listen 80; }\n}\n';

/** A kept copy of nginx and web with mounted files, and where their copies stand. */
function keptCopy() {
  const { dir, runDir } = freshFolders();
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
  };
  const main = write('nginx.conf', MAIN);
  const page = write('pages/a.html', 'a');
  const bind = (source: string, target: string) => ({ type: 'bind', source, target, read_only: true });
  const model = modelOf(
    {
      nginx: {
        image: 'nginx',
        volumes: [
          bind(main, '/etc/nginx/nginx.conf'),
          bind(page, '/a.html'),
          bind(path.join(dir, 'absent'), '/etc/nginx/more'),
        ],
      },
      web: { image: 'langgenius/dify-web:1.5.0', volumes: [bind(page, '/a.html')] },
      db: { image: 'postgres:15-alpine', configs: [{ source: 'tuning', target: '/etc/tuning' }] },
    },
    { dir, configs: { tuning: { file: write('tuning.conf', 'x') } } },
  );
  const roles = rolesOf(model);
  const { copies, sources } = stageStack(model, {
    runDir,
    project: 'verify-00000000',
    labels: {},
    roles,
    images: {},
    replicas: {},
  });
  return {
    dir,
    write,
    copies,
    sources,
    anew: (...edited: string[]) => copyAnew(edited, { dir: runDir, copies, model, roles }),
  };
}

test('what changed is found by the mount that holds it, a link by what it leads to; anything else is not taken over', () => {
  const { dir, copies } = keptCopy();
  const compose = path.join(dir, 'docker-compose.yaml');
  const [main, page] = [path.join(dir, 'nginx.conf'), path.join(dir, 'pages/a.html')];
  const of = (...changed: string[]) => mountsThatChanged(changed, { copies, read: [compose] });
  expect(of()).toEqual([]);
  expect(of(main, page)).toEqual([main, page]);
  expect(of(main, compose)).toBeNull();
  expect(of(`${main}.bak`)).toBeNull();
  const ofFolder = mountsThatChanged([path.join(dir, 'pages/new.html')], {
    copies: { [`${dir}/pages`]: '/copy' },
    read: [],
  });
  expect(ofFolder).toEqual([path.join(dir, 'pages')]);
  // A folder that is mounted may hold the compose file, too.
  expect(mountsThatChanged([compose], { copies: { [dir]: '/copy' }, read: [compose] })).toBeNull();
  symlinkSync('pages', path.join(dir, 'linked'));
  expect(mountsThatChanged([page], { copies: { [path.join(dir, 'linked')]: '/copy' }, read: [] })).toHaveLength(1);
});

test('copies are made anew in their place, and who has them mounted is named', () => {
  const { write, copies, anew } = keptCopy();
  const page = write('pages/a.html', 'b');
  expect(anew(page).services).toEqual(['nginx', 'web']);
  expect(readFileSync(copies[page] ?? '', 'utf8')).toBe('b');
  expect(anew(write('tuning.conf', 'y')).services).toEqual(['db']);
});

test("nginx keeps the run's log, or the edit is refused in one line", () => {
  const { write, copies, anew } = keptCopy();
  const main = write('nginx.conf', MAIN.replace('include', 'access_log off;\n include'));
  expect(anew(main).services).toEqual(['nginx']);
  expect(readFileSync(copies[main] ?? '', 'utf8')).not.toContain('access_log off');
  const before = readFileSync(copies[main] ?? '', 'utf8');
  write('nginx.conf', ALONE);
  expect(() => anew(main)).toThrow(/the main configuration of nginx reads other files now: verify the directory anew/);
  expect(readFileSync(copies[main] ?? '', 'utf8')).toBe(before);
});

test('where one cannot be copied, the copies are those that the containers know, and nothing is left beside them', () => {
  const { dir, write, copies, anew } = keptCopy();
  const main = write('nginx.conf', `${MAIN}# edited\n`);
  const page = path.join(dir, 'pages/a.html');
  rmSync(page);
  expect(() => anew(main, page)).toThrow(/a\.html is named in the compose file and does not exist/);
  expect(readFileSync(copies[main] ?? '', 'utf8')).toBe(MAIN);
  expect(readFileSync(copies[page] ?? '', 'utf8')).toBe('a');
  expect(readdirSync(path.dirname(copies[main] ?? '')).filter((name) => name.endsWith('.before'))).toEqual([]);
});

test('what was not there when the copy was made is not taken over: it may be no configuration', () => {
  const { dir, copies, sources } = keptCopy();
  const absent = path.join(dir, 'absent');
  expect(sources).toContain(absent);
  expect(mountsThatChanged([path.join(absent, 'new.conf')], { copies, read: [] })).toBeNull();
});

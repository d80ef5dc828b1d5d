import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { PLACEHOLDER_HEADER, withPlaceholders } from '../../../../fixtures/setup/images/placeholders.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

/** What runs for services that no stand-in is made for. */
const none = { images: {}, rendered: { nginx: {} } };
const stackOf = (services: Record<string, unknown>, more: Partial<typeof none> = {}) => {
  const model = modelOf(services);
  return { model, placed: withPlaceholders(model, rolesOf(model), { ...none, ...more }) };
};
const portsIn = (services: Record<string, unknown>, of: string, nginx: Record<string, string> = {}) =>
  stackOf(services, { rendered: { nginx } }).placed.model.services[of]?.placeholder?.ports;

describe('where a placeholder listens', () => {
  test.for<[string, Record<string, unknown>, Record<string, string>, number[]]>([
    ['a URL of a client', { x: {}, api: { environment: { MODEL_URL: 'http://x:11434/v1' } } }, {}, [11434]],
    ['a host and its port', { x: {}, api: { environment: { MAIL_HOST: 'x', MAIL_PORT: '2525' } } }, {}, [2525]],
    ['nginx', { x: {}, nginx: { image: 'nginx:1' } }, { nginx: 'proxy_pass http://x:4000;' }, [4000]],
    ['a published port', { x: { ports: [{ target: 8080, published: '80' }] } }, {}, [8080]],
    ['expose', { x: { expose: ['9000'] } }, {}, [9000]],
    ['its own health check', { x: { healthcheck: { test: ['CMD', 'curl', 'http://localhost:4000/'] } } }, {}, [4000]],
    ['its own command', { x: { command: ['serve', '--port', '7000'] } }, {}, [7000]],
    ['its own variable', { x: { environment: { PORT: '3100' } } }, {}, [3100]],
    ['a known store', { x: { image: 'qdrant/qdrant:v1.8.3' } }, {}, [6333]],
    ['nothing', { x: {} }, {}, []],
  ])('%s names the port', ([, services, nginx, ports]) => {
    const x = { image: 'example/unknown:1', ...(services['x'] as object) };
    expect(portsIn({ ...services, x }, 'x', nginx)).toEqual(ports);
  });
});

describe('what runs as one', () => {
  test('a service without a stand-in, told with what it is and how to have it run; the model read stays as it is', () => {
    const { model, placed } = stackOf({
      ollama: { image: 'ollama/ollama:0.9.1', expose: ['11434'] },
      db: { image: 'postgres:15' },
    });
    expect(model.services['ollama']?.placeholder).toBeUndefined();
    expect(placed.model.services['db']?.placeholder).toBeUndefined();
    expect(placed.notes).toEqual([
      'ollama has no stand-in (ollama/ollama:0.9.1): a placeholder listens on 11434; what needs its program is skipped. An image for it: services.ollama.image in verify.yaml',
    ]);
  });

  test('not what the policy gives an image for, nor what has a stand-in', () => {
    const services = { ollama: { image: 'ollama/ollama:0.9.1' }, db: { image: 'postgres:15' } };
    const { model, placed } = stackOf(services, { images: { ollama: 'ollama/ollama:0.9.1' } });
    expect(placed).toEqual({ model, notes: [] });
  });

  test('what cannot start without a database that is one', () => {
    const { placed } = stackOf({
      db_mysql: { image: 'mariadb:11' },
      api: { image: 'langgenius/dify-api:1.13.3', environment: { MODE: 'api', DB_HOST: 'db_mysql' } },
      web: { image: 'langgenius/dify-web:1.13.3' },
    });
    expect(placed.model.services['api']?.placeholder).toEqual({
      ports: [5001],
      why: 'cannot start without db_mysql, which is a placeholder',
    });
    expect(placed.model.services['web']?.placeholder).toBeUndefined();
  });

  test('its program, user, folder and health check are not those of the image', () => {
    const { placed } = stackOf({
      x: {
        image: 'example/unknown:1',
        expose: ['4000'],
        entrypoint: ['/start'],
        command: ['serve'],
        user: '1000',
        working_dir: '/app',
        environment: { NODE_OPTIONS: '--require /app/x.js' },
        healthcheck: {
          test: ['CMD', 'wget', '-q', 'http://localhost:4000/'],
          interval: '7s',
          timeout: '3s',
          retries: 4,
        },
      },
    });
    const raw = placed.model.raw.services['x'];
    expect(raw).not.toHaveProperty('command');
    expect(raw).not.toHaveProperty('user');
    expect(raw).not.toHaveProperty('working_dir');
    expect(raw?.healthcheck).toMatchObject({ interval: '7000ms', timeout: '3000ms', retries: 4 });
    expect(raw?.healthcheck?.test?.join(' ')).toContain('/dev/tcp/127.0.0.1/4000');
  });

  test('one that another service waits for gets a health check, where it has none', () => {
    const waits = { image: 'postgres:15', depends_on: { x: { condition: 'service_healthy' } } };
    expect(stackOf({ x: { image: 'example/x:1' }, db: waits }).placed.model.services['x']?.healthcheck?.test).toEqual([
      'CMD',
      '/bin/true',
    ]);
    expect(stackOf({ x: { image: 'example/x:1' } }).placed.model.services['x']?.healthcheck).toBeNull();
  });

  test('a one-shot ends at once, as done', () => {
    const waits = { image: 'postgres:15', depends_on: { seed: { condition: 'service_completed_successfully' } } };
    const { placed } = stackOf({ seed: { image: 'example/seed:1' }, db: waits });
    expect(placed.model.raw.services['seed']?.entrypoint).toEqual(['/bin/true']);
    expect(placed.notes[0]).toMatch(/^seed has no stand-in \(example\/seed:1\): it counts as done;/);
  });
});

test('the program accepts connections at its ports, answers HTTP, and ends when it is told to', async () => {
  const scratch = net.createServer().listen(0, '127.0.0.1');
  await once(scratch, 'listening');
  const { port } = scratch.address() as net.AddressInfo;
  scratch.close();
  const { placed } = stackOf({ x: { image: 'example/x:1', expose: [String(port)] } });
  const script = (placed.model.services['x']?.entrypoint ?? []).slice(4);
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe(`placeholder listens on ${port}\n`);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/models`);
    expect(answer.headers.get(PLACEHOLDER_HEADER)).toBe('1');
    expect([answer.status, await answer.text()]).toEqual([200, 'placeholder\n']);
  } finally {
    child.kill('SIGTERM');
  }
  expect(await once(child, 'exit')).toEqual([0, null]);
});

import { expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { judgeFiles } from '../../../fixtures/testing/judge-files.ts';

/** Needs an engine. A directory with services that no stand-in is made for ends in a verdict on all the rest. */
const COMPOSE = `services:
  db:
    image: postgres:15
    restart: always
    environment: { POSTGRES_PASSWORD: a-password-of-its-own-1 }
    healthcheck:
      { test: [CMD-SHELL, 'PGPASSWORD="$$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U postgres -qAtc "select 1"'], interval: 1s, timeout: 3s, retries: 30 }
    depends_on:
      seed: { condition: service_completed_successfully }
  ollama:
    image: ollama/ollama:0.9.1
    restart: always
    command: [serve]
    user: '1000'
    healthcheck: { test: [CMD, ollama, list], interval: 1s, timeout: 3s, retries: 30 }
    depends_on:
      db: { condition: service_healthy }
  chat:
    image: postgres:15
    restart: always
    environment: { POSTGRES_PASSWORD: a-password-of-its-own-2, MODEL_URL: 'http://ollama:11434/v1' }
    depends_on:
      ollama: { condition: service_healthy }
  seed:
    image: example/seed:1
    restart: 'no'
`;

test(
  'names, ports and order of a placeholder are judged, what needs its program is skipped',
  { timeout: 300_000 * slowness },
  async () => {
    const {
      stdout,
      summary: { checks, images },
    } = await judgeFiles({ 'docker-compose.yaml': COMPOSE }, ['--only', 'dns,health']);

    expect(stdout).toContain('ollama has no stand-in (ollama/ollama:0.9.1): a placeholder listens on 11434;');
    expect(stdout).toContain('placeholders, whose programs were not run at all: ollama, seed');
    expect(images.list.filter(({ placeholder }) => placeholder).map(({ service }) => service)).toEqual([
      'ollama',
      'seed',
    ]);
    const status = (id: string) => checks.find((check) => check.id === id)?.status;
    expect(status('dns/chat/resolves/ollama')).toBe('pass');
    expect(status('dns/chat/environment/MODEL_URL')).toBe('skip');
    expect(status('health/ollama/converges')).toBe('skip');
    expect(status('health/db/converges')).toBe('pass');
    expect(checks.filter((check) => check.status === 'error')).toEqual([]);
  },
);

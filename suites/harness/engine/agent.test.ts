import { expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { judgeFiles } from '../../../fixtures/testing/judge-files.ts';

/** Needs an engine. The agent's services of Dify 1.16 by themselves: they run, and are no placeholders. */
const COMPOSE = `services:
  redis:
    image: redis:8
    restart: always
    command: redis-server --requirepass a-password-of-its-own-1
    healthcheck:
      { test: [CMD-SHELL, 'redis-cli -a a-password-of-its-own-1 ping | grep -q PONG'], interval: 1s, timeout: 3s, retries: 30 }
  agent_backend:
    image: mirror.example/dify-agent-backend:1.16.1
    restart: always
    environment:
      DIFY_AGENT_REDIS_URL: redis://:a-password-of-its-own-1@redis:6379/2
      DIFY_AGENT_SHELLCTL_ENTRYPOINT: http://shells:5004
      DIFY_AGENT_SHELLCTL_AUTH_TOKEN: a-token-of-its-own-2
      DIFY_AGENT_STUB_API_BASE_URL: http://agent_backend:5050/agent-stub
      DIFY_AGENT_SERVER_SECRET_KEY: ${Buffer.alloc(32, 7).toString('base64url')}
      DIFY_AGENT_API_TOKEN: a-token-of-its-own-3
    depends_on:
      redis: { condition: service_healthy }
      shells: { condition: service_healthy }
    networks: [default, commands]
  shells:
    image: mirror.example/dify-agent-local-sandbox:1.16.1
    restart: always
    environment: { SHELLCTL_AUTH_TOKEN: a-token-of-its-own-2 }
    healthcheck:
      { test: [CMD, curl, -f, 'http://localhost:5004/healthz'], interval: 1s, timeout: 3s, retries: 30 }
    networks: [commands]
networks:
  commands: { internal: true }
`;

test(
  "the agent's server and its sandbox answer, each to its own token, and the sandbox reaches no store",
  { timeout: 300_000 * slowness },
  async () => {
    const {
      code,
      summary: { checks, images },
    } = await judgeFiles({ 'docker-compose.yaml': COMPOSE }, ['--only', 'dns,health,isolation']);

    expect(images.list.filter(({ placeholder }) => placeholder)).toEqual([]);
    const status = (id: string) => checks.find((check) => check.id === id)?.status;
    expect(status('dns/agent_backend/environment/DIFY_AGENT_SHELLCTL_ENTRYPOINT')).toBe('pass');
    expect(status('health/agent_backend/converges')).toBe('pass');
    expect(status('health/shells/truth/frozen')).toBe('pass');
    expect(status('isolation/agent_backend/allowed/shells:5004')).toBe('pass');
    expect(status('isolation/shells/denied/redis:6379')).toBe('pass');
    expect(status('isolation/shells/key/refused')).toBe('pass');
    expect(checks.filter((check) => check.level === 'must' && check.status !== 'pass').map(({ id }) => id)).toEqual([]);
    expect(code).toBe(0);
  },
);

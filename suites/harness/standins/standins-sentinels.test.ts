import net from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { brokerSettings, openRedis, redisAnswers, redisSettings } from '../../../compose/images/shared/src/redis.ts';

/** How Dify's variables are read where sentinels tell the Redis, and that its client asks them. */
const ON = { REDIS_USE_SENTINEL: 'true', REDIS_SENTINELS: 'one:26379,two:26380', REDIS_SENTINEL_SERVICE_NAME: 'm' };
const CELERY = { CELERY_USE_SENTINEL: 'true', CELERY_SENTINEL_MASTER_NAME: 'm', CELERY_SENTINEL_PASSWORD: 's' };

describe('what is read', () => {
  test('the way of api and plugin daemon', () => {
    const env = { ...ON, REDIS_PASSWORD: 'p', REDIS_DB: '3', REDIS_SENTINEL_PASSWORD: 's', REDIS_HOST: 'redis' };
    expect(redisSettings(env, 'always')).toEqual({
      at: {
        sentinels: [
          { host: 'one', port: 26379 },
          { host: 'two', port: 26380 },
        ],
        name: 'm',
        password: 's',
        withinMs: 10_000,
      },
      password: 'p',
      db: 3,
    });
  });

  test('the way of Celery: login and database are those of the first', () => {
    expect(brokerSettings('sentinel://:p%40@one:1/1;sentinel://:other@two/2', CELERY, 'always')).toMatchObject({
      at: {
        sentinels: [
          { host: 'one', port: 1 },
          { host: 'two', port: 26379 },
        ],
        name: 'm',
        password: 's',
      },
      password: 'p@',
      db: 1,
    });
  });

  test('Celery that is not told to ask has no name to ask for', () => {
    expect(brokerSettings('sentinel://one:1/1', {}, 'always')).toMatchObject({ at: { name: 'None' } });
  });

  test.for<[string, Record<string, string>, RegExp]>([
    ['no sentinel', { ...ON, REDIS_SENTINELS: '' }, /REDIS_SENTINELS must be set/],
    ['no name', { ...ON, REDIS_SENTINEL_SERVICE_NAME: '' }, /REDIS_SENTINEL_SERVICE_NAME must be set/],
    ['a sentinel without a port', { ...ON, REDIS_SENTINELS: 'one' }, /no port in "one"/],
  ])('%s is refused as by the real one', ([, env, said]) => {
    expect(() => redisSettings(env, 'always')).toThrow(said);
  });

  test('one list with commas is none for Celery', () => {
    expect(() => brokerSettings('sentinel://one:1,two:2/1', CELERY, 'always')).toThrow(/no list of sentinel URLs/);
  });
});

describe('who is asked', () => {
  const ends: (() => unknown)[] = [];
  afterAll(() => Promise.all(ends.map((end) => end())));
  const asked: string[] = [];

  /** A server of Redis' protocol: it answers each command by its first words. */
  async function server(answers: Record<string, string>): Promise<number> {
    const listening = net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (data) => {
        for (const command of data.toString().split(/(?=\*\d+\r\n)/)) {
          const words = command.split('\r\n').filter((word) => !/^[*$]\d+$/.test(word));
          const line = words.join(' ').trim();
          asked.push(line);
          const found = Object.entries(answers).find(([begin]) => line.toLowerCase().startsWith(begin));
          socket.write(found?.[1] ?? '-ERR unknown command\r\n');
        }
      });
    });
    await new Promise<void>((resolve) => {
      listening.listen(0, '127.0.0.1', resolve);
    });
    ends.push(() => listening.close());
    return (listening.address() as net.AddressInfo).port;
  }
  const settingsFor = (port: number, name: string) =>
    redisSettings({ ...ON, REDIS_SENTINELS: `127.0.0.1:${port}`, REDIS_SENTINEL_SERVICE_NAME: name }, 'always');

  test('a name that no sentinel watches is no Redis, and the words say which', async () => {
    const port = await server({ 'sentinel get-master': '*-1\r\n', info: '$0\r\n\r\n', hello: '-NOPROTO\r\n' });
    const redis = openRedis(settingsFor(port, 'mymaster'), 'redis');
    ends.push(() => redis.disconnect());
    await expect(redisAnswers(redis, 2_000)).rejects.toThrow(/All sentinels are unreachable/);
    expect(asked.join('\n')).toMatch(/get-master-addr-by-name mymaster/i);
  });

  test('a sentinel that wants a password is told as such at once', async () => {
    const port = await server({ 'sentinel get-master': '-NOAUTH Authentication required.\r\n', hello: '-NOPROTO\r\n' });
    const redis = openRedis(settingsFor(port, 'm'), 'redis');
    ends.push(() => redis.disconnect());
    await expect(redisAnswers(redis, 10_000)).rejects.toThrow(/NOAUTH/);
  });
});

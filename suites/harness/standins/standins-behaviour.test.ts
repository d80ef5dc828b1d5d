import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openEnvelope, readTask, taskMessage } from '../../../compose/images/dify-api/src/celery/message.ts';
import { issueToken, verifyToken } from '../../../compose/images/dify-api/src/passport.ts';
import { hashPassword, passwordMatches } from '../../../compose/images/dify-api/src/passwords.ts';
import { sandboxApp } from '../../../compose/images/sandbox/src/app.ts';
import { readConfiguration } from '../../../compose/images/sandbox/src/configuration.ts';
import { requestFor, type HttpHandler } from '../../../compose/images/shared/src/http-message.ts';
import { serve } from '../../../compose/images/shared/src/http-server.ts';
import { pythonJson } from '../../../compose/images/shared/src/python-json.ts';

/** Something to wait for, and how to let it happen. */
function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

describe('the HTTP server of the stand-ins', () => {
  const listen = (handler: HttpHandler) => serve(handler, { host: '127.0.0.1', port: 0 });

  test('a request under way ends before a stop does, and no new one is taken', async () => {
    const started = signal();
    const stopping = signal();
    const server = await listen(async () => {
      started.resolve();
      await stopping.promise;
      return { status: 200, headers: {}, body: 'done' };
    });
    const underWay = fetch(`http://127.0.0.1:${server.port}/`);
    await started.promise;
    const stopped = server.stop(5000);
    // Only now may the request end: it is certainly under way while the server stops.
    stopping.resolve();
    const answer = await underWay;
    expect([answer.status, await answer.text(), answer.headers.get('connection')]).toEqual([200, 'done', 'close']);
    await stopped;
    await expect(fetch(`http://127.0.0.1:${server.port}/`)).rejects.toThrow('fetch failed');
  });

  test('a body of 10 MB is read to its end before the answer', async () => {
    const server = await listen((request) => ({ status: 401, headers: {}, body: String(request.body.length) }));
    const answer = await fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST', body: Buffer.alloc(10_000_000) });
    expect([answer.status, await answer.text()]).toEqual([401, '10000000']);
    await server.stop(1000);
  });

  test('chunks of a stream arrive one by one', async () => {
    const next = signal();
    const server = await listen(() => ({
      status: 200,
      headers: { 'Content-Type': 'text/event-stream; charset=utf-8' },
      body: (async function* () {
        yield 'data: 1\n\n';
        await next.promise;
        yield 'data: 2\n\n';
      })(),
    }));
    const answer = await fetch(`http://127.0.0.1:${server.port}/`);
    const reader = answer.body?.getReader();
    const decoder = new TextDecoder();
    // The second chunk is let go only when the first has arrived: a buffered stream would hang here.
    expect(decoder.decode((await reader?.read())?.value)).toBe('data: 1\n\n');
    next.resolve();
    expect(decoder.decode((await reader?.read())?.value)).toBe('data: 2\n\n');
    await server.stop(1000);
  });
});

describe('the sandbox', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-test-'));
  const file = path.join(folder, 'config.yaml');
  writeFileSync(file, 'app:\n  port: 8194\n  key: from-the-file\nworker_timeout: 5\nenable_network: true\n');
  const environment = { API_KEY: 'right', NODEJS_PATH: process.execPath, WORKER_TIMEOUT: '1' };
  const app = sandboxApp(readConfiguration(file, { ...environment, HTTP_PROXY: 'http://ssrf_proxy:3128' }));
  const run = async (code: string, key: string | undefined = 'right', language = 'nodejs') => {
    const body = JSON.stringify({ language, code, enable_network: true });
    const answer = await app(requestFor('POST', '/v1/sandbox/run', key ? { 'x-api-key': key } : {}, body));
    return { status: answer.status, body: answer.body };
  };

  test('health is "ok" for anybody', async () => {
    expect(await app(requestFor('GET', '/health'))).toMatchObject({ status: 200, body: '"ok"' });
  });

  test('without the key, or with a wrong one, it answers 401 with an empty body', async () => {
    expect(await run('1', '')).toEqual({ status: 401, body: '' });
    expect(await run('1', 'wrong')).toEqual({ status: 401, body: '' });
    expect(await run('1', 'from-the-file')).toEqual({ status: 401, body: '' });
  });

  test('it runs code with nothing in its environment but the proxy', async () => {
    expect(await run('console.log(6 * 7, JSON.stringify(process.env))')).toEqual({
      status: 200,
      body: JSON.stringify({
        code: 0,
        message: 'success',
        data: { error: '', stdout: '42 {"HTTP_PROXY":"http://ssrf_proxy:3128"}\n' },
      }),
    });
  });

  test('it ends code at the time limit', async () => {
    const { body } = await run('setInterval(() => undefined, 1000)');
    expect(body).toContain('"error":"error: timeout\\n"');
  });

  test('it stops without its configuration file, by the words of the real one', () => {
    expect(() => readConfiguration(path.join(folder, 'none.yaml'), {})).toThrow(
      'failed to init config: open conf/config.yaml: no such file or directory',
    );
  });
});

describe('forms of Dify that the stand-ins keep', () => {
  test('JSON has the spacing and the escapes of json.dumps', () => {
    expect(pythonJson({ a: [1, 2.5, null, true], b: 'é😀"\u007f', c: {} })).toBe(
      '{"a": [1, 2.5, null, true], "b": "\\u00e9\\ud83d\\ude00\\"\\u007f", "c": {}}',
    );
  });

  test('a password is kept as base64 of the hex PBKDF2-SHA256 digest', async () => {
    const kept = await hashPassword('Verify123456', Buffer.alloc(16, 1));
    expect(Buffer.from(kept.password, 'base64').toString()).toMatch(/^[0-9a-f]{64}$/);
    expect(await passwordMatches('Verify123456', kept)).toBe(true);
    expect(await passwordMatches('Verify123457', kept)).toBe(false);
  });

  test('a token of another key, a changed one and an expired one are refused', () => {
    const token = issueToken({ user_id: 'x', exp: 100 }, 'key');
    expect(verifyToken(token, 'key', 99_000)).toEqual({ user_id: 'x', exp: 100 });
    expect(() => verifyToken(token, 'other', 99_000)).toThrow('Invalid token signature.');
    expect(() => verifyToken(token, 'key', 100_000)).toThrow('Token has expired.');
    expect(() => verifyToken('nonsense', 'key')).toThrow('Invalid token.');
  });

  test('a task goes through the broker as protocol 2', () => {
    const { id, message } = taskMessage('tasks.x', 'mail', [1], { to: 'a' }, false);
    expect(JSON.parse(message)).toMatchObject({
      'content-type': 'application/json',
      properties: { body_encoding: 'base64', delivery_info: { exchange: '', routing_key: 'mail' } },
    });
    expect(readTask(openEnvelope(message))).toEqual({
      id,
      name: 'tasks.x',
      args: [1],
      kwargs: { to: 'a' },
      ignoreResult: false,
    });
  });
});

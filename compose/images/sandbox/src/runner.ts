import { spawn } from 'node:child_process';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SandboxConfiguration } from './configuration.ts';

const keptOutputBytes = 4 * 1024 * 1024;

export type Language = 'python3' | 'nodejs';

export interface RunResult {
  error: string;
  stdout: string;
}

/** Without a network the real sandbox's filter refuses the system calls; here Python's own audit hook does. */
const withoutNetwork = `import sys as _s
def _h(e, a):
    if e.startswith('socket.'):
        raise PermissionError(1, 'Operation not permitted')
_s.addaudithook(_h)
del _s
`;

/**
 * Runs code as the real sandbox does: in a process of its own, as another user when one is given, with nothing in the
 * environment but the proxies, killed at the time limit.
 */
export async function runCode(
  language: Language,
  code: string,
  enableNetwork: boolean,
  configuration: SandboxConfiguration,
  user: number | undefined,
): Promise<RunResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sandbox-'));
  try {
    await chmod(folder, 0o755);
    return await execute(language, code, enableNetwork, configuration, folder, user);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function execute(
  language: Language,
  code: string,
  enableNetwork: boolean,
  configuration: SandboxConfiguration,
  folder: string,
  user: number | undefined,
): Promise<RunResult> {
  const python = language === 'python3';
  const child = spawn(
    python ? configuration.pythonPath : configuration.nodejsPath,
    python ? ['-I', '-B', '-'] : ['-'],
    {
      cwd: folder,
      env: proxyEnvironment(configuration),
      // A group of its own, so that the limit also ends what the code itself started.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    },
  );
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin.on('error', () => undefined);
  child.stdin.end(python && !enableNetwork ? withoutNetwork + code : code);
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      killGroup(child.pid);
    }, configuration.workerTimeoutMs);
    child.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.once('exit', () => killGroup(child.pid));
    child.once('close', (exitCode, signal) => {
      clearTimeout(limit);
      const ended =
        exitCode === null ? `signal: ${signal === 'SIGKILL' ? 'killed' : signal}` : `exit status ${exitCode}`;
      const failure = timedOut ? 'error: timeout\n' : exitCode === 0 ? '' : `error: ${ended}\n`;
      resolve({ error: stderr() + failure, stdout: stdout() });
    });
  });
}

function proxyEnvironment(configuration: SandboxConfiguration): NodeJS.ProcessEnv {
  const { socks5, http, https } = configuration.proxy;
  if (socks5) return { HTTPS_PROXY: socks5, HTTP_PROXY: socks5 };
  return { ...(https ? { HTTPS_PROXY: https } : {}), ...(http ? { HTTP_PROXY: http } : {}) };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let kept = 0;
  stream.on('data', (chunk: Buffer) => {
    if (kept + chunk.length > keptOutputBytes) return;
    kept += chunk.length;
    chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../../shared/src/environment.ts';
import { tailOf, windowFrom, type OutputWindow } from './output.ts';

/** What a job is told by: a code for programs and a sentence for people. */
export class JobError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface RunRequest {
  script: string;
  cwd: string;
  env: Readonly<Record<string, string>>;
}

/** How long an answer waits for output, and how much of it it takes. */
export interface Wait {
  offset: number;
  timeoutSeconds: number;
  outputLimit: number;
  idleFlushSeconds: number;
}

type Status = 'running' | 'exited' | 'failed' | 'terminated';

interface Job {
  id: string;
  folder: string;
  child: ChildProcess;
  status: Status;
  exitCode: number | null;
  createdAt: string;
  endedAt: string | null;
}

const POLL_MS = 50;
/** A job that ended is forgotten after so long (shellctl of 1.16.1). */
const KEPT_MS = 300_000;
/** Of the server's own: no script sees them (shellctl-runner of 1.16.1). */
const OWN_VARIABLES = /^(TMUX|SHELLCTL_(STATE_DIR|RUNTIME_DIR|TMUX_SOCKET|RUNNER|AUTH_TOKEN))$/;

/**
 * Scripts that run or ran, each in a group of its own, its output in a file. The real server gives each a terminal and keeps them
 * in SQLite: here a restart forgets them, and there is no terminal to write to.
 */
export class Jobs {
  readonly #folder: string;
  readonly #env: Environment;
  readonly #jobs = new Map<string, Job>();

  constructor(folder: string, env: Environment) {
    this.#folder = path.join(folder, 'jobs');
    this.#env = env;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** Starts a script. Throws a JobError for a folder that is none. */
  start({ script, cwd, env }: RunRequest): string {
    this.#forgetOld();
    if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
      throw new JobError(400, 'invalid_cwd', `cwd is not a directory: ${cwd}`);
    }
    const id = randomBytes(8).toString('hex');
    const folder = path.join(this.#folder, id);
    const [file, temporary] = [path.join(folder, 'script'), path.join(cwd, '.tmp')];
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(file, script, { mode: 0o600 });
    const inherited = Object.entries(this.#env).filter(([name]) => !OWN_VARIABLES.test(name));
    const environment = { ...Object.fromEntries(inherited), ...env };
    for (const made of [environment['HOME'] ?? '', temporary]) if (made !== '') mkdirSync(made, { recursive: true });
    for (const name of ['TMPDIR', 'TMP', 'TEMP']) environment[name] ??= temporary;
    const direct = script.startsWith('#!');
    if (direct) chmodSync(file, 0o755);
    const output = openSync(path.join(folder, 'output.log'), 'a', 0o600);
    const child = spawn(direct ? file : 'sh', direct ? [] : [file], {
      cwd,
      env: environment,
      detached: true,
      // A script that reads waits, as at a terminal where nobody types.
      stdio: ['pipe', output, output],
    });
    closeSync(output);
    const job: Job = { id, folder, child, status: 'running', exitCode: null, createdAt: now(), endedAt: null };
    this.#jobs.set(id, job);
    child.stdin?.on('error', () => undefined);
    child.once('error', () => this.#end(job, 'failed', null));
    child.once('exit', (code) => {
      signalGroup(child, 'SIGHUP');
      // A program that a signal ended has no code of its own: -1, as Go says it.
      this.#end(job, 'exited', code ?? -1);
    });
    return id;
  }

  /** What a job wrote since `offset`: when it is done, when the limit is reached, when nothing more comes, or when time is up. */
  async wait(id: string, { offset, timeoutSeconds, outputLimit, idleFlushSeconds }: Wait) {
    const job = this.#job(id);
    const untilMs = performance.now() + timeoutSeconds * 1000;
    let [size, grownMs] = [-1, 0];
    for (;;) {
      const all = this.#output(job);
      if (offset > all.length) {
        throw new JobError(400, 'invalid_offset', `offset ${offset} exceeds current file size ${all.length}`);
      }
      if (all.length > size) [size, grownMs] = [all.length, performance.now()];
      const seen = windowFrom(all, offset, outputLimit);
      const idle = all.length > offset && performance.now() - grownMs >= idleFlushSeconds * 1000;
      if (job.endedAt !== null || seen.truncated || idle || performance.now() >= untilMs)
        return this.#result(job, seen);
      await pause(POLL_MS);
    }
  }

  tail(id: string, limit: number) {
    const job = this.#job(id);
    return this.#result(job, tailOf(this.#output(job), limit));
  }

  status(id: string) {
    const job = this.#job(id);
    const { status, exitCode, createdAt, endedAt } = job;
    const done = endedAt !== null;
    const times = { created_at: createdAt, started_at: createdAt, ended_at: endedAt };
    return { job_id: id, status, done, exit_code: exitCode, ...times, offset: this.#output(job).length };
  }

  list(status: string | null, limit: number) {
    this.#forgetOld();
    const jobs = [...this.#jobs.values()].filter((job) => status === null || job.status === status).toReversed();
    return {
      jobs: jobs.slice(0, limit).map((job) => ({
        job_id: job.id,
        status: job.status,
        created_at: job.createdAt,
        started_at: job.createdAt,
        ...(job.endedAt === null ? {} : { ended_at: job.endedAt }),
      })),
    };
  }

  async terminate(id: string, graceSeconds: number) {
    const job = this.#job(id);
    if (job.endedAt === null) {
      job.status = 'terminated';
      signalGroup(job.child, 'SIGINT');
      await pause(graceSeconds * 1000);
      signalGroup(job.child, 'SIGKILL');
      this.#end(job, 'terminated', job.exitCode);
    }
    return this.status(id);
  }

  async delete(id: string, force: boolean, graceSeconds: number) {
    if (this.#job(id).endedAt === null) {
      if (!force) throw new JobError(409, 'job_running', `Job ${id} is still running`);
      await this.terminate(id, graceSeconds);
    }
    this.#forget(id);
    return { job_id: id, deleted: true };
  }

  /** Ends what still runs. */
  stop(): void {
    for (const { child, endedAt } of this.#jobs.values()) if (endedAt === null) signalGroup(child, 'SIGKILL');
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (!job) throw new JobError(404, 'job_not_found', 'Unknown job id');
    return job;
  }

  #end(job: Job, status: Status, exitCode: number | null): void {
    job.exitCode ??= exitCode;
    if (job.endedAt !== null) return;
    job.endedAt = now();
    if (job.status === 'running') job.status = status;
  }

  #output({ folder }: Job): Buffer {
    return readFileSync(path.join(folder, 'output.log'));
  }

  #result(job: Job, { output, offset, truncated }: OutputWindow) {
    const [done, path_] = [job.endedAt !== null, path.join(job.folder, 'output.log')];
    const { id, status, exitCode } = job;
    return { job_id: id, done, status, exit_code: exitCode, output_path: path_, output, offset, truncated };
  }

  #forget(id: string): void {
    rmSync(path.join(this.#folder, id), { recursive: true, force: true });
    this.#jobs.delete(id);
  }

  #forgetOld(): void {
    for (const { id, endedAt } of this.#jobs.values()) {
      if (endedAt !== null && Date.now() - Date.parse(endedAt) > KEPT_MS) this.#forget(id);
    }
  }
}

const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

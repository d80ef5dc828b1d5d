import { inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { slowness } from '../fixtures/engine/eventually.ts';
import { skip } from '../fixtures/checks/verdict.ts';
import {
  dumpSeen,
  dumpVerdict,
  psqlSeen,
  psqlVerdict,
  tarSeen,
  tarVerdict,
} from '../fixtures/checks/guide/database.ts';
import { execSeen, execVerdict } from '../fixtures/checks/guide/exec.ts';
import { insideSeen, insideVerdict } from '../fixtures/checks/guide/inside.ts';
import { GuideListed, membersOf } from '../fixtures/checks/guide/listed.ts';
import { logsVerdict, networkVerdict, statsVerdict, stateVerdict } from '../fixtures/checks/guide/listed-verdicts.ts';
import { outsideSeen, outsideVerdict } from '../fixtures/checks/guide/outside.ts';
import { restartSeen, returnMs } from '../fixtures/checks/guide/restart.ts';
import { restartVerdict } from '../fixtures/checks/guide/restart-verdict.ts';
import { scriptsIn, scriptsVerdict } from '../fixtures/checks/guide/scripts.ts';

/**
 * Each command of the operators' guide, on the running stack. Where the guide's own form cannot work (a tool that the
 * image does not have, a route that nginx does not serve), the message of the check tells the form that does.
 */
const { contract, serving, convergence } = inject('run');
const { guide } = contract;
const listed = new GuideListed(guide);
const longestMs = Math.max(0, ...guide.restarts.map((check) => returnMs({ serving, convergence }, check)));
/** For the stop and the start, the return of the service and that of the site, and what the client takes. */
const LIMIT_MS = 60_000 + 3 * slowness * longestMs;

// How is it? docker compose ps, logs, stats, network inspect.
checks(guide.states, async (it, { stack, signal }) => stateVerdict(it, await listed.states(stack, signal)), {
  limitMs: LIMIT_MS,
});
checks(guide.logs, async (it, { stack }) => logsVerdict(it, await listed.logs(stack)));
checks(guide.stats, async (it, { stack }) => statsVerdict(it, await listed.stats(stack)));
checks(guide.networks, async (it, { stack }) =>
  networkVerdict(it, { members: await membersOf(stack, it.network), containers: await stack.containers() }),
);

// From outside: curl -I. From inside: pg_isready, redis-cli, ping, curl.
checks(guide.outside, async (it, { stack }) => outsideVerdict(it, await outsideSeen(stack, it)));
checks(guide.inside, async (it, { stack }) => insideVerdict(it, await insideSeen(stack, it)));
checks(guide.exec, async (it, { stack }) => execVerdict(it, await execSeen(stack, it)), {
  programOf: ({ service }) => service,
});
checks(guide.scripts, (it) => scriptsVerdict(it, scriptsIn(it.dir)));

// The database: psql, pg_dump, the tar of its volume.
checks(guide.psql, async (it, { stack }) => psqlVerdict(it, await psqlSeen(stack, it)));
checks(guide.dumps, async (it, { stack }) => dumpVerdict(it, await dumpSeen(stack, it)));
checks(guide.volumes, async (it, { stack }) => tarVerdict(it, await tarSeen(stack, it)));
checks(guide.left, ({ reason }) => skip(reason));

// And the cure for everything, one service at a time.
checks(guide.restarts, async (it, { stack, signal }) => restartVerdict(it, await restartSeen(stack, it, signal)), {
  sideBySide: false,
  limitMs: LIMIT_MS,
});

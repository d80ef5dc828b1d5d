import { describe, inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { directSeen } from '../fixtures/checks/routes/direct-observe.ts';
import { directVerdict } from '../fixtures/checks/routes/direct-verdict.ts';
import { throughSeen } from '../fixtures/checks/routes/through-observe.ts';
import { throughVerdict } from '../fixtures/checks/routes/through-verdict.ts';
import { configurationVerdict, ownerVerdict, redirectVerdict } from '../fixtures/checks/routes/live-verdicts.ts';
import { liveRoutes, mirrorRoutes } from '../fixtures/checks/routes/observe.ts';
import {
  atMirror,
  bodyVerdict,
  headersVerdict,
  hookVerdict,
  streamVerdict,
  targetVerdict,
  upgradeVerdict,
} from '../fixtures/checks/routes/mirror-verdicts.ts';
import { limitVerdict, portVerdict, schemeVerdict, uploadVerdict } from '../fixtures/checks/routes/wide-verdicts.ts';

const { routes } = inject('run').contract;

describe('the running configuration is known', () => {
  checks(routes.configuration, configurationVerdict);
});

describe('without nginx each service answers itself', () => {
  checks(routes.direct, async (owed, { stack }) => directVerdict(owed, await directSeen(stack, owed)));
});

describe('a gateway of another kind passes on what is its owner’s', () => {
  checks(routes.through, async (owed, { stack }) => throughVerdict(owed, await throughSeen(stack, owed)));
});

describe('every location and every public path is answered by its owner', () => {
  checks(routes.owners, async (owed, { stack }) => ownerVerdict(owed, await liveRoutes(stack)));
  checks(routes.redirects, async (owed, { stack }) => redirectVerdict(owed, await liveRoutes(stack)));
});

describe('what a client sends arrives as it was sent', () => {
  checks(routes.targets, async (owed, { stack }) =>
    atMirror(owed, await mirrorRoutes(stack), (seen) => targetVerdict(owed.location, seen)),
  );
  checks(routes.bodies, async (owed, { stack }) =>
    atMirror(owed, await mirrorRoutes(stack), (seen) => bodyVerdict(owed.location, seen)),
  );
  checks(routes.headers, async (owed, { stack }) =>
    atMirror(owed, await mirrorRoutes(stack), (seen) => headersVerdict(owed.location, seen)),
  );
  checks(routes.hooks, async (owed, { stack }) =>
    atMirror(owed, await mirrorRoutes(stack), (seen) => hookVerdict(owed.location, seen)),
  );
  checks(routes.ports, async (owed, { stack }) => portVerdict(owed, await mirrorRoutes(stack)));
  checks(routes.schemes, async (owed, { stack }) => schemeVerdict(owed, await mirrorRoutes(stack)));
});

describe('streams and sockets pass', () => {
  checks(routes.streams, async (owed, { stack }) =>
    atMirror(owed, await mirrorRoutes(stack), (seen) => streamVerdict(owed.location, seen)),
  );
  checks(routes.upgrades, async (owed, { stack }) =>
    atMirror(owed, await mirrorRoutes(stack), (seen) => upgradeVerdict(owed.location, seen)),
  );
});

describe('bodies are limited where it is said', () => {
  checks(routes.limits, async (owed, { stack }) =>
    limitVerdict(owed, ...(await Promise.all([liveRoutes(stack), mirrorRoutes(stack)]))),
  );
  checks(routes.uploads, uploadVerdict);
});

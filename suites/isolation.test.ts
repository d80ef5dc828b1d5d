import { afterAll, inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { skip } from '../fixtures/checks/verdict.ts';
import { releaseCanaries } from '../fixtures/checks/isolation/canary.ts';
import {
  codeDeniedVerdict,
  codeOutsideVerdict,
  codePassesVerdict,
  codeRefusedVerdict,
} from '../fixtures/checks/isolation/code-verdicts.ts';
import { codeDeniedSeen, codeOutsideSeen, codePassesSeen, codeRefusedSeen } from '../fixtures/checks/isolation/code.ts';
import { keySeen, keyVerdict } from '../fixtures/checks/isolation/keys.ts';
import {
  allowedSeen,
  defaultRoutesOf,
  deniedSeen,
  gatewaySeen,
  outsideOnHostSeen,
  outsideSeen,
} from '../fixtures/checks/isolation/matrix.ts';
import { networksOf } from '../fixtures/checks/isolation/networks.ts';
import { connectVerdict, passesVerdict, refusesVerdict } from '../fixtures/checks/isolation/proxy-verdicts.ts';
import { connectSeen, passesSeen, refusesSeen } from '../fixtures/checks/isolation/proxy.ts';
import {
  allowedVerdict,
  apartVerdict,
  deniedVerdict,
  gatewayVerdict,
  internalVerdict,
  noDefaultRouteVerdict,
  outsideByAddressVerdict,
  outsideByNameVerdict,
  outsideOnHostVerdict,
  publishedVerdict,
} from '../fixtures/checks/isolation/verdicts.ts';

/**
 * User code stays inside: it opens nothing but the proxy, and the proxy opens nothing inside. Everything that must not
 * be reached was reached, in the same run, from where it is allowed.
 */
const { attached, contract } = inject('run');
const { isolation } = contract;

afterAll(releaseCanaries);

// What is published, who shares a network with whom: by the model and by the engine.
checks(isolation.published, (it) => publishedVerdict(it));
checks(isolation.apart, async (it, { stack }) =>
  apartVerdict(it, { store: await networksOf(stack, it.store), sandbox: await networksOf(stack, it.sandbox) }),
);
checks(isolation.internal, async (it, { stack }) => internalVerdict(it, await networksOf(stack, it.service)));

// Who is confined does not get out.
checks(isolation.noDefaultRoute, async (it, { stack }) =>
  noDefaultRouteVerdict(it, {
    service: await defaultRoutesOf(stack, it.service),
    control: await defaultRoutesOf(stack, it.control.service),
  }),
);
checks(isolation.outsideByName, async (it, { stack }) => outsideByNameVerdict(it, await outsideSeen(stack, it)));
checks(isolation.outsideByAddress, async (it, { stack }) =>
  attached
    ? outsideOnHostVerdict(it, await outsideOnHostSeen(stack, it))
    : outsideByAddressVerdict(it, await outsideSeen(stack, it)),
);
checks(isolation.gateway, async (it, { stack }) => gatewayVerdict(it, await gatewaySeen(stack, it)));

// Service by service, port by port.
checks(isolation.allowed, async (it, { stack }) => allowedVerdict(it, await allowedSeen(stack, it)));
checks(isolation.left, ({ reason }) => skip(reason));
checks(isolation.denied, async (it, { stack }) => deniedVerdict(it, await deniedSeen(stack, it)));

// The proxy lets the outside through and nothing inside.
const { proxy } = isolation;
checks(proxy.passes, async (it, { stack }) => passesVerdict(it, await passesSeen(stack, it)));
checks(proxy.refuses, async (it, { stack }) => refusesVerdict(it, await refusesSeen(stack, it)));
checks(proxy.connect, async (it, { stack }) => connectVerdict(it, await connectSeen(stack, it)));

// Code that is run in the sandbox can do no more than that.
checks(proxy.codePasses, async (it, { stack }) => {
  const { seen, mark } = await codePassesSeen(stack, it);
  return codePassesVerdict(it, seen, mark);
});
checks(proxy.codeOutside, async (it, { stack }) => codeOutsideVerdict(it, await codeOutsideSeen(stack, it)));
checks(proxy.codeDenied, async (it, { stack }) => codeDeniedVerdict(it, await codeDeniedSeen(stack, it)));
checks(proxy.codeRefused, async (it, { stack }) => codeRefusedVerdict(it, await codeRefusedSeen(stack, it)));

// A store answers to its key, and to nothing else.
checks(isolation.keys, async (it, { stack }) => keyVerdict(it, await keySeen(stack, it)));

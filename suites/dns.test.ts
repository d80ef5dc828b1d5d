import { inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { slowness } from '../fixtures/engine/eventually.ts';
import { endpointVerdict, hostsVerdict, recreatedVerdict } from '../fixtures/checks/dns/endpoint-verdict.ts';
import { recreateElsewhere } from '../fixtures/checks/dns/recreate.ts';
import { namesObservedBy } from '../fixtures/checks/dns/observation.ts';
import { patienceMs } from '../fixtures/stack/serving/wait.ts';
import {
  hiddenVerdict,
  ipv6Verdict,
  resolvesVerdict,
  resolverVerdict,
  searchDomainsVerdict,
  unknownVerdict,
} from '../fixtures/checks/dns/verdicts.ts';

/**
 * The services find each other by name, and only those that may. From api first, then from every other service: the
 * answers are compared with the addresses that the containers have, not with "it resolves".
 */
const { contract, serving, convergence } = inject('run');
const { dns } = contract;

// A service that shares a network is found by its name, its aliases and the names of its containers, at all its replicas.
checks(dns.resolves, async (it, { stack }) => resolvesVerdict(it, await namesObservedBy(stack, it.from)));

// A service that shares no network is not found under any name.
checks(dns.hidden, async (it, { stack }) => hiddenVerdict(it, await namesObservedBy(stack, it.from)));

// Every host in the environment that a service relies on takes a connection from the container that has the variable.
checks(dns.environment, async (it, { stack }) => endpointVerdict(it, await namesObservedBy(stack, it.from)));

// Nobody else answers: no wildcard, no hosts file, no foreign resolver, no question that is left without an answer.
checks(dns.unknown, async ({ from }, { stack }) => unknownVerdict(from, await namesObservedBy(stack, from)));
checks(dns.hosts, async (it, { stack }) => hostsVerdict(it, await namesObservedBy(stack, it.from)));
checks(dns.resolver, async ({ from }, { stack }) => resolverVerdict(from, await namesObservedBy(stack, from)));
checks(dns.ipv6, async ({ from }, { stack }) => ipv6Verdict(from, await namesObservedBy(stack, from)));
checks(dns.searchDomains, async (_, { stack }) =>
  searchDomainsVerdict(await Promise.all(dns.from.map((from) => namesObservedBy(stack, from)))),
);

/** For everything else of the check. */
const LIMIT_MS = 120_000;

// A service that was recreated at another address is found there.
checks(
  dns.recreated,
  async (it, { stack, signal }) => recreatedVerdict(it, await recreateElsewhere(stack, it, signal)),
  {
    sideBySide: false,
    // Before, and after: it is left serving.
    limitMs:
      LIMIT_MS +
      2 * slowness * Math.max(0, ...dns.recreated.map(({ service }) => patienceMs({ serving, convergence }, service))),
  },
);

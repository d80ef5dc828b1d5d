import { inject } from 'vitest';
import { checks } from '../fixtures/check/checks.ts';
import { configInputs, judgeConfig } from '../fixtures/config/judge.ts';

const { read, contract } = inject('run');
const inputs = configInputs(read);

// What the directory says before anything runs: secrets, hosts, ports, networks, health checks, nginx, Squid, mounts.
checks(contract.config.checks, (obligation) => judgeConfig(obligation, inputs));

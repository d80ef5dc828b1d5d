import { inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { configInputs, judgeConfig } from '../fixtures/checks/config/judge.ts';

const { read, contract } = inject('run');
const inputs = configInputs(read);

// What the directory says before anything runs: secrets, hosts, ports, networks, health checks, nginx, Squid, mounts.
checks(contract.config.checks, (obligation) => judgeConfig(obligation, inputs));

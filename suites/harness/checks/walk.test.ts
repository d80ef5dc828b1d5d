import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { drillRows } from './walk/backup.ts';
import { agreementRows } from './walk/config-agreement.ts';
import { capacityRows } from './walk/config-capacity.ts';
import { handoverRows } from './walk/config-handover.ts';
import { configRows } from './walk/config.ts';
import { browserRows } from './walk/browser.ts';
import { datapathRows } from './walk/datapath.ts';
import { dnsRows } from './walk/dns.ts';
import { driftRows } from './walk/drift.ts';
import { guideRows } from './walk/guide.ts';
import { healthRows } from './walk/health.ts';
import { reachRows } from './walk/isolation.ts';
import { routesRows } from './walk/routes.ts';
import { tlsRows } from './walk/tls.ts';
import type { Rows } from './walk/row.ts';
import { trafficRows } from './walk/traffic.ts';

/**
 * A pass has looked: no verdict function passes on an observation from which nothing can follow. The functions are found
 * in the sources, so that a new one without a row fails here.
 */
const FIXTURES = path.join(projectRoot, 'fixtures/checks');
/** Every suite's folder, and those in it. */
const WALKED = readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => path.relative(FIXTURES, path.join(entry.parentPath, entry.name)));
const rows: Rows = {
  ...reachRows,
  ...healthRows,
  ...datapathRows,
  ...trafficRows,
  ...drillRows,
  ...configRows,
  ...agreementRows,
  ...capacityRows,
  ...handoverRows,
  ...dnsRows,
  ...driftRows,
  ...guideRows,
  ...routesRows,
  ...browserRows,
  ...tlsRows,
};

/** What is exported and returns a verdict, but judges no observation. */
const NO_JUDGES: Record<string, string> = {
  'isolation/verdicts.ts#publishedVerdict': 'the model is all that it reads: no port in it is what it is to prove',
  'config/judge.ts#judgeConfig': 'it hands on to the judge of the subject',
  'health/truth-verdicts.ts#ofOtherProgram': 'it takes back what is blocked by advice, and hands on the rest',
  'failover/advice.ts#advise': 'it adds words to a verdict that is there',
};

/** `file#function` of every exported function that returns a verdict, as prettier writes them. */
function judgesIn(folder: string): string[] {
  const files = readdirSync(path.join(FIXTURES, folder)).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const text = readFileSync(path.join(FIXTURES, folder, name), 'utf8');
    const functions = [...text.matchAll(/^export (?:async )?function (\w+)/gm)].filter(({ index }) => {
      const head = text.slice(index, text.indexOf('\n}', index));
      const signature = /\): (?:Promise<)?Verdict\b.*\{$/m.exec(head);
      return signature !== null && !head.slice(0, signature.index).includes('\n  return ');
    });
    const constants = [...text.matchAll(/^export const (\w+)[^\n]*(?::|=>) *Verdict\b/gm)];
    return [...functions, ...constants].map(([, exported]) => `${folder}/${name}#${exported ?? ''}`);
  });
}

describe('no verdict without a look', () => {
  const found = WALKED.flatMap(judgesIn);

  test('every verdict function has its row, and every row its function', () => {
    expect(found.length).toBeGreaterThan(80);
    expect(new Set(found.map((judge) => judge.split('/')[0])).size).toBe(12);
    expect([...Object.keys(rows), ...Object.keys(NO_JUDGES)].toSorted()).toEqual(found.toSorted());
  });

  test.for(
    Object.entries(rows).flatMap(([judge, row]) =>
      (['empty', 'partial', 'control'] as const).flatMap((kind) => {
        const judged = row[kind];
        return judged === null ? [] : [[judge, kind, judged] as const];
      }),
    ),
  )('%s: %s', ([, , judged]) => {
    expect(judged().status).not.toBe('pass');
  });
});

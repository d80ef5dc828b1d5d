import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { eventsKept } from '../../../../fixtures/run/report/evidence.ts';
import { CUT_FILE, EvidenceFolder } from '../../../../fixtures/run/report/evidence-folder.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'evidence-folder-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const of = (name: string) => path.join(dir, name);

test('what is put in first is whole, the end of what does not fit is kept, and what is left out is told', () => {
  const folder = new EvidenceFolder(of('full'), 30);
  folder.put('causes/a/checks.json', 'x'.repeat(20));
  folder.put('db-1.log', `${'y'.repeat(20)}the last`);
  folder.put('web-1.log', 'z');
  folder.close();
  expect(readFileSync(of('full/causes/a/checks.json'), 'utf8')).toBe('x'.repeat(20));
  expect(readFileSync(of('full/db-1.log'), 'utf8')).toBe('yythe last');
  expect(existsSync(of('full/web-1.log'))).toBe(false);
  expect(readFileSync(of(`full/${CUT_FILE}`), 'utf8')).toBe(
    'the limit of 30 bytes for all evidence was reached; what was put in last is cut:\n' +
      'db-1.log: 10 of 28 bytes kept\nweb-1.log: 0 of 1 bytes kept\n',
  );
});

test('nothing is told where all of it fits', () => {
  const folder = new EvidenceFolder(of('fits'), 30);
  folder.put('db-1.log', 'a line\n');
  folder.close();
  expect(existsSync(of(`fits/${CUT_FILE}`))).toBe(false);
});

test('events that the engine keeps no more are told, and what health checks ran is left out', () => {
  const event = (status: string) => JSON.stringify({ status, Type: 'container' });
  const boot = [event('create'), event('start'), event('create'), event('exec_start: curl')];
  expect(eventsKept(`${boot.join('\n')}\n`, 2).split('\n')).toEqual(boot.slice(0, 3));
  const [note, ...rest] = eventsKept(`${boot.slice(1).join('\n')}\n`, 2).split('\n');
  expect(JSON.parse(note ?? '')).toEqual({ note: expect.stringContaining('last 256 events') as string });
  expect(rest).toEqual(boot.slice(1, 3));
  expect(eventsKept('', 1)).toContain('are gone');
});

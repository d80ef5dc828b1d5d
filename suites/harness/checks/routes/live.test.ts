import { expect, test } from 'vitest';
import type { RawAnswer } from '../../../../fixtures/engine/http/request.ts';
import { untilReached } from '../../../../fixtures/checks/routes/live.ts';

const PAGE = '<html><center>nginx/1.26.3</center></html>';

/** Answers by status, one a request; the last one stays. What it was asked is counted. */
function answering(...statuses: (number | null)[]) {
  const sent: number[] = [];
  const sendNth = (before: number) => {
    sent.push(before);
    const status = statuses[Math.min(before, statuses.length - 1)] ?? null;
    const body = status !== null && status >= 502 ? PAGE : '';
    const answer: RawAnswer = { status, headers: {}, body, continued: false, error: null };
    return Promise.resolve({ answer });
  };
  return { sent, sendNth };
}

test.each([
  ['an answer of the owner', [200], 1, []],
  ['a 500 of the owner', [500], 1, []],
  ['no answer at all, which has taken its whole time', [null], 1, []],
  ['nginx could not look the owner up for a moment', [502, 502, 200], 3, [502, 502]],
  ['nginx could not connect for a moment', [504, 404], 2, [504]],
])('%s', async (_, statuses, times, earlier) => {
  const { sent, sendNth } = answering(...statuses);
  const last = await untilReached(sendNth);
  expect([last.answer.status, last.earlier, sent.length]).toEqual([statuses.at(-1), earlier, times]);
});

test('a route that leads nowhere stays red: it was asked more than once, and ends', async () => {
  const { sent, sendNth } = answering(502);
  const last = await untilReached(sendNth);
  expect(last.answer.status).toBe(502);
  expect(sent.length).toBeGreaterThan(1);
  expect(last.earlier).toHaveLength(sent.length - 1);
});

test('a 502 that the owner made itself is its answer', async () => {
  const answer: RawAnswer = {
    status: 502,
    headers: { 'x-version': '1.5.0', 'x-env': 'PRODUCTION' },
    body: '',
    continued: false,
    error: null,
  };
  const last = await untilReached(() => Promise.resolve({ answer }));
  expect(last.earlier).toEqual([]);
});

import type { HttpAnswer } from './http-message.ts';

/** Header of an answer that a stand-in gives where it does not know the real one's; the value says what it does not know. */
export const notKnownHeader = 'X-Stand-In-Unknown';

/** The answer of a stand-in to what the real program would answer and it does not know how; no real program gives it. */
export function notKnown(what: string): HttpAnswer {
  const body = `This stand-in does not know ${what}.\n`;
  return { status: 501, headers: { 'Content-Type': 'text/plain; charset=utf-8', [notKnownHeader]: what }, body };
}

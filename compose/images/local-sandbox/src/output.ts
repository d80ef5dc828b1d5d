/** A piece of a job's output, cut between characters; `offset` is where the next one begins. */
export interface OutputWindow {
  output: string;
  offset: number;
  truncated: boolean;
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** At most `limit` bytes from `offset` on; a character that is cut is left to the next piece. */
export function windowFrom(all: Buffer, offset: number, limit: number): OutputWindow {
  let start = offset;
  while (isContinuation(all[start])) start += 1;
  let end = Math.min(all.length, offset + limit);
  while (end > start && isContinuation(all[end])) end -= 1;
  return { output: all.toString('utf8', start, end), offset: Math.max(start, end), truncated: end < all.length };
}

/** The last `limit` bytes. */
export function tailOf(all: Buffer, limit: number): OutputWindow {
  let start = Math.max(0, all.length - limit);
  while (isContinuation(all[start])) start += 1;
  return { output: all.toString('utf8', start), offset: all.length, truncated: false };
}

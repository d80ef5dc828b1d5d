import { characterCount } from '../characters.ts';
import type { ProcessRule } from '../stores/knowledge.ts';
import { record } from './message.ts';

/** How an automatic rule cuts, whatever is written in the rule itself. */
export const automaticRules = {
  pre_processing_rules: [
    { id: 'remove_extra_spaces', enabled: true },
    { id: 'remove_urls_emails', enabled: false },
  ],
  segmentation: { delimiter: '\n', max_tokens: 500, chunk_overlap: 50 },
};

const separators = ['\n\n', '。', '. ', ' ', ''];
const leastCharacters = 50;
const mostCharacters = 4000;

/** Takes out of a text what its rule says, and what no text should have. */
export function cleanText(text: string, rule: ProcessRule): string {
  const given = rule.rules['pre_processing_rules'];
  const enabled = new Set(
    (Array.isArray(given) ? given : []).map(record).flatMap(({ id, enabled: on }) => (on === true ? [id] : [])),
  );
  let cleaned = text
    .replaceAll('<|', '<')
    .replaceAll('|>', '>')
    .replace(/(?![\t\n\r\u0080-\u009f])[\p{Cc}\u00ef\u00bf\u00be\ufffe]/gu, '');
  if (enabled.has('remove_extra_spaces')) {
    cleaned = cleaned
      .replace(/\n{3,}/g, '\n\n')
      .replace(/[\t\f\r \u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]{2,}/g, ' ');
  }
  if (enabled.has('remove_urls_emails')) {
    cleaned = cleaned.replace(/[\w.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9.-]+/g, '').replace(/https?:\/\/[^\s)]+/g, '');
  }
  return cleaned;
}

/** Cuts a cleaned text into the pieces that become segments. Throws an Error in Dify's words when the rule cannot be used. */
export function cutText(text: string, rule: ProcessRule): string[] {
  if (rule.mode === 'automatic') {
    const { max_tokens: size, chunk_overlap: overlap } = automaticRules.segmentation;
    return cut(text, separators, size, overlap);
  }
  const segmentation = record(rule.rules['segmentation']);
  const size = Number(segmentation['max_tokens']);
  const overlap = Number(segmentation['chunk_overlap'] ?? 0);
  if (!(size >= leastCharacters && size <= mostCharacters)) {
    throw new Error(`Custom segment length should be between ${leastCharacters} and ${mostCharacters}.`);
  }
  const separator = separatorOf(segmentation['separator']);
  const parts = separator === '' ? [text] : text.split(separator);
  return parts.flatMap((part) => (characterCount(part) > size ? cut(part, separators, size, overlap) : [part]));
}

/** Splits at the first separator that the text has, and what is still too long at the next ones. */
function cut(text: string, among: readonly string[], size: number, overlap: number): string[] {
  const position = among.findIndex((separator) => separator === '' || text.includes(separator));
  const separator = among[position] ?? '';
  const finer = among.slice(position + 1);
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  const pieces: string[] = [];
  let short: string[] = [];
  for (const part of parts.filter((each) => each !== '' && each !== '\n')) {
    if (characterCount(part) < size) {
      short.push(part);
      continue;
    }
    pieces.push(...join(short, separator, size, overlap));
    short = [];
    pieces.push(...(finer.length === 0 ? [part] : cut(part, finer, size, overlap)));
  }
  return [...pieces, ...join(short, separator, size, overlap)];
}

/** Joins parts to pieces as long as they may be; each begins with the end of the one before, up to the overlap. */
function join(parts: readonly string[], separator: string, size: number, overlap: number): string[] {
  const pieces: string[] = [];
  const gap = characterCount(separator);
  let held: string[] = [];
  let length = 0;
  for (const part of parts) {
    const more = characterCount(part);
    const lengthWith = () => length + (held.length > 0 ? gap : 0) + more;
    if (held.length > 0 && lengthWith() > size) {
      pieces.push(held.join(separator));
      while (held.length > 0 && (length > overlap || lengthWith() > size)) {
        length -= characterCount(held[0] ?? '') + (held.length > 1 ? gap : 0);
        held = held.slice(1);
      }
    }
    length = lengthWith();
    held.push(part);
  }
  return [...pieces, held.join(separator)].map((piece) => piece.trim()).filter((piece) => piece !== '');
}

/** A piece without the punctuation that cutting has left at its start. */
export function trimPiece(piece: string): string {
  return piece.replace(/^[\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f!-,./:-@^_`~]+/, '').trim();
}

/** A rule's separator; whoever types one in the console writes a line break as two characters. */
function separatorOf(given: unknown): string {
  return typeof given === 'string' ? given.replaceAll('\\n', '\n') : '\n';
}

/** How many characters a text has as Python counts them: a fox is one. */
export function characterCount(text: string): number {
  return Array.from(text).length;
}

/** The first characters of a text, counted as Python does. */
export function firstCharacters(text: string, count: number): string {
  return Array.from(text.slice(0, count * 2))
    .slice(0, count)
    .join('');
}

/** First release that has a trait: major, minor, patch. */
export type Since = readonly [number, number, number];

/**
 * Which traits a release (`1.9.1`) has, by the first release that has each. Throws an Error that names `variable` for what
 * is no release.
 */
export function traitsSince<Trait extends string>(
  variable: string,
  version: string,
  since: Readonly<Record<Trait, Since>>,
): Record<Trait, boolean> {
  const release = /^(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (!release) throw new Error(`${variable} is "${version}", which is no release`);
  return Object.fromEntries(
    Object.entries<Since>(since).map(([trait, first]) => [trait, !isBefore(release, first)]),
  ) as Record<Trait, boolean>;
}

function isBefore(release: readonly number[], other: readonly number[]): boolean {
  const at = other.findIndex((number, index) => number !== (release[index] ?? 0));
  return at >= 0 && (release[at] ?? 0) < (other[at] ?? 0);
}

import type { ReleaseTraits } from '../release.ts';

/**
 * The first names (as patterns) below each group's prefix that the real api has rules for (api/controllers, 1.5.0 to 1.13.3), in whatever
 * release they came: what this stand-in has no rule for there is refused by name, never answered as if it were not there.
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  '/console/api': names(`
    account activate admin all-workspaces api-based-extension api-key-auth app apps auth billing
    code-based-extension compliance data-source datasets email-code-login email-register explore
    features files forgot-password form init installed-apps instruction-generate login logout mcp
    notification notion oauth ping rag refresh-token remote-files reset-password rule-code-generate
    rule-generate rule-structured-output-generate setup spec system-features tag-bindings tags test
    trial-apps trial-models version website workflow workspaces
  `),
  '/api': names(`
    app audio-to-text chat-messages completion-messages conversations email-code-login files
    forgot-password form login logout messages meta parameters passport remote-files saved-messages site
    system-features text-to-audio webapp workflow workflows
  `),
  '/v1': names(`
    apps audio-to-text chat-messages completion-messages conversations datasets end-users files form
    info messages meta parameters site text-to-audio workflow workflows workspaces
  `),
  '/inner/api': names(`download encrypt enterprise fetch invoke upload workspace`),
  '/files': names(`tools/[0-9a-f-]{36}\\.\\w+ upload workspaces`),
};

/** Pieces of a text between its blanks. */
function names(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** What no release has: names of the suites' own making (`/console/api/verify-probe`), steps up that were not tidied away. */
const NOBODYS = /\/(verify(-|\/|$)|\.\.?(\/|$))/;

/**
 * What this stand-in does not know of a path that no rule of it takes, in words; undefined: no release has such a path, so
 * it is not found.
 */
export function unknownRoute(method: string, path: string, { mcp, triggers }: ReleaseTraits): string | undefined {
  if (NOBODYS.test(path)) return undefined;
  const groups: Readonly<Record<string, readonly string[]>> = {
    ...GROUPS,
    ...(mcp ? { '/mcp': ['server'] } : {}),
    ...(triggers ? { '/triggers': ['plugin', 'webhook', 'webhook-debug'] } : {}),
  };
  const known = Object.entries(groups).some(([prefix, names]) =>
    new RegExp(`^${prefix}/(${names.join('|')})(/|$)`).test(path),
  );
  return known ? `${method} ${path}` : undefined;
}

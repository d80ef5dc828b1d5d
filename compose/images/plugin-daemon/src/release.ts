import { traitsSince, type Since } from '../../shared/src/release.ts';

/** What of the daemon's answers depends on its release, as its public source has it at its tags (internal/server, to 0.5.3). */
export interface DaemonTraits {
  /** The health report counts the requests under way. */
  countsRequests: boolean;
  /** Data sources of plugins are listed. */
  dataSources: boolean;
  /** Triggers and readme files of plugins are told, their assets are taken out of packages. */
  triggers: boolean;
  /** DB_TYPE may be mysql. */
  mysql: boolean;
  /** A path that no route has is answered in JSON; before, in gin's plain text. */
  jsonNotFound: boolean;
}

/** First release that answers so. */
const SINCE: Record<keyof DaemonTraits, Since> = {
  countsRequests: [0, 2, 0],
  dataSources: [0, 3, 0],
  triggers: [0, 4, 0],
  mysql: [0, 4, 1],
  jsonNotFound: [0, 5, 3],
};

/** The traits of a release (`0.5.3`). Throws for what is no release. */
export const daemonTraits = (version: string): DaemonTraits => traitsSince('DAEMON_VERSION', version, SINCE);

/** Routes behind the key that the real daemon has and this stand-in has not, from the first release on that has them. */
const OTHERS: readonly [pattern: RegExp, has: (traits: DaemonTraits) => boolean][] = [
  [/^\S+ dispatch\/\w/, () => true],
  [/^POST management\/(install|uninstall|tools\/check_existence)\b/, () => true],
  [/^GET management\/(install\/tasks\/|fetch\/(manifest|identifier)$|(tool|agent_strategy)$)/, () => true],
  [/^(GET|POST) endpoint\/\w/, () => true],
  [/^GET asset\//, () => true],
  [/^GET management\/(datasources?|decode\/from_identifier)$/, ({ dataSources }) => dataSources],
  [/^GET (management\/(triggers?|fetch\/readme)$|extract-asset\/)/, ({ triggers }) => triggers],
];

/** Whether the real daemon has a route (`GET management/tool`) that this stand-in does not know. */
export const isUnknownRoute = (route: string, traits: DaemonTraits): boolean =>
  OTHERS.some(([pattern, has]) => has(traits) && pattern.test(route));

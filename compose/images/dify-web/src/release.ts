import { traitsSince, type Since } from '../../shared/src/release.ts';

/** What of the web's answers depends on its release. */
export interface WebTraits {
  /**
   * Next.js writes the names of its headers in small letters in `Vary` (15.3.5 and before: capitals; 15.5.0 and 16.1.6: small,
   * measured). Web 1.9.0 runs Next.js 15.5.0 (langgenius/dify#29911).
   */
  smallVary: boolean;
  /** Node itself is PID 1 and leaves at TERM; before, pm2 was, which does not heed it (langgenius/dify#30252). */
  heedsTerm: boolean;
  /** Its pages may be others than those of 1.5, which are all that is known here. */
  otherPages: boolean;
}

/** First release that has it. */
const SINCE: Record<keyof WebTraits, Since> = {
  otherPages: [1, 6, 0],
  smallVary: [1, 9, 0],
  heedsTerm: [1, 12, 0],
};

/** The traits of a release (`1.9.1`). Throws for what is no release. */
export const webTraits = (version: string): WebTraits => traitsSince('DIFY_VERSION', version, SINCE);

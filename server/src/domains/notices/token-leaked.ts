// The letter about a token that somebody found in public. The token itself is not in it.

import type { WrittenLetter } from "./letter-content.ts";
import { name, say, title } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { toTimeWords } from "./words.ts";
import { writeLetter } from "./write-letter.ts";

export interface TokenLeakedFacts {
  readonly tokenName: string;
  readonly appName: string;
  /** Its first characters. */
  readonly shown: string;
  readonly revokedAtMs: number;
  readonly tokensLink: LetterLink;
}

/** To the person who made a token that was reported as found in public, and so was revoked. */
export function toTokenLeakedLetter(facts: TokenLeakedFacts): WrittenLetter {
  const token = title(facts.tokenName);
  return writeLetter({
    subject: `The token ${token.toString()} leaked and was revoked`,
    heading: "A token leaked and was revoked",
    paragraphs: [
      say`Somebody found the token ${token} where others can read it, and reported it. It has stopped working.`,
      say`Find out where it stood and take it out there too. Look in the audit log for what it was used for, and make another one if something still needs it.`,
    ],
    rows: [
      ["Token", token],
      ["Begins with", name(facts.shown)],
      ["App", title(facts.appName)],
      ["Revoked", toTimeWords(facts.revokedAtMs)],
    ],
    action: { label: "See the tokens", link: facts.tokensLink },
    reason: say`You get this letter because you created this token. It cannot be switched off.`,
    site: facts.tokensLink.site,
  });
}

// Letters about access tokens. The token itself is never in a letter.

import type { WrittenLetter } from "./letter-content.ts";
import { type Occasion, toOccasionRows } from "./occasion.ts";
import { name, say, title } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { toSpanWords, toTimeWords } from "./words.ts";
import { writeLetter } from "./write-letter.ts";

export interface TokenCreatedFacts {
  readonly tokenName: string;
  readonly appName: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
  readonly occasion: Occasion;
  readonly tokensLink: LetterLink;
}

const scopesMax = 12;

function toScopeWords(scopes: readonly string[]): string {
  const shown = scopes
    .slice(0, scopesMax)
    .map((scope) => name(scope).toString())
    .join(", ");
  return scopes.length > scopesMax ? `${shown} and ${scopes.length - scopesMax} more` : shown;
}

/** To the person who made a token. */
export function toTokenCreatedLetter(facts: TokenCreatedFacts): WrittenLetter {
  const token = title(facts.tokenName);
  return writeLetter({
    subject: `You created the token ${token.toString()}`,
    heading: "You created an access token",
    paragraphs: [
      say`The token ${token} was created with your account. It may do what is listed here, and never more than you.`,
    ],
    rows: [
      ["Token", token],
      ["App", title(facts.appName)],
      ["May do", toScopeWords(facts.scopes)],
      ["Expires", toTimeWords(facts.expiresAtMs)],
      ...toOccasionRows(facts.occasion),
    ],
    caution: {
      title: "This was not you?",
      words: say`Revoke the token at once, then change your password and look through your sessions.`,
      link: facts.tokensLink,
      label: "See the tokens",
    },
    reason: say`You get this letter because it concerns the security of your account. It cannot be switched off.`,
    site: facts.tokensLink.site,
  });
}

export interface TokenExpiringFacts {
  readonly tokenName: string;
  readonly appName: string;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
  readonly tokensLink: LetterLink;
}

/** To the person who made a token that ends soon. */
export function toTokenExpiringLetter(facts: TokenExpiringFacts): WrittenLetter {
  const token = title(facts.tokenName);
  const span = toSpanWords(facts.expiresAtMs - facts.sentAtMs);
  return writeLetter({
    subject: `The token ${token.toString()} expires in ${span}`,
    heading: `A token expires in ${span}`,
    paragraphs: [
      say`The token ${token} stops working soon, and with it whatever uses it.`,
      say`Rotate it, and both the present and the next one work until you are done. If nothing uses it, let it expire.`,
    ],
    rows: [
      ["Token", token],
      ["App", title(facts.appName)],
      ["Expires", toTimeWords(facts.expiresAtMs)],
    ],
    action: { label: "See the token", link: facts.tokensLink },
    reason: say`You get this letter because you created this token.`,
    site: facts.tokensLink.site,
  });
}

// Letters about second factors, passkeys and recovery codes.

import type { WrittenLetter } from "./letter-content.ts";
import { type Occasion, toOccasionRows } from "./occasion.ts";
import { type Name, name, type Phrase, say } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { writeLetter } from "./write-letter.ts";

export type FactorChange =
  | { readonly kind: "added" | "removed"; readonly factor: "passkey" | "totp"; readonly name?: string }
  | { readonly kind: "recovery_codes_made" }
  | { readonly kind: "recovery_code_used"; readonly codesLeft: number };

export interface FactorChangedFacts {
  readonly change: FactorChange;
  readonly occasion: Occasion;
  readonly securityLink: LetterLink;
}

const factors = { passkey: "passkey", totp: "authenticator app" } as const;

interface Telling {
  readonly title: string;
  readonly words: Phrase;
  readonly rows?: readonly (readonly [string, Name])[];
}

function tell(change: FactorChange): Telling {
  if (change.kind === "recovery_codes_made") {
    return {
      title: "Recovery codes were made",
      words: say`Fresh recovery codes were made for your account. The former ones no longer work.`,
    };
  }
  if (change.kind === "recovery_code_used") {
    const left = change.codesLeft === 1 ? "1 code is left" : `${change.codesLeft} codes are left`;
    const advice = change.codesLeft < 3 ? " Make fresh ones soon, so that you cannot lock yourself out." : "";
    return {
      title: "A recovery code was used",
      words: say`A recovery code was used to sign in to your account. It does not work again; ${left}.${advice}`,
    };
  }
  const factor = factors[change.factor];
  const isAdded = change.kind === "added";
  const article = change.factor === "passkey" ? "A" : "An";
  return {
    title: `${article} ${factor} was ${isAdded ? "added" : "removed"}`,
    words: isAdded
      ? say`${article} ${factor} was added to your account and can be used to sign in.`
      : say`${article} ${factor} was removed from your account and can no longer be used to sign in.`,
    ...(change.name === undefined ? {} : { rows: [["Its name", name(change.name)]] }),
  };
}

/** To a person whose factors or recovery codes were changed or used. */
export function toFactorChangedLetter({ change, occasion, securityLink }: FactorChangedFacts): WrittenLetter {
  const { title, words, rows = [] } = tell(change);
  return writeLetter({
    subject: `${title}: your Parley account`,
    heading: title,
    paragraphs: [words],
    rows: [...rows, ...toOccasionRows(occasion)],
    caution: {
      title: "This was not you?",
      words: say`Look through your factors and sessions at once, change your password, and tell an administrator.`,
      link: securityLink,
      label: "Secure my account",
    },
    reason: say`You get this letter because it concerns the security of your account. It cannot be switched off.`,
    site: securityLink.site,
  });
}

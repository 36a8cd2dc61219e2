// Letters about a person's password.

import type { WrittenLetter } from "./letter-content.ts";
import { type Occasion, toOccasionRows } from "./occasion.ts";
import { say } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { toSpanWords } from "./words.ts";
import { writeLetter } from "./write-letter.ts";

export interface PasswordResetFacts {
  readonly link: LetterLink;
  /** From where it was asked. */
  readonly occasion: Occasion;
  readonly expiresAtMs: number;
}

/** To a person for whom a password reset was asked. */
export function toPasswordResetLetter({ link, occasion, expiresAtMs }: PasswordResetFacts): WrittenLetter {
  return writeLetter({
    subject: "Reset your Parley password",
    heading: "Reset your password",
    paragraphs: [say`Somebody, we hope you, asked to reset the password of this account.`],
    rows: toOccasionRows(occasion),
    action: { label: "Choose another password", link },
    note: say`The link works once, for ${toSpanWords(expiresAtMs - occasion.atMs)}. Your second factor is still asked for.`,
    caution: {
      title: "This was not you?",
      words: say`Then leave this letter alone. Your password stays as it is.`,
    },
    reason: say`You get this letter because a reset was asked for your address.`,
    site: link.site,
  });
}

export interface PasswordChangedFacts {
  readonly occasion: Occasion;
  /** Where the person ends sessions and resets the password. */
  readonly securityLink: LetterLink;
}

/** To a person whose password was changed or reset. */
export function toPasswordChangedLetter({ occasion, securityLink }: PasswordChangedFacts): WrittenLetter {
  return writeLetter({
    subject: "Your Parley password was changed",
    heading: "Your password was changed",
    paragraphs: [say`The password of your account was changed. Your other sessions were signed out.`],
    rows: toOccasionRows(occasion),
    caution: {
      title: "This was not you?",
      words: say`Reset your password at once, look through your sessions and factors, and tell an administrator.`,
      link: securityLink,
      label: "Secure my account",
    },
    reason: say`You get this letter because it concerns the security of your account. It cannot be switched off.`,
    site: securityLink.site,
  });
}

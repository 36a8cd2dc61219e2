// Letters about a change of a person's mail address: to the next address to confirm it, to the former one to warn.

import type { WrittenLetter } from "./letter-content.ts";
import { type Occasion, toOccasionRows } from "./occasion.ts";
import { name, say } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { toSpanWords } from "./words.ts";
import { writeLetter } from "./write-letter.ts";

export interface ConfirmEmailFacts {
  readonly link: LetterLink;
  readonly occasion: Occasion;
  readonly expiresAtMs: number;
}

/** To the address that an account is to have; it counts only after the link was opened. */
export function toConfirmEmailLetter({ link, occasion, expiresAtMs }: ConfirmEmailFacts): WrittenLetter {
  return writeLetter({
    subject: "Confirm your mail address for Parley",
    heading: "Confirm your mail address",
    paragraphs: [say`This address was entered for a Parley account. Confirm it, and letters go here from then on.`],
    rows: toOccasionRows(occasion),
    action: { label: "Confirm this address", link },
    note: say`The link works once, for ${toSpanWords(expiresAtMs - occasion.atMs)}.`,
    caution: {
      title: "This was not you?",
      words: say`Then leave this letter alone: without the link nothing changes.`,
    },
    reason: say`You get this letter because this address was entered for an account.`,
    site: link.site,
  });
}

export interface EmailChangedFacts {
  /** The address that letters go to from now on. Shown in part. */
  readonly nextAddress: string;
  readonly occasion: Occasion;
  readonly securityLink: LetterLink;
}

/** `a…@example.org`: enough to recognise one's own, too little for whoever reads a mailbox that was left behind. */
function mask(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 1 ? "another address" : `${Array.from(address)[0] ?? ""}…${address.slice(at)}`;
}

/** To the address that an account had until now. */
export function toEmailChangedLetter({ nextAddress, occasion, securityLink }: EmailChangedFacts): WrittenLetter {
  return writeLetter({
    subject: "The mail address of your Parley account was changed",
    heading: "Your mail address was changed",
    paragraphs: [
      say`Letters about your account go to another address from now on. This is the last one that comes here.`,
    ],
    rows: [["Goes to", name(mask(nextAddress))], ...toOccasionRows(occasion)],
    caution: {
      title: "This was not you?",
      words: say`Somebody else may be in your account. Tell an administrator of your organisation at once, and sign in to look through your sessions.`,
      link: securityLink,
      label: "Secure my account",
    },
    reason: say`You get this letter because this was the address of your account.`,
    site: securityLink.site,
  });
}

// Letters about what happens to a whole organisation or app.

import type { WrittenLetter } from "./letter-content.ts";
import { name, say, title } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { toDayWords, toSpanWords, toTimeWords } from "./words.ts";
import { writeLetter } from "./write-letter.ts";

export interface OwnershipTransferFacts {
  readonly organisationName: string;
  /** The owner who asks. */
  readonly ownerName: string;
  readonly link: LetterLink;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
}

/** To the person who is asked to take an organisation over. */
export function toOwnershipTransferLetter(facts: OwnershipTransferFacts): WrittenLetter {
  const organisation = title(facts.organisationName);
  const owner = name(facts.ownerName);
  return writeLetter({
    subject: `Will you take over ${organisation.toString()}?`,
    heading: "Will you be the owner?",
    paragraphs: [
      say`${owner} asks you to become the owner of ${organisation}.`,
      say`An owner may do everything: manage people and rights, hand the organisation on, and delete it with all it holds. ${owner} remains an administrator.`,
    ],
    action: { label: "Look at the request", link: facts.link },
    note: say`You are asked to sign in and to confirm. The request stands for ${toSpanWords(facts.expiresAtMs - facts.sentAtMs)}, until ${toTimeWords(facts.expiresAtMs)}. Until you accept, nothing changes.`,
    caution: { title: "You did not expect this?", words: say`Ask ${owner} in another way before you accept.` },
    reason: say`You get this letter because you belong to ${organisation}.`,
    site: facts.link.site,
  });
}

export interface DeletionFacts {
  readonly what: "app" | "organisation";
  readonly thingName: string;
  /** Who asked for it. */
  readonly personName: string;
  readonly askedAtMs: number;
  readonly deletedAtMs: number;
  readonly undoLink: LetterLink;
}

/** To those responsible for an app or organisation that will be deleted. */
export function toDeletionLetter(facts: DeletionFacts): WrittenLetter {
  const { what, deletedAtMs, undoLink } = facts;
  const thing = title(facts.thingName);
  const lost =
    what === "app"
      ? "its bots, channels, members, conversations and files"
      : "all its apps, with their bots, channels, members, conversations and files";
  return writeLetter({
    subject: `${thing.toString()} will be deleted on ${toDayWords(deletedAtMs)}`,
    heading: `An ${what} will be deleted`,
    paragraphs: [
      say`The ${what} ${thing} will be deleted on ${toDayWords(deletedAtMs)}: ${lost}. Its keys are destroyed, so nothing can bring it back afterwards.`,
      say`Until then everything can be undone.`,
    ],
    rows: [
      [what === "app" ? "App" : "Organisation", thing],
      ["Requested by", name(facts.personName)],
      ["Requested", toTimeWords(facts.askedAtMs)],
      ["Deleted", toTimeWords(deletedAtMs)],
    ],
    action: { label: `Keep the ${what}`, link: undoLink },
    note: say`You are asked to sign in. The link works until the ${what} is deleted.`,
    reason: say`You get this letter because you are responsible for this ${what}.`,
    site: undoLink.site,
  });
}

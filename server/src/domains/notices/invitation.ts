// Letters that bring somebody into an organisation.

import type { WrittenLetter } from "./letter-content.ts";
import { type Name, name, say, title } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { toSpanWords, toTimeWords } from "./words.ts";
import { writeLetter } from "./write-letter.ts";

const roles: Readonly<Record<string, readonly [role: string, does: string]>> = {
  owner: ["Owner", "may do everything, also hand the organisation on or delete it"],
  admin: ["Administrator", "manages people, apps, channels and settings"],
  channel_manager: ["Channel manager", "connects channels and builds bots"],
  builder: ["Builder", "builds, tests and publishes bots"],
  support: ["Support", "reads and answers conversations"],
  auditor: ["Auditor", "reads settings and the audit log, changes nothing"],
  inbox_agent: ["Inbox agent", "answers conversations in the inbox"],
};

/** A built-in role's id, or the name of a custom role, in words. */
export function toRoleWords(role: string): string | Name {
  const known = Object.hasOwn(roles, role) ? roles[role] : undefined;
  return known === undefined ? name(role) : `${known[0]}: ${known[1]}`;
}

export interface InvitationFacts {
  readonly organisationName: string;
  readonly inviterName: string;
  /** A built-in role's id, or the name of a custom role. */
  readonly role: string;
  /** Where the invitation holds, when it is for one app only. */
  readonly appName?: string;
  readonly link: LetterLink;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
}

/** To a person who is invited to an organisation. */
export function toInvitationLetter(facts: InvitationFacts): WrittenLetter {
  const organisation = title(facts.organisationName);
  const inviter = name(facts.inviterName);
  return writeLetter({
    subject: `Invitation to ${organisation.toString()}`,
    heading: "You are invited",
    paragraphs: [
      say`${inviter} invites you to work in ${organisation} on Parley.`,
      say`To accept, open the link and choose how you want to sign in. Until then, nothing is set up in your name.`,
    ],
    rows: [
      ["Organisation", organisation],
      ["Invited by", inviter],
      ["Your role", toRoleWords(facts.role)],
      ...(facts.appName === undefined ? [] : [["In the app", title(facts.appName)] as const]),
    ],
    action: { label: "Accept the invitation", link: facts.link },
    note: say`The link works once, for ${toSpanWords(facts.expiresAtMs - facts.sentAtMs)}, until ${toTimeWords(facts.expiresAtMs)}.`,
    caution: {
      title: "You do not know them?",
      words: say`Then leave this letter alone: without the link nothing happens.`,
    },
    reason: say`You get this letter because your address was entered in an invitation.`,
    site: facts.link.site,
  });
}

export interface FirstPasswordFacts {
  readonly organisationName: string;
  readonly link: LetterLink;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
}

/** To a person for whom an account was made, who must choose the first password. */
export function toFirstPasswordLetter(facts: FirstPasswordFacts): WrittenLetter {
  const organisation = title(facts.organisationName);
  return writeLetter({
    subject: "Choose your password for Parley",
    heading: "Choose your password",
    paragraphs: [
      say`An account in ${organisation} was made for you. Choose a password, and you can sign in.`,
      say`A long sentence that only you would think of is better than a short riddle. A passkey is better still; you can add one afterwards.`,
    ],
    action: { label: "Choose a password", link: facts.link },
    note: say`The link works once, for ${toSpanWords(facts.expiresAtMs - facts.sentAtMs)}, until ${toTimeWords(facts.expiresAtMs)}.`,
    reason: say`You get this letter because an administrator of ${organisation} made an account with your address.`,
    site: facts.link.site,
  });
}

export interface WelcomeFacts {
  readonly organisationName: string;
  readonly signInLink: LetterLink;
  /** Where factors are added. */
  readonly securityLink: LetterLink;
  readonly hasSecondFactor: boolean;
}

/** To a person whose account is ready. */
export function toWelcomeLetter(facts: WelcomeFacts): WrittenLetter {
  const organisation = title(facts.organisationName);
  const advice = {
    title: "One more thing.",
    words: say`Your account is protected by a password alone. A passkey or an authenticator app keeps others out even when they learn it.`,
    link: facts.securityLink,
    label: "Protect my account",
  };
  return writeLetter({
    subject: "Your Parley account is ready",
    heading: "Welcome",
    paragraphs: [say`Your account in ${organisation} is ready.`],
    action: { label: "Sign in", link: facts.signInLink },
    ...(facts.hasSecondFactor ? {} : { caution: advice }),
    reason: say`You get this letter because you joined ${organisation}.`,
    site: facts.signInLink.site,
  });
}

import type { WrittenLetter } from "./letter-content.ts";
import { type Occasion, toOccasionRows } from "./occasion.ts";
import { say } from "./phrase.ts";
import type { LetterLink } from "./to-link.ts";
import { toListWords } from "./words.ts";
import { writeLetter } from "./write-letter.ts";

const methods = {
  password: "password",
  totp: "authenticator app",
  passkey: "passkey",
  recovery_code: "recovery code",
  setup: "set-up code",
  invitation: "invitation",
} as const;

export type SignInMethod = keyof typeof methods;

/** How a person proved who they are, in words: `password and authenticator app`. */
export function toMethodWords(used: readonly SignInMethod[]): string {
  return toListWords(used.map((method) => methods[method]));
}

export interface NewDeviceFacts {
  readonly occasion: Occasion;
  /** How the person proved who they are. */
  readonly methods: readonly SignInMethod[];
  readonly sessionsLink: LetterLink;
}

/** To a person who signed in on a device that was not seen before. */
export function toNewDeviceLetter({ occasion, methods: used, sessionsLink }: NewDeviceFacts): WrittenLetter {
  return writeLetter({
    subject: "Sign-in to Parley on another device",
    heading: "A device signed in for the first time",
    paragraphs: [
      say`Your account was signed in to on a device that we have not seen before. If this was you, all is well.`,
    ],
    rows: [...toOccasionRows(occasion), ["Proved with", toMethodWords(used)]],
    caution: {
      title: "This was not you?",
      words: say`End that session, then change your password and look through your factors.`,
      link: sessionsLink,
      label: "See my sessions",
    },
    reason: say`You get this letter because it concerns the security of your account. It cannot be switched off.`,
    site: sessionsLink.site,
  });
}

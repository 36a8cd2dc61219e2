// What a password is before anything judges or hashes it: NFC text, counted in code points (SP 800-63B-4 3.1.1.2). The
// same rules hold when it is set and when it is typed, or somebody could set what they cannot type again.

/** In code points. SP 800-63B-4 3.1.1.2 asks for 15 alone, 8 beside a second factor, and that 64 or more are accepted. */
export const passwordLimits = { aloneMin: 15, withFactorMin: 8, charactersMax: 256 };

/** No accepted password is longer in UTF-16 units; what is longer is refused before any work is done on it. */
const unitsMax = passwordLimits.charactersMax * 4;

export type PasswordForm =
  | { readonly isText: true; readonly text: string; readonly characters: number }
  | { readonly isText: false; readonly fault: "too_long" | "not_text" };

/** The NFC form: `é` typed on any keyboard is one password. Nothing is trimmed, folded or cut. */
export function normalisePassword(text: string): string {
  return text.normalize("NFC");
}

/**
 * Normalises and counts. Refuses what is longer than 256 characters, and what two keyboards would not send alike: half
 * a surrogate pair, which UTF-8 replaces so that different passwords would become one, and control characters.
 */
export function readPassword(raw: string): PasswordForm {
  if (raw.length > unitsMax) return { isText: false, fault: "too_long" };
  if (!raw.isWellFormed() || /\p{Cc}/u.test(raw)) return { isText: false, fault: "not_text" };
  const text = normalisePassword(raw);
  const characters = Array.from(text).length;
  return characters > passwordLimits.charactersMax
    ? { isText: false, fault: "too_long" }
    : { isText: true, text, characters };
}

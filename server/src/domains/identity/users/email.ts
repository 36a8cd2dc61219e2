// The mail address a person signs in with. One spelling per mailbox: trimmed, NFC, lower case, its domain in ASCII, so that
// an address is found however it is typed. Read strictly before anything looks it up (CVE-2026-45688, CVE-2025-13033).

import { AppError } from "../../../kernel/errors.ts";
import { findMailAddress } from "../../../platform/mail/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { identityErrors } from "../errors.ts";

/** A mail address in its one spelling; at most 254 characters. Only `toEmail` and `findEmail` make one. */
export type Email = string & { readonly brand: "email" };

/** What is typed around an address is forgiven; more than this is not looked at. */
const typedMax = 1024;

/** The address in its one spelling; undefined for whatever is not one plain mailbox. */
export function findEmail(text: unknown): Email | undefined {
  if (typeof text !== "string" || text.length > typedMax) return undefined;
  const typed = text.trim().normalize("NFC");
  // SECURITY: no control or invisible character is carried into an address that looks like another one.
  if (/[\p{Cc}\p{Cf}]/u.test(typed)) return undefined;
  return findMailAddress(typed)?.toLowerCase() as Email | undefined;
}

/** The address in its one spelling. Throws `identity.email_invalid` for whatever is not one plain mailbox. */
export function toEmail(text: unknown): Email {
  const email = findEmail(text);
  if (email !== undefined) return email;
  const mistakes = [{ path: "email", message: "must be a mail address such as name@example.org" }];
  throw new AppError(identityErrors.emailInvalid, { mistakes });
}

/** The keyed index an address is found by: the same for one address, unrelated to it without the key. */
export function toEmailIndex(email: Email, sealer: Sealer): Buffer {
  return sealer.blindIndex("users", "email", email);
}

// A letter to one person, checked before anything is made of it: plain strings, bounded, nothing in a header that could
// start another header.

import { AppError } from "../../kernel/errors.ts";
import { parseMailAddress } from "./address.ts";
import { mailErrors } from "./errors.ts";

export interface Letter {
  /** One plain address, without a name. */
  readonly to: string;
  /** One line, at most 200 characters. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const subjectMax = 200;
const bodyMax = 200_000;
const controls = /[\p{Cc}\u2028\u2029]/u;
const bodyControls = /(?![\t\n\r])\p{Cc}/u; // all but tab and line breaks

function refuse(path: string, message: string): AppError {
  return new AppError(mailErrors.letterInvalid, { note: `${path} ${message}`, mistakes: [{ path, message }] });
}

function readString(letter: object, path: keyof Letter, lengthMax: number): string {
  const value: unknown = Reflect.get(letter, path);
  // SECURITY: an object such as {path} or {href} would make the composer read a file or an address (GHSA-2x35-3fw4-9jr4).
  if (typeof value !== "string") throw refuse(path, "must be text");
  if (value.length > lengthMax) throw refuse(path, `must have 1 to ${lengthMax} characters`);
  // A subject of spaces would be written as no subject at all.
  if (value.trim() === "") throw refuse(path, "must not be blank");
  return value.toWellFormed();
}

/**
 * The letter with its address in canonical form. Throws `mail.address_invalid`, or `mail.letter_invalid` naming the field
 * that is no text, too long, or holds a line break or control character where none may be.
 */
export function parseLetter(letter: Letter): Letter {
  const to = parseMailAddress(Reflect.get(letter, "to"));
  const subject = readString(letter, "subject", subjectMax);
  // SECURITY: no line break reaches a header, so no field can add a recipient or a header.
  if (controls.test(subject)) throw refuse("subject", "must be one line without control characters");
  const text = readString(letter, "text", bodyMax);
  const html = readString(letter, "html", bodyMax);
  if (bodyControls.test(text)) throw refuse("text", "must not hold control characters");
  if (bodyControls.test(html)) throw refuse("html", "must not hold control characters");
  return { to, subject, text, html };
}

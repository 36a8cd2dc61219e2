// The fields that requests of identity have in common. Each is text with a bound before anything looks at it: an object
// where text belongs is refused (CVE-2026-45688).

import { z } from "zod";
import { anyJson } from "../../../kernel/json-schema.ts";
import { nameLengthMax } from "../users/name.ts";

/** Longer than an address may be: what is too long is refused like any other that is none. */
export const emailField = z.string().min(1).max(320);
/** Above what a password may have, in UTF-16 units. */
export const passwordField = z.string().min(1).max(1024);
/** A secret from a link or a first step. */
export const secretField = z.string().min(1).max(128);
export const codeField = z.string().min(1).max(64);
export const nameField = z
  .string()
  .min(1)
  .max(nameLengthMax * 2);

export const nothing = z.object({});

/** For `PublicKeyCredential.parseRequestOptionsFromJSON` or `parseCreationOptionsFromJSON`. */
export const passkeyOptionsView = z.object({
  options: anyJson("Options for the browser's passkey prompt, as WebAuthn level 3 spells them in JSON."),
});

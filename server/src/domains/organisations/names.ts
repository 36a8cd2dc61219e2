// Names of organisations, apps and roles, as people type them.

import { AppError } from "../../kernel/errors.ts";
import { organisationErrors } from "./errors.ts";

/** In code units: what the schemas of operations bound. */
export const nameBounds = { place: 200, role: 80 } as const;

/**
 * A name in its one spelling: trimmed, NFC, one line without invisible direction marks. Throws
 * `organisations.invalid_name` naming `path` for anything else.
 */
export function toPlaceName(text: string, path = "name", lengthMax: number = nameBounds.place): string {
  const name = text.trim().normalize("NFC");
  const isText = name.isWellFormed() && !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(name);
  if (isText && name !== "" && name.length <= lengthMax) return name;
  const mistakes = [{ path, message: `must be one line of 1 to ${lengthMax} characters` }];
  throw new AppError(organisationErrors.invalidName, { mistakes });
}

/** SECURITY: what cannot be brought back is done only by somebody who wrote what they mean. */
export function assertSameName(name: string, written: string): void {
  if (written.trim().normalize("NFC") === name) return;
  const mistakes = [{ path: "confirmName", message: "is not the name" }];
  throw new AppError(organisationErrors.nameMismatch, { mistakes });
}

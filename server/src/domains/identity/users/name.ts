import { AppError } from "../../../kernel/errors.ts";
import { identityErrors } from "../errors.ts";

/** In code points. */
export const nameLengthMax = 120;

/**
 * A name as a person writes it: trimmed, NFC, one line of 1 to 120 characters. Throws `identity.name_invalid` naming
 * `path` for anything else.
 */
export function toPersonName(text: string, path = "name"): string {
  const name = text.trim().normalize("NFC");
  const isText = name.isWellFormed() && !/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(name);
  if (isText && name !== "" && Array.from(name).length <= nameLengthMax) return name;
  const mistakes = [{ path, message: `must be one line of 1 to ${nameLengthMax} characters` }];
  throw new AppError(identityErrors.nameInvalid, { mistakes });
}

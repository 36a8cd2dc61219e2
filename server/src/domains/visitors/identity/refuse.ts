import { AppError } from "../../../kernel/errors.ts";
import { identityTokenErrors } from "./errors.ts";

/** The one refusal of an identity. `reason` is for the log. */
export function refuseIdentity(reason: string): AppError {
  // SECURITY: one code and one sentence, so that whoever forges learns nothing about what was nearly right.
  return new AppError(identityTokenErrors.refused, { note: reason });
}

import { AppError } from "../../../kernel/errors.ts";
import type { FactorDemand } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import type { User } from "../users/users.ts";

type Had = Pick<User, "hasTotp" | "passkeys" | "hasPassword">;

/**
 * Throws `identity.last_factor` when, without this factor, the person could not sign in any more or would have less than
 * their organisations ask for. Pure. A grace period is for adding factors, not for removing them.
 */
export function assertRemovable(had: Had, factor: "passkey" | "totp", { policy }: FactorDemand): void {
  const passkeys = had.passkeys - (factor === "passkey" ? 1 : 0);
  const hasTotp = had.hasTotp && factor !== "totp";
  const canSignIn = had.hasPassword || passkeys > 0;
  const hasEnough =
    policy === "optional" ||
    (policy === "required" && (hasTotp || passkeys > 0)) ||
    // An app never met this policy, so removing it takes nothing away.
    (policy === "phishing_resistant" && (passkeys > 0 || factor === "totp"));
  if (!canSignIn || !hasEnough) throw new AppError(identityErrors.lastFactor);
}

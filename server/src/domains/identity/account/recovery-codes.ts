// Recovery codes: ten, shown once; the ones before them die. They let somebody in who lost their factor.

import { AppError } from "../../../kernel/errors.ts";
import type { Secret } from "../../../kernel/secret.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import { createRecoveryCodes, toRecoveryCodeHash } from "../factors/recovery-codes.ts";
import { holdUser } from "../users/store.ts";
import { readUser } from "../users/users.ts";
import { afterFactorChange } from "./after-factor-change.ts";
import { replaceRecoveryCodes } from "./factor-store.ts";

/** Makes the caller's codes. Throws `identity.no_factor` for somebody who has nothing they could stand in for. */
export async function makeRecoveryCodes(deps: IdentityDeps, caller: AccountCaller): Promise<Secret<readonly string[]>> {
  const sealer = await deps.installation.sealer();
  const codes = createRecoveryCodes();
  const hashes = codes.reveal().map((code) => toRecoveryCodeHash(code, caller.actor.userId, deps.pepper));
  await deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    await holdUser(tx);
    const user = await readUser(tx, sealer);
    if (!user.hasTotp && user.passkeys === 0) throw new AppError(identityErrors.noFactor);
    await replaceRecoveryCodes(tx, hashes);
    const change = { kind: "recovery_codes_made" } as const;
    await afterFactorChange(deps, tx, { caller, changed: { user, sealer, change, action: "recovery_codes.made" } });
  });
  return codes;
}

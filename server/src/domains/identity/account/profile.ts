import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { readUser, renameUser } from "../users/users.ts";
import { recordAccount } from "./record-account.ts";

/** Gives the caller another name, everywhere it is kept. Throws `identity.name_invalid`. */
export async function renameSelf(deps: IdentityDeps, caller: AccountCaller, input: { name: string }): Promise<string> {
  const sealer = await deps.installation.sealer();
  return deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    const name = await renameUser(tx, input.name, sealer);
    const { email } = await readUser(tx, sealer);
    await deps.profileChanged(tx.batch, tx.userId, { email, name });
    await recordAccount(tx, caller, { action: "user.renamed" });
    return name;
  });
}

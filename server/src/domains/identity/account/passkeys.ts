// The passkeys of an account: add, list, rename, remove.

import { AppError } from "../../../kernel/errors.ts";
import { type PasskeyId, toUuid } from "../../../kernel/ids.ts";
import type { Secret } from "../../../kernel/secret.ts";
import { newId } from "../../../platform/crypto/random.ts";
import type { UserTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import type { AccountCaller, IdentityDeps } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import type { PasskeyRegistration } from "../factors/passkey-answers.ts";
import { createRegistrationOptions, verifyRegistration } from "../factors/register-passkey.ts";
import { keepChallenge, takeChallenge } from "../proofs/challenges.ts";
import { toUserHandle } from "../proofs/check-factor.ts";
import { listPasskeys, type StoredPasskey } from "../proofs/factor-store.ts";
import { toPersonName } from "../users/name.ts";
import { holdUser } from "../users/store.ts";
import { readUser } from "../users/users.ts";
import { afterFactorChange } from "./after-factor-change.ts";
import { assertFresh } from "./assert-fresh.ts";
import { assertRemovable } from "./assert-removable.ts";
import { deletePasskey, deleteRecoveryCodes, insertPasskey, storePasskeyName } from "./factor-store.ts";
import { recordAccount } from "./record-account.ts";
import { raiseSession } from "./step-up.ts";

const passkeysMax = 20;

export type RegistrationOptions = Awaited<ReturnType<typeof createRegistrationOptions>>["options"];

/** A passkey as its owner sees it. */
export interface OwnPasskey {
  readonly passkeyId: PasskeyId;
  readonly name: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | undefined;
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
}

function toField(passkeyId: PasskeyId): Parameters<Sealer["seal"]>[0] {
  return { table: "passkeys", column: "name", row: toUuid(passkeyId) };
}

function toOwnPasskey(stored: StoredPasskey, sealer: Sealer): OwnPasskey {
  const { passkeyId, createdAtMs, lastUsedAtMs, isBackupEligible, isBackedUp } = stored;
  const name = sealer.open(toField(passkeyId), stored.name).toString("utf8");
  return { passkeyId, name, createdAtMs, lastUsedAtMs, isBackupEligible, isBackedUp };
}

/** The transaction's person's passkeys, oldest first. */
export async function listOwnPasskeys(tx: UserTx, sealer: Sealer): Promise<OwnPasskey[]> {
  return (await listPasskeys(tx)).map((stored) => toOwnPasskey(stored, sealer));
}

/** What the browser needs to make a passkey. Throws `identity.step_up_needed` or `identity.too_many_passkeys`. */
export async function beginPasskey(deps: IdentityDeps, caller: AccountCaller): Promise<RegistrationOptions> {
  const { userId, sessionId } = caller.actor;
  const sealer = await deps.installation.sealer();
  const { user, known } = await deps.database.withUser(caller.actor, userId, async (tx) => {
    await assertFresh(tx, caller.actor);
    return { user: await readUser(tx, sealer), known: await listPasskeys(tx) };
  });
  if (known.length >= passkeysMax) throw new AppError(identityErrors.tooManyPasskeys);
  const owner = { userHandle: toUserHandle(userId), email: user.email, displayName: user.name };
  const { options, challenge } = await createRegistrationOptions(deps.site, owner, known);
  await keepChallenge(deps.database, challenge, { act: "register", userId, sessionId, sealer });
  return options;
}

export interface AddPasskeyInput {
  readonly name: string;
  readonly passkey: PasskeyRegistration;
}

/**
 * Adds the passkey a browser made. The session counts as confirmed by it and goes on under another token; the others end.
 * Throws `identity.challenge_refused`, `identity.passkey_unusable`, `identity.passkey_known`.
 */
export async function addPasskey(
  deps: IdentityDeps,
  caller: AccountCaller,
  input: AddPasskeyInput,
): Promise<{ passkey: OwnPasskey; token: Secret<string> }> {
  const { userId, sessionId } = caller.actor;
  const sealer = await deps.installation.sealer();
  const name = toPersonName(input.name);
  const about = { act: "register", userId, sessionId, sealer } as const;
  const challenge = await takeChallenge(deps.database, input.passkey.clientDataJSON, about);
  const made = await verifyRegistration(input.passkey, challenge, deps.site);
  const passkeyId = newId("passkey");
  return deps.database.withUser(caller.actor, userId, async (tx) => {
    await holdUser(tx);
    await assertFresh(tx, caller.actor);
    const user = await readUser(tx, sealer);
    if (user.passkeys >= passkeysMax) throw new AppError(identityErrors.tooManyPasskeys);
    const sealed = sealer.seal(toField(passkeyId), name);
    const isAdded = await insertPasskey(tx, passkeyId, { passkey: made, name: sealed });
    if (!isAdded) throw new AppError(identityErrors.passkeyKnown);
    const token = await raiseSession(tx, caller, "passkey");
    const change = { kind: "added", factor: "passkey", name } as const;
    const changed = { user, sealer, change, action: "passkey.added", targets: { passkeyId } };
    await afterFactorChange(deps, tx, { caller, changed });
    const stored = (await listOwnPasskeys(tx, sealer)).find((passkey) => passkey.passkeyId === passkeyId);
    if (stored === undefined) throw new AppError(identityErrors.unknownFactor);
    return { passkey: stored, token };
  });
}

/** Gives a passkey of the caller another name. Throws `identity.unknown_factor`. */
export async function renamePasskey(
  deps: IdentityDeps,
  caller: AccountCaller,
  input: { passkeyId: PasskeyId; name: string },
): Promise<void> {
  const { passkeyId } = input;
  const sealer = await deps.installation.sealer();
  const name = sealer.seal(toField(passkeyId), toPersonName(input.name));
  await deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    if (!(await storePasskeyName(tx, passkeyId, name))) throw new AppError(identityErrors.unknownFactor);
    await recordAccount(tx, caller, { action: "passkey.renamed", targets: { passkeyId } });
  });
}

/** Removes a passkey of the caller. Throws `identity.unknown_factor` or `identity.last_factor`. */
export async function removePasskey(
  deps: IdentityDeps,
  caller: AccountCaller,
  input: { passkeyId: PasskeyId },
): Promise<void> {
  const { passkeyId } = input;
  const sealer = await deps.installation.sealer();
  await deps.database.withUser(caller.actor, caller.actor.userId, async (tx) => {
    await holdUser(tx);
    const user = await readUser(tx, sealer);
    const sealed = await deletePasskey(tx, passkeyId);
    if (sealed === undefined) throw new AppError(identityErrors.unknownFactor);
    assertRemovable(user, "passkey", await deps.factorsRequired(tx.batch, tx.userId));
    if (user.passkeys === 1 && !user.hasTotp) await deleteRecoveryCodes(tx);
    const name = sealer.open(toField(passkeyId), sealed).toString("utf8");
    const change = { kind: "removed", factor: "passkey", name } as const;
    const changed = { user, sealer, change, action: "passkey.removed", targets: { passkeyId } };
    await afterFactorChange(deps, tx, { caller, changed });
  });
}

// The SQL of adding and removing second factors.

import { fromUuid, type PasskeyId, toUuid } from "../../../kernel/ids.ts";
import { type UserTx, userStatement } from "../../../platform/db/index.ts";
import type { Passkey } from "../factors/passkey.ts";

const insertPasskeySql = userStatement<{ passkey_id: string }>(
  "identity.insert_passkey",
  `insert into passkeys (user_id, passkey_id, credential_id, public_key, counter, transports, aaguid, is_backup_eligible,
     is_backed_up, name)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (user_id, credential_id) do nothing returning passkey_id`,
);

/** Answers false, with nothing done, for a credential the person has already. */
export async function insertPasskey(
  tx: UserTx,
  passkeyId: PasskeyId,
  { passkey, name }: { passkey: Passkey; name: Buffer },
): Promise<boolean> {
  const { credentialId, publicKey, counter, transports, aaguid, isBackupEligible, isBackedUp } = passkey;
  const id = Buffer.from(credentialId, "base64url");
  const flags = [aaguid, isBackupEligible, isBackedUp];
  const values = [toUuid(passkeyId), id, publicKey, counter, transports, ...flags, name];
  return (await tx.query(insertPasskeySql, values)).length > 0;
}

const renamePasskeySql = userStatement<{ passkey_id: string }>(
  "identity.rename_passkey",
  "update passkeys set name = $3 where user_id = $1 and passkey_id = $2 returning passkey_id",
);

export async function storePasskeyName(tx: UserTx, passkeyId: PasskeyId, name: Buffer): Promise<boolean> {
  return (await tx.query(renamePasskeySql, [toUuid(passkeyId), name])).length > 0;
}

const deletePasskeySql = userStatement<{ name: Buffer }>(
  "identity.delete_passkey",
  "delete from passkeys where user_id = $1 and passkey_id = $2 returning name",
);

/** The sealed name of the passkey that was removed; undefined when there was none. */
export async function deletePasskey(tx: UserTx, passkeyId: PasskeyId): Promise<Buffer | undefined> {
  return (await tx.query(deletePasskeySql, [toUuid(passkeyId)]))[0]?.name;
}

const deletePasskeysSql = userStatement<{ passkey_id: string }>(
  "identity.delete_passkeys",
  "delete from passkeys where user_id = $1 returning passkey_id",
);

export async function deletePasskeys(tx: UserTx): Promise<PasskeyId[]> {
  return (await tx.query(deletePasskeysSql)).map((row) => fromUuid("passkey", row.passkey_id));
}

const keepEnrolmentSql = userStatement<never>(
  "identity.keep_totp_enrolment",
  `insert into totp_enrolments (user_id, secret) values ($1, $2)
   on conflict (user_id) do update set secret = excluded.secret, created_at = now()`,
);

/** Remembers a secret that was shown; the one shown before does not count any more. */
export async function keepEnrolment(tx: UserTx, secret: Buffer): Promise<void> {
  await tx.query(keepEnrolmentSql, [secret]);
}

const findEnrolmentSql = userStatement<{ secret: Buffer }>(
  "identity.find_totp_enrolment",
  "select secret from totp_enrolments where user_id = $1 and created_at > now() - interval '15 minutes'",
);

/** The sealed secret that was shown within the last quarter of an hour. */
export async function findEnrolment(tx: UserTx): Promise<Buffer | undefined> {
  return (await tx.query(findEnrolmentSql))[0]?.secret;
}

const endEnrolmentSql = userStatement<{ user_id: string }>(
  "identity.end_totp_enrolment",
  "delete from totp_enrolments where user_id = $1 and secret = $2 returning user_id",
);

/** True for exactly one caller. */
export async function endEnrolment(tx: UserTx, secret: Buffer): Promise<boolean> {
  return (await tx.query(endEnrolmentSql, [secret])).length > 0;
}

const storeTotpSql = userStatement<never>(
  "identity.store_totp",
  `insert into totp_factors (user_id, secret, last_step, confirmed_at, last_used_at) values ($1, $2, $3, now(), now())
   on conflict (user_id) do update set secret = excluded.secret, last_step = excluded.last_step, created_at = now(),
     confirmed_at = now(), last_used_at = now()`,
);

/** Stores a confirmed authenticator app in place of whatever there was. The step it was confirmed with is spent. */
export async function storeTotp(tx: UserTx, secret: Buffer, step: number): Promise<void> {
  await tx.query(storeTotpSql, [secret, step]);
}

const deleteTotpSql = userStatement<{ user_id: string }>(
  "identity.delete_totp",
  "delete from totp_factors where user_id = $1 returning user_id",
);

export async function deleteTotp(tx: UserTx): Promise<boolean> {
  return (await tx.query(deleteTotpSql)).length > 0;
}

const deleteCodesSql = userStatement<never>(
  "identity.delete_recovery_codes",
  "delete from recovery_codes where user_id = $1",
);

export async function deleteRecoveryCodes(tx: UserTx): Promise<void> {
  await tx.query(deleteCodesSql);
}

const insertCodesSql = userStatement<never>(
  "identity.insert_recovery_codes",
  "insert into recovery_codes (user_id, hash) select $1, code from unnest($2::bytea[]) as code",
);

/** SECURITY: the codes before these die in the same transaction. */
export async function replaceRecoveryCodes(tx: UserTx, hashes: readonly Buffer[]): Promise<void> {
  await deleteRecoveryCodes(tx);
  await tx.query(insertCodesSql, [hashes]);
}

const clearFailuresSql = userStatement<never>(
  "identity.clear_factor_failures",
  "update users set factor_failures = 0, factor_locked_until = null where user_id = $1",
);

/** What was guessed against factors that are gone does not count against the next ones. */
export async function clearFactorFailures(tx: UserTx): Promise<void> {
  await tx.query(clearFailuresSql);
}

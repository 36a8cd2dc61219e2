// The SQL of second factors at the moment they are shown. Every use is a guarded update: of any number of uses of one code
// or one signature at once, one changes a row.

import { fromUuid, type PasskeyId, toUuid, type UserId } from "../../../kernel/ids.ts";
import { type UserTx, userStatement } from "../../../platform/db/index.ts";
import type { Passkey, PasskeyUse } from "../factors/passkey.ts";
import type { PasskeyTransport } from "../factors/passkey-answers.ts";

/** Where the secret of an authenticator app is. */
export function toTotpField(userId: UserId, table: "totp_factors" | "totp_enrolments") {
  return { table, column: "secret", row: toUuid(userId) };
}

const loadTotpSql = userStatement<{ secret: Buffer }>(
  "identity.load_totp",
  "select secret from totp_factors where user_id = $1 and confirmed_at is not null",
);

/** The sealed secret of the person's authenticator app. */
export async function findTotpSecret(tx: UserTx): Promise<Buffer | undefined> {
  return (await tx.query(loadTotpSql))[0]?.secret;
}

const acceptStepSql = userStatement<{ user_id: string }>(
  "identity.accept_totp_step",
  `update totp_factors set last_step = $2, last_used_at = now()
   where user_id = $1 and secret = $3 and last_step < $2 and confirmed_at is not null returning user_id`,
);

/** SECURITY: a step that was accepted, and every one before it, is refused for good (RFC 6238 5.2). */
export async function acceptTotpStep(tx: UserTx, step: number, secret: Buffer): Promise<boolean> {
  return (await tx.query(acceptStepSql, [step, secret])).length > 0;
}

const useCodeSql = userStatement<{ user_id: string }>(
  "identity.use_recovery_code",
  "update recovery_codes set used_at = now() where user_id = $1 and hash = $2 and used_at is null returning user_id",
);

/** True for exactly one caller. */
export async function useRecoveryCode(tx: UserTx, hash: Buffer): Promise<boolean> {
  return (await tx.query(useCodeSql, [hash])).length > 0;
}

const hasCodeSql = userStatement<{ hash: Buffer }>(
  "identity.has_recovery_code",
  "select hash from recovery_codes where user_id = $1 and hash = $2 and used_at is null",
);

export async function hasRecoveryCode(tx: UserTx, hash: Buffer): Promise<boolean> {
  return (await tx.query(hasCodeSql, [hash])).length > 0;
}

export interface StoredPasskey extends Passkey {
  readonly passkeyId: PasskeyId;
  /** Ciphertext. */
  readonly name: Buffer;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | undefined;
}

interface PasskeyRow {
  passkey_id: string;
  credential_id: Buffer;
  public_key: Buffer;
  counter: string;
  transports: PasskeyTransport[];
  aaguid: string;
  is_backup_eligible: boolean;
  is_backed_up: boolean;
  name: Buffer;
  created_at: Date;
  last_used_at: Date | null;
}

const columns = `passkey_id, credential_id, public_key, counter, transports, aaguid, is_backup_eligible, is_backed_up,
  name, created_at, last_used_at`;

function toPasskey(row: PasskeyRow): StoredPasskey {
  return {
    passkeyId: fromUuid("passkey", row.passkey_id),
    credentialId: row.credential_id.toString("base64url"),
    publicKey: row.public_key,
    counter: Number(row.counter),
    transports: row.transports,
    aaguid: row.aaguid,
    isBackupEligible: row.is_backup_eligible,
    isBackedUp: row.is_backed_up,
    name: row.name,
    createdAtMs: row.created_at.getTime(),
    lastUsedAtMs: row.last_used_at?.getTime(),
  };
}

const findPasskeySql = userStatement<PasskeyRow>(
  "identity.find_passkey",
  `select ${columns} from passkeys where user_id = $1 and credential_id = $2`,
);

export async function findPasskey(tx: UserTx, credentialId: string): Promise<StoredPasskey | undefined> {
  const row = (await tx.query(findPasskeySql, [Buffer.from(credentialId, "base64url")]))[0];
  return row === undefined ? undefined : toPasskey(row);
}

const listPasskeysSql = userStatement<PasskeyRow>(
  "identity.list_passkeys",
  `select ${columns} from passkeys where user_id = $1 order by passkey_id limit 50`,
);

/** The person's passkeys, oldest first. */
export async function listPasskeys(tx: UserTx): Promise<StoredPasskey[]> {
  return (await tx.query(listPasskeysSql)).map(toPasskey);
}

const usePasskeySql = userStatement<{ user_id: string }>(
  "identity.use_passkey",
  `update passkeys set counter = $3, is_backed_up = $4, last_used_at = now()
   where user_id = $1 and credential_id = $2 and (counter < $3 or (counter = 0 and $3::bigint = 0)) returning user_id`,
);

/** SECURITY: a counter never goes back, whatever was read before (WebAuthn 7.2, step 22). */
export async function storePasskeyUse(tx: UserTx, use: PasskeyUse): Promise<boolean> {
  const values = [Buffer.from(use.credentialId, "base64url"), use.counter, use.isBackedUp];
  return (await tx.query(usePasskeySql, values)).length > 0;
}

// The SQL of signing in with a password.

import { type UserTx, userStatement } from "../../../platform/db/index.ts";

export interface SignInRow {
  readonly passwordHash: string | undefined;
  readonly isActive: boolean;
  readonly hasTotp: boolean;
  readonly hasPasskey: boolean;
  readonly hasRecoveryCode: boolean;
  readonly isKnownDevice: boolean;
}

interface Row {
  password: string | null;
  is_active: boolean;
  has_totp: boolean;
  has_passkey: boolean;
  has_recovery_code: boolean;
  is_known_device: boolean;
}

const loadSql = userStatement<Row>(
  "identity.load_sign_in",
  `select u.password, u.status = 'active' as is_active,
     exists (select from totp_factors t where t.user_id = $1 and t.confirmed_at is not null) as has_totp,
     exists (select from passkeys p where p.user_id = $1) as has_passkey,
     exists (select from recovery_codes r where r.user_id = $1 and r.used_at is null) as has_recovery_code,
     exists (select from known_devices d where d.user_id = $1 and d.hash = $2) as is_known_device
   from users u where u.user_id = $1`,
);

/** What signing in as the transaction's person takes. */
export async function findSignIn(tx: UserTx, deviceHash: Buffer): Promise<SignInRow | undefined> {
  const row = (await tx.query(loadSql, [deviceHash]))[0];
  if (row === undefined) return undefined;
  return {
    passwordHash: row.password ?? undefined,
    isActive: row.is_active,
    hasTotp: row.has_totp,
    hasPasskey: row.has_passkey,
    hasRecoveryCode: row.has_recovery_code,
    isKnownDevice: row.is_known_device,
  };
}

const confirmSql = userStatement<{ user_id: string }>(
  "identity.confirm_password",
  `update users set password = coalesce($3, password)
   where user_id = $1 and password = $2 and status = 'active' returning user_id`,
);

/**
 * Holds the person's row and makes sure that the password that was checked is still theirs; stores a stronger hash of it,
 * if one is given. SECURITY: of a sign-in and a change of the password at the same moment, the later one sees the earlier.
 */
export async function confirmPassword(tx: UserTx, checked: string, stronger: string | undefined): Promise<boolean> {
  return (await tx.query(confirmSql, [checked, stronger ?? null])).length > 0;
}

const storePasswordSql = userStatement<{ user_id: string }>(
  "identity.store_password",
  `update users set password = $2, password_set_at = now(), password_failures = 0, password_locked_until = null
   where user_id = $1 and status = 'active' and ($3::text is null or password = $3) returning user_id`,
);

/** Stores a password's hash; `former`, when given, must still be the one stored. */
export async function storePassword(tx: UserTx, hash: string, former: string | undefined): Promise<boolean> {
  return (await tx.query(storePasswordSql, [hash, former ?? null])).length > 0;
}

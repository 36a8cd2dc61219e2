// The SQL of people.

import { fromUuid, toUuid, type UserId } from "../../../kernel/ids.ts";
import { systemStatement, type UserTx, userStatement } from "../../../platform/db/index.ts";
import type { SecretReader } from "../../secrets/index.ts";

/** Whose address an index is. */
export const findUserSql = systemStatement<{ user_id: string }>(
  "identity.find_user",
  "select user_id from parley_find_user($1)",
);

const listUsersSql = systemStatement<{ user_id: string }>(
  "identity.list_users",
  "select user_id from parley_list_users($1, $2)",
);

/** A page of everybody, in the order of their accounts' age. */
export async function listUserIds(
  reader: SecretReader,
  page: { after: UserId | undefined; first: number },
): Promise<UserId[]> {
  const after = page.after === undefined ? null : toUuid(page.after);
  const rows = await reader.lookUp(listUsersSql, [after, page.first]);
  return rows.map((row) => fromUuid("user", row.user_id));
}

export interface UserToInsert {
  readonly emailIndex: Buffer;
  readonly email: Buffer;
  readonly name: Buffer;
  readonly passwordHash: string | null;
}

const insertUserSql = userStatement<{ user_id: string }>(
  "identity.insert_user",
  `insert into users (user_id, email_index, email, name, password, password_set_at)
   values ($1, $2, $3, $4, $5, case when $5::text is not null then now() end)
   on conflict (email_index) do nothing returning user_id`,
);

/** Answers false, with nothing done, when the address belongs to somebody. */
export async function insertUser(tx: UserTx, user: UserToInsert): Promise<boolean> {
  const { emailIndex, email, name, passwordHash } = user;
  return (await tx.query(insertUserSql, [emailIndex, email, name, passwordHash])).length > 0;
}

export interface StoredUser {
  readonly email: Buffer;
  readonly name: Buffer;
  readonly status: "active" | "disabled";
  readonly hasPassword: boolean;
  readonly hasTotp: boolean;
  readonly passkeys: number;
  readonly recoveryCodesLeft: number;
  readonly createdAtMs: number;
  readonly passwordSetAtMs: number | undefined;
  readonly lastSignInAtMs: number | undefined;
}

interface UserRow {
  email: Buffer;
  name: Buffer;
  status: StoredUser["status"];
  has_password: boolean;
  has_totp: boolean;
  passkeys: number;
  recovery_codes_left: number;
  created_at: Date;
  password_set_at: Date | null;
  last_sign_in_at: Date | null;
}

const loadUserSql = userStatement<UserRow>(
  "identity.load_user",
  `select u.email, u.name, u.status, u.password is not null as has_password, u.created_at,
     u.password_set_at, u.last_sign_in_at,
     exists (select from totp_factors t where t.user_id = $1 and t.confirmed_at is not null) as has_totp,
     (select count(*)::integer from passkeys p where p.user_id = $1) as passkeys,
     (select count(*)::integer from recovery_codes r where r.user_id = $1 and r.used_at is null) as recovery_codes_left
   from users u where u.user_id = $1`,
);

/** The transaction's person; undefined when there is none. */
export async function loadUser(tx: UserTx): Promise<StoredUser | undefined> {
  const row = (await tx.query(loadUserSql))[0];
  if (row === undefined) return undefined;
  return {
    email: row.email,
    name: row.name,
    status: row.status,
    hasPassword: row.has_password,
    hasTotp: row.has_totp,
    passkeys: row.passkeys,
    recoveryCodesLeft: row.recovery_codes_left,
    createdAtMs: row.created_at.getTime(),
    passwordSetAtMs: row.password_set_at?.getTime(),
    lastSignInAtMs: row.last_sign_in_at?.getTime(),
  };
}

const renameUserSql = userStatement<{ user_id: string }>(
  "identity.rename_user",
  "update users set name = $2 where user_id = $1 returning user_id",
);

export async function storeName(tx: UserTx, name: Buffer): Promise<boolean> {
  return (await tx.query(renameUserSql, [name])).length > 0;
}

const changeEmailSql = userStatement<{ user_id: string }>(
  "identity.change_email",
  "update users set email_index = $2, email = $3 where user_id = $1 and status = 'active' returning user_id",
);

/** Throws `database.conflict` when the address belongs to somebody else. */
export async function storeEmail(tx: UserTx, index: Buffer, email: Buffer): Promise<boolean> {
  return (await tx.query(changeEmailSql, [index, email])).length > 0;
}

const setStatusSql = userStatement<{ user_id: string }>(
  "identity.set_user_status",
  "update users set status = $2 where user_id = $1 and status <> $2 returning user_id",
);

/** Answers whether it changed. */
export async function storeStatus(tx: UserTx, status: StoredUser["status"]): Promise<boolean> {
  return (await tx.query(setStatusSql, [status])).length > 0;
}

/** Where a sealed column of a person is. */
export function toUserField(userId: UserId, column: "email" | "name"): { table: string; column: string; row: string } {
  return { table: "users", column, row: toUuid(userId) };
}

const holdUserSql = userStatement<{ user_id: string }>(
  "identity.hold_user",
  "select user_id from users where user_id = $1 for update",
);

/**
 * Holds the person's row until the transaction ends. Whatever changes how somebody proves who they are begins with it, so
 * that such changes happen one after the other and none can wait for another in a circle.
 */
export async function holdUser(tx: UserTx): Promise<void> {
  await tx.query(holdUserSql);
}

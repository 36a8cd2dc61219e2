// People: made, found by address, read, renamed. What must stay true: an address belongs to one person, and whoever looks
// somebody up by it learns an id and nothing else.

import { AppError } from "../../../kernel/errors.ts";
import { fromUuid, type UserId } from "../../../kernel/ids.ts";
import { newId } from "../../../platform/crypto/random.ts";
import type { BatchTx, UserTx } from "../../../platform/db/index.ts";
import type { Sealer } from "../../keys/index.ts";
import type { SecretReader } from "../../secrets/index.ts";
import { identityErrors } from "../errors.ts";
import { endSessions } from "../sessions/store.ts";
import { type Email, toEmailIndex } from "./email.ts";
import { toPersonName } from "./name.ts";
import { findUserSql, insertUser, loadUser, type StoredUser, storeName, storeStatus, toUserField } from "./store.ts";

/** A person as the rest of the product sees one: what they have, never what it is. */
export interface User extends Omit<StoredUser, "email" | "name"> {
  readonly userId: UserId;
  readonly email: Email;
  readonly name: string;
}

/** The person with this address, of any status; undefined when there is none. */
export async function findUserId(reader: SecretReader, email: Email, sealer: Sealer): Promise<UserId | undefined> {
  const row = (await reader.lookUp(findUserSql, [toEmailIndex(email, sealer)]))[0];
  return row === undefined ? undefined : fromUuid("user", row.user_id);
}

export interface NewUser {
  readonly email: Email;
  readonly name: string;
  /** From `PasswordHasher.hash`; left out for somebody who signs in otherwise. */
  readonly passwordHash?: string | undefined;
}

/**
 * Makes a person. Throws `identity.email_taken`, leaving the transaction usable, when the address belongs to somebody;
 * of parallel calls for one address exactly one succeeds.
 */
export async function createUser(batch: BatchTx, user: NewUser, sealer: Sealer): Promise<UserId> {
  const userId = newId("user");
  const isMade = await insertUser(batch.enterUser(userId), {
    emailIndex: toEmailIndex(user.email, sealer),
    email: sealer.seal(toUserField(userId, "email"), user.email),
    name: sealer.seal(toUserField(userId, "name"), toPersonName(user.name)),
    passwordHash: user.passwordHash ?? null,
  });
  if (!isMade) throw new AppError(identityErrors.emailTaken);
  return userId;
}

/** The transaction's person. Throws `identity.unknown_user`. */
export async function readUser(tx: UserTx, sealer: Sealer): Promise<User> {
  const stored = await loadUser(tx);
  if (stored === undefined) throw new AppError(identityErrors.unknownUser);
  const open = (column: "email" | "name"): string =>
    sealer.open(toUserField(tx.userId, column), stored[column]).toString("utf8");
  return { ...stored, userId: tx.userId, email: open("email") as Email, name: open("name") };
}

/** Gives the transaction's person another name and returns it as stored. Copies in organisations are theirs to change. */
export async function renameUser(tx: UserTx, name: string, sealer: Sealer): Promise<string> {
  const stored = toPersonName(name);
  const isDone = await storeName(tx, sealer.seal(toUserField(tx.userId, "name"), stored));
  if (!isDone) throw new AppError(identityErrors.unknownUser);
  return stored;
}

/**
 * Lets a person sign in no more, or again. Answers whether that changed.
 * SECURITY: disabling ends every session in the same transaction.
 */
export async function setUserStatus(tx: UserTx, status: "active" | "disabled"): Promise<boolean> {
  const isChanged = await storeStatus(tx, status);
  if (status === "disabled") await endSessions(tx, "disabled");
  return isChanged;
}

// Who may change whose rights. Every change happens under the organisation's lock and looks again, behind it, at what the
// person who asks holds: of two owners who remove each other at once, one is too late.

import type { Caller, Permission } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { UserId } from "../../../kernel/ids.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import { organisationErrors } from "../errors.ts";
import { coversGrant, type Grant, isAdministrative, toRights } from "../rights/rights.ts";
import { findStanding } from "../rights/store.ts";
import { hasOwner, listGrants, lockRights, replaceGrants } from "./grant-store.ts";
import { findUser, type StoredUser, setStatus, type UserStatus } from "./user-store.ts";

/** The person who asks, as they stand behind the lock. */
export interface Changer {
  readonly userId: UserId;
  readonly grants: readonly Grant[];
  readonly permissions: readonly Permission[];
}

/** The person behind a call. Only people stand in an organisation. */
export function toPerson(actor: Caller): UserId {
  if (actor.kind !== "user") throw new AppError(organisationErrors.beyondYou, { note: actor.kind });
  return actor.userId;
}

/** Locks the organisation's rights and reads what the caller holds behind the lock. Throws when it is not enough any more. */
export async function lockAs(tx: OrganisationTx, actor: Caller, permission: Permission): Promise<Changer> {
  const userId = toPerson(actor);
  await lockRights(tx);
  const grants = (await findStanding(tx, userId))?.grants ?? [];
  const permissions = toRights(grants, undefined, permission)?.permissions ?? [];
  if (!permissions.includes(permission)) throw new AppError(organisationErrors.beyondYou, { note: permission });
  return { userId, grants, permissions };
}

/**
 * Throws unless the caller may give, and so also take, all of these grants.
 * SECURITY: nobody gives or takes what they do not hold, and only who may administer gives or takes what administers.
 */
export function assertMayGive(changer: Changer, grants: readonly Grant[]): void {
  const isCovered = grants.every((grant) => coversGrant(changer.grants, grant));
  const isAllowed = changer.permissions.includes("user:administer") || !grants.some(isAdministrative);
  if (!isCovered || !isAllowed) throw new AppError(organisationErrors.beyondYou);
}

/** SECURITY: an organisation always has an owner who can act. */
async function assertOwned(tx: OrganisationTx): Promise<void> {
  if (!(await hasOwner(tx))) throw new AppError(organisationErrors.lastOwner);
}

/** The user a change is about, whom the caller may change. */
async function getChangeable(tx: OrganisationTx, changer: Changer, userId: UserId): Promise<StoredUser> {
  const user = await findUser(tx, userId);
  if (user === undefined) throw new AppError(organisationErrors.userNotFound);
  assertMayGive(changer, await listGrants(tx, userId));
  return user;
}

/** Replaces what a user holds. */
export async function setGrants(
  tx: OrganisationTx,
  changer: Changer,
  wanted: { userId: UserId; grants: readonly Grant[] },
): Promise<void> {
  await getChangeable(tx, changer, wanted.userId);
  assertMayGive(changer, wanted.grants);
  await replaceGrants(tx, wanted.userId, wanted.grants);
  await assertOwned(tx);
}

/** Takes a user's access to this organisation away, for a time or for good, or gives it back. Nothing else of theirs ends. */
export async function changeStatus(
  tx: OrganisationTx,
  changer: Changer,
  wanted: { userId: UserId; status: UserStatus },
): Promise<void> {
  await getChangeable(tx, changer, wanted.userId);
  if (wanted.status === "removed") await replaceGrants(tx, wanted.userId, []);
  await setStatus(tx, wanted.userId, wanted.status);
  await assertOwned(tx);
}

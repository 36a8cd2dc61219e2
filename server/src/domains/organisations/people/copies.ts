// The copies of a person's address and name that each of their organisations keeps, so that no list looks outside its
// tenant. A copy is bound to its organisation and person: moved elsewhere, it cannot be read.

import { fromUuid, type OrganisationId, toUuid, type UserId } from "../../../kernel/ids.ts";
import type { BatchTx, OrganisationTx } from "../../../platform/db/index.ts";
import { type Email, toEmailIndex } from "../../identity/index.ts";
import type { Field, Sealer } from "../../keys/index.ts";
import { listEnrolmentsSql } from "../store.ts";
import { putUser, type StoredUser, storeCopy, type UserCopy } from "./user-store.ts";

export interface PersonalData {
  readonly userId: UserId;
  readonly email: Email;
  readonly name: string;
}

function toField(organisationId: OrganisationId, userId: UserId, column: "email" | "name"): Field {
  return { table: "organisation_users", column, row: `${toUuid(organisationId)}${toUuid(userId)}` };
}

function sealCopy(organisationId: OrganisationId, { userId, email, name }: PersonalData, sealer: Sealer): UserCopy {
  return {
    userId,
    emailIndex: toEmailIndex(email, sealer),
    email: sealer.seal(toField(organisationId, userId, "email"), email),
    name: sealer.seal(toField(organisationId, userId, "name"), name),
  };
}

/** Makes somebody a user of the organisation. Answers false when they are one already, disabled or not. */
export function addUser(tx: OrganisationTx, person: PersonalData, sealer: Sealer): Promise<boolean> {
  return putUser(tx, sealCopy(tx.organisationId, person, sealer));
}

/** A stored copy in clear. */
export function openCopy(
  organisationId: OrganisationId,
  stored: Pick<StoredUser, "userId" | "email"> & Partial<Pick<StoredUser, "name">>,
  sealer: Sealer,
): { email: string; name: string } {
  const open = (column: "email" | "name", value: Buffer | undefined): string =>
    value === undefined ? "" : sealer.open(toField(organisationId, stored.userId, column), value).toString("utf8");
  return { email: open("email", stored.email), name: open("name", stored.name) };
}

/**
 * Writes a changed address or name into every organisation the person is a user of, disabled or not: for the flows that change
 * either, in their transaction.
 */
export async function refreshCopies(batch: BatchTx, person: PersonalData, sealer: Sealer): Promise<void> {
  for (const row of await batch.lookUp(listEnrolmentsSql, [toUuid(person.userId)])) {
    const organisationId = fromUuid("organisation", row.organisation_id);
    await storeCopy(batch.enterOrganisation(organisationId), sealCopy(organisationId, person, sealer));
  }
}

// The SQL of invitations. The address is ciphertext; it is compared by its keyed index.

import { fromUuid, type InvitationId, toUuid, type UserId } from "../../../kernel/ids.ts";
import { type OrganisationTx, organisationStatement } from "../../../platform/db/index.ts";
import type { GrantWish } from "../people/read-grants.ts";

export interface StoredInvitation {
  readonly invitationId: InvitationId;
  readonly emailIndex: Buffer;
  readonly email: Buffer;
  readonly grants: readonly GrantWish[];
  readonly invitedBy: UserId;
  readonly sentAt: Date;
  readonly expiresAt: Date;
  readonly isExpired: boolean;
  /** Which of its letters counts. */
  readonly serial: number;
}

interface InvitationRow {
  invitation_id: string;
  email_index: Buffer;
  email: Buffer;
  grants: GrantWish[];
  invited_by: string;
  sent_at: Date;
  expires_at: Date;
  is_expired: boolean;
  serial: number;
}

function toInvitation(row: InvitationRow): StoredInvitation {
  return {
    invitationId: fromUuid("invitation", row.invitation_id),
    ...{ emailIndex: row.email_index, email: row.email, grants: row.grants, serial: row.serial },
    invitedBy: fromUuid("user", row.invited_by),
    ...{ sentAt: row.sent_at, expiresAt: row.expires_at, isExpired: row.is_expired },
  };
}

const columns = `invitation_id, email_index, email, grants, invited_by, sent_at, expires_at,
  expires_at <= now() as is_expired, serial`;
/** Neither accepted nor taken back; perhaps expired. */
const open = "accepted_at is null and revoked_at is null";

const insertSql = organisationStatement<{ expires_at: Date; sent_at: Date }>(
  "organisations.insert_invitation",
  `insert into invitations (organisation_id, invitation_id, email_index, email, grants, invited_by, expires_at)
   values ($1, $2, $3, $4, $5::jsonb, $6, now() + make_interval(secs => $7)) returning sent_at, expires_at`,
);

export async function insertInvitation(
  tx: OrganisationTx,
  invitation: Pick<StoredInvitation, "invitationId" | "emailIndex" | "email" | "grants" | "invitedBy">,
  seconds: number,
): Promise<void> {
  const { invitationId, emailIndex, email, grants, invitedBy } = invitation;
  const values = [toUuid(invitationId), emailIndex, email, JSON.stringify(grants), toUuid(invitedBy), seconds];
  await tx.query(insertSql, values);
}

const listSql = organisationStatement<InvitationRow>(
  "organisations.list_invitations",
  `select ${columns} from invitations where organisation_id = $1 and ${open}
   and ($2::uuid is null or invitation_id < $2) order by invitation_id desc limit $3`,
);

/** A page of open invitations, newest first. */
export async function listInvitations(
  tx: OrganisationTx,
  page: { after?: InvitationId | undefined; first: number },
): Promise<StoredInvitation[]> {
  const after = page.after === undefined ? null : toUuid(page.after);
  return (await tx.query(listSql, [after, page.first])).map(toInvitation);
}

const findSql = organisationStatement<InvitationRow>(
  "organisations.find_invitation",
  `select ${columns} from invitations where organisation_id = $1 and invitation_id = $2 and ${open}`,
);

export async function findInvitation(
  tx: OrganisationTx,
  invitationId: InvitationId,
): Promise<StoredInvitation | undefined> {
  const row = (await tx.query(findSql, [toUuid(invitationId)]))[0];
  return row === undefined ? undefined : toInvitation(row);
}

const countOpenSql = organisationStatement<{ count: string }>(
  "organisations.count_invitations",
  `select count(*) as count from invitations where organisation_id = $1 and ${open} and expires_at > now()`,
);

export async function countInvitations(tx: OrganisationTx): Promise<number> {
  return Number((await tx.query(countOpenSql))[0]?.count ?? 0);
}

const revokeSql = organisationStatement<{ invitation_id: string }>(
  "organisations.revoke_invitation",
  `update invitations set revoked_at = now()
   where organisation_id = $1 and invitation_id = $2 and ${open} returning invitation_id`,
);

/** Takes an invitation back. Answers whether it was open. */
export async function revokeInvitation(tx: OrganisationTx, invitationId: InvitationId): Promise<boolean> {
  return (await tx.query(revokeSql, [toUuid(invitationId)])).length > 0;
}

const revokeForSql = organisationStatement<never>(
  "organisations.revoke_invitations_for",
  `update invitations set revoked_at = now() where organisation_id = $1 and email_index = $2 and ${open}`,
);

/** Takes back what is open for an address. */
export async function revokeInvitationsFor(tx: OrganisationTx, emailIndex: Buffer): Promise<void> {
  await tx.query(revokeForSql, [emailIndex]);
}

const renewSql = organisationStatement<{ serial: number }>(
  "organisations.renew_invitation",
  `update invitations set serial = serial + 1, sent_at = now(), invited_by = $3,
     expires_at = now() + make_interval(secs => $4)
   where organisation_id = $1 and invitation_id = $2 and serial < $5 and ${open} returning serial`,
);

/** Begins an invitation's time again, in the name of who sends it. Returns the serial of the letter that counts from then on; undefined after too many. */
export async function renewInvitation(
  tx: OrganisationTx,
  invitationId: InvitationId,
  by: { userId: UserId; seconds: number; lettersMax: number },
): Promise<number | undefined> {
  const values = [toUuid(invitationId), toUuid(by.userId), by.seconds, by.lettersMax];
  return (await tx.query(renewSql, values))[0]?.serial;
}

const acceptSql = organisationStatement<{ invitation_id: string }>(
  "organisations.accept_invitation",
  `update invitations set accepted_at = now(), accepted_by = $4
   where organisation_id = $1 and invitation_id = $2 and serial = $3 and ${open} and expires_at > now()
   returning invitation_id`,
);

/** SECURITY: true for exactly one caller, and only for the link of the letter that was sent last. */
export async function markAccepted(
  tx: OrganisationTx,
  accepted: { invitationId: InvitationId; serial: number; userId: UserId },
): Promise<boolean> {
  const { invitationId, serial, userId } = accepted;
  return (await tx.query(acceptSql, [toUuid(invitationId), serial, toUuid(userId)])).length > 0;
}

// Invites people. An invitation is for one address, gives what the inviter holds, and is a letter with a link that works
// once. What happens here looks into no account: a known address and an unknown one are the same to it.

import type { Caller } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { type InvitationId, toUuid, type UserId } from "../../../kernel/ids.ts";
import { newId } from "../../../platform/crypto/random.ts";
import type { OrganisationTx } from "../../../platform/db/index.ts";
import { type Email, toEmail, toEmailIndex } from "../../identity/index.ts";
import type { Field, Sealer } from "../../keys/index.ts";
import { queueLetter } from "../../letters/index.ts";
import { toInvitationLetter } from "../../notices/index.ts";
import { drawSecret, keepSecret, secretSeconds } from "../../secrets/index.ts";
import type { OrganisationDeps } from "../deps.ts";
import { organisationErrors } from "../errors.ts";
import { toInvitationLink } from "../links.ts";
import { assertMayGive, type Changer, lockAs } from "../people/change-rights.ts";
import { openCopy } from "../people/copies.ts";
import { type GrantWish, readGrants } from "../people/read-grants.ts";
import { findUser, hasAddress } from "../people/user-store.ts";
import { findApp, readOrganisationName } from "../place-store.ts";
import type { Grant } from "../rights/rights.ts";
import { findRole } from "../roles/store.ts";
import {
  countInvitations,
  findInvitation,
  insertInvitation,
  renewInvitation,
  revokeInvitation,
  revokeInvitationsFor,
  type StoredInvitation,
} from "./store.ts";

/** Open invitations of one organisation: nobody sends letters to the world from here. */
export const invitationsMax = 1_000;

/** Letters of one invitation; more would only fill a mailbox. */
const lettersMax = 10;

type InviteDeps = Pick<OrganisationDeps, "clock" | "installation" | "publicUrl">;

export function toInvitationField(invitationId: InvitationId): Field {
  return { table: "invitations", column: "email", row: toUuid(invitationId) };
}

/** What the secret in a link leads to. */
export interface InvitationTicket {
  readonly invitationId: InvitationId;
  readonly serial: number;
}

async function nameOf(tx: OrganisationTx, userId: UserId, sealer: Sealer): Promise<string> {
  const user = await findUser(tx, userId);
  return user === undefined ? "" : openCopy(tx.organisationId, user, sealer).name;
}

async function nameRole(tx: OrganisationTx, { role }: Grant): Promise<string> {
  return "builtIn" in role ? role.builtIn : ((await findRole(tx, role.roleId))?.name ?? "");
}

interface Sending {
  readonly ticket: InvitationTicket;
  readonly email: Email;
  readonly grants: readonly Grant[];
  readonly inviter: UserId;
  readonly sealer: Sealer;
}

async function send(deps: InviteDeps, tx: OrganisationTx, sending: Sending): Promise<void> {
  const { ticket, email, grants, inviter, sealer } = sending;
  const token = drawSecret();
  const { organisationId } = tx;
  const payload = JSON.stringify(ticket);
  await keepSecret(tx.batch, token, { purpose: "invitation", organisationId, payload, sealer });
  const [first] = grants;
  const app = first?.appId === undefined ? undefined : await findApp(tx, first.appId);
  const sentAtMs = deps.clock.nowMs();
  const letter = toInvitationLetter({
    organisationName: await readOrganisationName(tx),
    inviterName: await nameOf(tx, inviter, sealer),
    role: first === undefined ? "" : await nameRole(tx, first),
    ...(app === undefined ? {} : { appName: app.name }),
    link: toInvitationLink(deps.publicUrl, token),
    ...{ sentAtMs, expiresAtMs: sentAtMs + secretSeconds.invitation * 1000 },
  });
  await queueLetter(tx.batch, sealer, { to: email, ...letter });
}

export interface InviteInput {
  readonly email: string;
  readonly grants: readonly GrantWish[];
}

/**
 * Invites an address. What was open for it before is taken back. Throws `organisations.user_exists` for a user of this
 * very organisation, `organisations.beyond_you`, `organisations.invalid_grants`, `identity.email_invalid`.
 */
export async function invite(
  deps: InviteDeps,
  tx: OrganisationTx,
  { actor, input }: { actor: Caller; input: InviteInput },
): Promise<InvitationId> {
  const sealer = await deps.installation.sealer();
  const email = toEmail(input.email);
  const changer = await lockAs(tx, actor, "user:invite");
  const grants = await readGrants(tx, input.grants);
  assertMayGive(changer, grants);
  const emailIndex = toEmailIndex(email, sealer);
  if (await hasAddress(tx, emailIndex)) throw new AppError(organisationErrors.userExists);
  await revokeInvitationsFor(tx, emailIndex);
  if ((await countInvitations(tx)) >= invitationsMax) throw new AppError(organisationErrors.tooMany);
  const invitationId = newId("invitation");
  const sealed = sealer.seal(toInvitationField(invitationId), email);
  const invitation = { invitationId, emailIndex, email: sealed, grants: input.grants, invitedBy: changer.userId };
  await insertInvitation(tx, invitation, secretSeconds.invitation);
  const ticket = { invitationId, serial: 1 };
  await send(deps, tx, { ticket, email, grants, inviter: changer.userId, sealer });
  return invitationId;
}

async function getInvitation(tx: OrganisationTx, invitationId: InvitationId): Promise<StoredInvitation> {
  const invitation = await findInvitation(tx, invitationId);
  if (invitation === undefined) throw new AppError(organisationErrors.invitationNotFound);
  return invitation;
}

async function getSendable(tx: OrganisationTx, changer: Changer, invitationId: InvitationId) {
  const invitation = await getInvitation(tx, invitationId);
  const grants = await readGrants(tx, invitation.grants);
  assertMayGive(changer, grants);
  return { invitation, grants };
}

/** Sends an invitation again, in the name of who asks. SECURITY: the link before ends. */
export async function sendInvitationAgain(
  deps: InviteDeps,
  tx: OrganisationTx,
  { actor, invitationId }: { actor: Caller; invitationId: InvitationId },
): Promise<void> {
  const sealer = await deps.installation.sealer();
  const changer = await lockAs(tx, actor, "user:invite");
  const { invitation, grants } = await getSendable(tx, changer, invitationId);
  const by = { userId: changer.userId, seconds: secretSeconds.invitation, lettersMax };
  const serial = await renewInvitation(tx, invitationId, by);
  if (serial === undefined) throw new AppError(organisationErrors.tooManyLetters);
  const email = toEmail(sealer.open(toInvitationField(invitationId), invitation.email).toString("utf8"));
  await send(deps, tx, { ticket: { invitationId, serial }, email, grants, inviter: changer.userId, sealer });
}

/** Takes an open invitation back. */
export async function takeInvitationBack(tx: OrganisationTx, invitationId: InvitationId): Promise<void> {
  if (!(await revokeInvitation(tx, invitationId))) throw new AppError(organisationErrors.invitationNotFound);
}

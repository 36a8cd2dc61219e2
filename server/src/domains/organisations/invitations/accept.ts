// Accepts invitations: as somebody who has no account yet, or as the signed-in person whose address was invited. An
// invitation belongs to its address and gives no more than its sender may give on the day it is accepted.

import { AppError, isError } from "../../../kernel/errors.ts";
import type { OrganisationId, UserId } from "../../../kernel/ids.ts";
import type { BatchTx, OrganisationTx, UserTx } from "../../../platform/db/index.ts";
import { recordAudit } from "../../audit/index.ts";
import {
  createUser,
  type Email,
  findUserId,
  identityErrors,
  readUser,
  type StartedSession,
  startSession,
  toContextWords,
  toEmail,
  toEmailIndex,
  toPersonName,
} from "../../identity/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { readSecret, useSecret } from "../../secrets/index.ts";
import { type Mark, type OrganisationDeps, toNote } from "../deps.ts";
import { organisationErrors } from "../errors.ts";
import { assertMayGive } from "../people/change-rights.ts";
import { addUser, openCopy, type PersonalData } from "../people/copies.ts";
import { lockRights, replaceGrants } from "../people/grant-store.ts";
import { readRemainingGrants } from "../people/read-grants.ts";
import { findUser } from "../people/user-store.ts";
import { findApp, readOrganisationName } from "../place-store.ts";
import { limitsFor } from "../places.ts";
import { type Grant, toRights } from "../rights/rights.ts";
import { findStanding } from "../rights/store.ts";
import { findRole } from "../roles/store.ts";
import { type InvitationTicket, toInvitationField } from "./invite.ts";
import { findInvitation, markAccepted, type StoredInvitation } from "./store.ts";

const anonymous = { kind: "anonymous" } as const;

interface Found {
  readonly tx: OrganisationTx;
  readonly invitation: StoredInvitation;
  readonly grants: readonly Grant[];
  readonly email: Email;
}

/** SECURITY: one refusal for a token that is wrong, used, expired, taken back, replaced, or sent to somebody else. */
function refuse(note: string): never {
  throw new AppError(identityErrors.linkRefused, { note });
}

/** SECURITY: whoever was demoted or removed since gives nothing with an earlier invitation. */
async function assertStillGiven(tx: OrganisationTx, inviter: UserId, grants: readonly Grant[]): Promise<void> {
  const standing = await findStanding(tx, inviter);
  const rights = toRights(standing?.grants ?? [], undefined, "user:invite");
  if (standing === undefined || standing.policy.isSuspended || rights === undefined) return refuse("inviter");
  if (!rights.permissions.includes("user:invite") || grants.length === 0) return refuse("inviter or grants");
  try {
    assertMayGive({ userId: inviter, grants: standing.grants, permissions: rights.permissions }, grants);
  } catch (error) {
    if (isError(error, organisationErrors.beyondYou)) refuse("inviter has less");
    throw error;
  }
}

interface Subject {
  readonly organisationId?: OrganisationId | undefined;
  readonly payload?: string | undefined;
}

/** The open invitation that a secret led to. */
async function findOpen(batch: BatchTx, subject: Subject | undefined, sealer: Sealer): Promise<Found> {
  if (subject?.organisationId === undefined || subject.payload === undefined) return refuse("token");
  const ticket = JSON.parse(subject.payload) as InvitationTicket;
  const tx = batch.enterOrganisation(subject.organisationId);
  const invitation = await findInvitation(tx, ticket.invitationId);
  if (invitation === undefined || invitation.isExpired || invitation.serial !== ticket.serial) return refuse("state");
  const grants = await readRemainingGrants(tx, invitation.grants);
  await assertStillGiven(tx, invitation.invitedBy, grants);
  const email = toEmail(sealer.open(toInvitationField(ticket.invitationId), invitation.email).toString("utf8"));
  return { tx, invitation, grants, email };
}

/** Uses the token up and finds its invitation again, where nobody can change rights meanwhile. */
async function claim(batch: BatchTx, token: string, sealer: Sealer): Promise<Found> {
  const subject = await useSecret(batch, { secret: token, purpose: "invitation", sealer });
  if (subject?.organisationId !== undefined) await lockRights(batch.enterOrganisation(subject.organisationId));
  return findOpen(batch, subject, sealer);
}

/** SECURITY: the guarded update lets one of any number of callers in. */
async function join(
  found: Found,
  person: PersonalData,
  { sealer, mark }: { sealer: Sealer; mark: Mark },
): Promise<void> {
  const { tx, invitation, grants } = found;
  const { invitationId, serial } = invitation;
  const { userId } = person;
  if (!(await markAccepted(tx, { invitationId, serial, userId }))) refuse("accepted meanwhile");
  if (!(await addUser(tx, person, sealer))) refuse("is a user, perhaps a disabled one");
  await replaceGrants(tx, userId, grants);
  await recordAudit(tx, toNote(mark, "invitation.accepted", { invitationId, userId }));
}

export interface InvitationShown {
  readonly organisationId: OrganisationId;
  readonly organisationName: string;
  readonly inviterName: string;
  /** Whom it is for. */
  readonly email: string;
  readonly roles: readonly { readonly role: string; readonly appName: string | undefined }[];
  readonly expiresAt: Date;
  /** Whether the address has an account, to sign in with. Said to nobody but who holds the letter sent to it. */
  readonly hasAccount: boolean;
}

async function describeGrant(tx: OrganisationTx, { role, appId }: Grant): Promise<InvitationShown["roles"][number]> {
  const name = "builtIn" in role ? role.builtIn : ((await findRole(tx, role.roleId))?.name ?? "");
  const app = appId === undefined ? undefined : await findApp(tx, appId);
  return { role: name, appName: app?.name };
}

/** What a link invites to. Throws `identity.link_refused`. Nothing is used up. */
export async function readInvitation(
  deps: Pick<OrganisationDeps, "database" | "installation">,
  token: string,
): Promise<InvitationShown> {
  const sealer = await deps.installation.sealer();
  return deps.database.withBatch(anonymous, async (batch) => {
    const subject = await readSecret(batch, { secret: token, purpose: "invitation", sealer });
    const { tx, invitation, grants, email } = await findOpen(batch, subject, sealer);
    const inviter = await findUser(tx, invitation.invitedBy);
    const roles: InvitationShown["roles"][number][] = [];
    for (const grant of grants) roles.push(await describeGrant(tx, grant));
    return {
      organisationId: tx.organisationId,
      organisationName: await readOrganisationName(tx),
      inviterName: inviter === undefined ? "" : openCopy(tx.organisationId, inviter, sealer).name,
      ...{ email, roles, expiresAt: invitation.expiresAt },
      hasAccount: (await findUserId(batch, email, sealer)) !== undefined,
    };
  });
}

export interface AcceptAsNewInput {
  readonly token: string;
  readonly name: string;
  readonly password: string;
}

export interface Accepted {
  readonly organisationId: OrganisationId;
  readonly userId: UserId;
}

/** Judged and hashed before any transaction: neither holds a connection, and a refused password leaves the link usable. */
async function toPasswordHash(
  deps: OrganisationDeps,
  input: AcceptAsNewInput,
  shown: InvitationShown,
): Promise<string> {
  const names = [shown.organisationName, ...shown.roles.map((role) => role.appName)];
  const contextWords = [
    ...toContextWords({ personName: input.name, email: shown.email }),
    ...names.flatMap((organisation) => toContextWords({ organisation })),
  ];
  await deps.judge.assertAcceptable(input.password, { hasSecondFactor: false, contextWords });
  return deps.hasher.hash(input.password);
}

/**
 * Accepts as somebody without an account: makes the person, their part in the organisation and a session. Throws
 * `identity.link_refused`, `identity.weak_password`, `organisations.sign_in_to_accept` when the address has an account.
 * SECURITY: an account that exists is never given a password by an invitation (CVE-2026-44707).
 */
export async function acceptAsNew(
  deps: OrganisationDeps,
  input: AcceptAsNewInput,
  mark: Mark,
): Promise<Accepted & { readonly started: StartedSession }> {
  const name = toPersonName(input.name);
  const shown = await readInvitation(deps, input.token);
  if (shown.hasAccount) throw new AppError(organisationErrors.signInToAccept);
  const passwordHash = await toPasswordHash(deps, input, shown);
  const sealer = await deps.installation.sealer();
  return deps.database.withBatch(anonymous, async (batch) => {
    const found = await claim(batch, input.token, sealer);
    const { email, tx } = found;
    const userId = await createUser(batch, { email, name, passwordHash }, sealer).catch((error: unknown) => {
      throw isError(error, identityErrors.emailTaken) ? new AppError(organisationErrors.signInToAccept) : error;
    });
    await join(found, { userId, email, name }, { sealer, mark });
    const methods = ["password", "invitation"] as const;
    const started = await startSession(batch, { ...mark, userId, methods, sealer }, { ...deps, limitsFor });
    return { organisationId: tx.organisationId, userId, started };
  });
}

/**
 * Accepts as the transaction's person. Throws `identity.link_refused`, also for whoever's address is not the invited one.
 * SECURITY: an invitation cannot be accepted by another account than the invited address's.
 */
export async function acceptAsMyself(
  deps: Pick<OrganisationDeps, "installation">,
  me: UserTx,
  { token, mark }: { token: string; mark: Mark },
): Promise<Accepted> {
  const sealer = await deps.installation.sealer();
  const { userId, email, name } = await readUser(me, sealer);
  const found = await claim(me.batch, token, sealer);
  if (!found.invitation.emailIndex.equals(toEmailIndex(email, sealer))) refuse("another address");
  await join(found, { userId, email, name }, { sealer, mark });
  return { organisationId: found.tx.organisationId, userId };
}

// Invitations over the API. An invitation's token is read from bodies only: addresses are written to logs.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import type { OrganisationId } from "../../../kernel/ids.ts";
import { type Operation, operation, SessionAnswer } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import { recordAudit } from "../../audit/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { type OrganisationDeps, toNote } from "../deps.ts";
import { acceptAsMyself, acceptAsNew, readInvitation } from "../invitations/accept.ts";
import { invite, sendInvitationAgain, takeInvitationBack, toInvitationField } from "../invitations/invite.ts";
import { listInvitations, type StoredInvitation } from "../invitations/store.ts";
import { describeWishes, GrantInput, GrantsInput, grantViewsMax } from "../people/read-grants.ts";

const path = "/api/v1/invitations";
const params = z.strictObject({ invitationId: idOf("invitation") });
const nothing = z.object({});
const tokenField = z.string().min(1).max(128);
const roleName = z.string().max(80);

const InvitationView = z.object({
  invitationId: idOf("invitation"),
  email: z.string().max(254),
  grants: z.array(GrantInput).max(grantViewsMax),
  invitedBy: idOf("user"),
  sentAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  isExpired: z.boolean(),
});

function toView(stored: StoredInvitation, sealer: Sealer): z.infer<typeof InvitationView> {
  const { invitationId, grants, invitedBy, sentAt, expiresAt, isExpired } = stored;
  return {
    ...{ invitationId, invitedBy, isExpired },
    email: sealer.open(toInvitationField(invitationId), stored.email).toString("utf8"),
    grants: grants.map(({ role, appId, channelIds }) => ({
      role,
      ...(appId === undefined ? {} : { appId }),
      ...(channelIds === undefined ? {} : { channelIds: [...channelIds] }),
    })),
    ...{ sentAt: sentAt.toISOString(), expiresAt: expiresAt.toISOString() },
  };
}

function createOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "invitations.create",
    summary: "Invites an address to roles that the person holds. The letter's link works once, for seven days.",
    method: "POST",
    path,
    body: z.strictObject({ email: z.string().min(3).max(254), grants: GrantsInput }),
    output: z.object({ invitationId: idOf("invitation") }),
    successStatus: 201,
    scope: "organisation",
    permission: "user:invite",
    audit: { none: "recorded with its id and the roles that were offered, in the same transaction" },
    rate: "write",
    stepUp: true,
    async run({ tx, actor, input, requestId, origin }) {
      const invitationId = await invite(deps, tx, { actor, input });
      const mark = { requestId, origin, operation: "invitations.create" };
      const targets = { invitationId, roles: describeWishes(input.grants) };
      await recordAudit(tx, toNote(mark, "invitation.created", targets));
      return { invitationId };
    },
  });
}

function createListOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "invitations.list",
    summary: "Invitations that nobody has accepted yet, newest first.",
    method: "GET",
    path,
    query: z.strictObject({ first: queryInteger(1, 100).optional(), after: idOf("invitation").optional() }),
    output: z.object({ items: z.array(InvitationView).max(100), after: idOf("invitation").optional() }),
    scope: "organisation",
    permission: "user:read",
    audit: { none: "the list of who was invited, shown beside the list of users" },
    rate: "read",
    stepUp: false,
    async run({ tx, input }) {
      const first = input.first ?? 50;
      const sealer = await deps.installation.sealer();
      const items = (await listInvitations(tx, { first, after: input.after })).map((stored) => toView(stored, sealer));
      const last = items.at(-1)?.invitationId;
      return { items, ...(items.length === first && last !== undefined ? { after: last } : {}) };
    },
  });
}

const revokeOperation: Operation = operation({
  name: "invitations.revoke",
  summary: "Takes an invitation back. Its link ends.",
  method: "DELETE",
  path: `${path}/{invitationId}`,
  params,
  output: nothing,
  scope: "organisation",
  permission: "user:invite",
  audit: "invitation.revoked",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    await takeInvitationBack(tx, input.invitationId);
    return {};
  },
});

function createSendAgainOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "invitations.sendAgain",
    summary: "Sends an invitation again for another seven days. The link before ends.",
    method: "POST",
    path: `${path}/{invitationId}/send-again`,
    params,
    output: nothing,
    scope: "organisation",
    permission: "user:invite",
    audit: "invitation.sent_again",
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input }) {
      await sendInvitationAgain(deps, tx, { actor, invitationId: input.invitationId });
      return {};
    },
  });
}

function createReadOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "invitations.read",
    summary: "What a mailed link invites to.",
    method: "POST",
    path: `${path}/read`,
    body: z.strictObject({ token: tokenField }),
    output: z.object({
      organisationId: idOf("organisation"),
      organisationName: z.string().max(200),
      inviterName: z.string().max(500),
      email: z.string().max(254),
      roles: z.array(z.object({ role: roleName, appName: z.string().max(200).optional() })).max(grantViewsMax),
      expiresAt: z.iso.datetime(),
      /** Sign in first when true; choose a name and password when false. */
      hasAccount: z.boolean(),
    }),
    scope: "public",
    permission: { none: "whoever holds the letter may read what it invites to" },
    audit: { none: "nothing happens yet; accepting is recorded" },
    rate: "read",
    stepUp: false,
    async run({ input }) {
      const { roles, expiresAt, ...shown } = await readInvitation(deps, input.token);
      const named = roles.map(({ role, appName }) => ({ role, ...(appName === undefined ? {} : { appName }) }));
      return { ...shown, roles: named, expiresAt: expiresAt.toISOString() };
    },
  });
}

const accepted = z.object({ organisationId: idOf("organisation") });

function toAccepted({ organisationId }: { organisationId: OrganisationId }): z.infer<typeof accepted> {
  return { organisationId };
}

function createAcceptOperation(deps: OrganisationDeps): Operation {
  const name = "invitations.accept";
  return operation({
    name,
    summary: "Accepts an invitation as somebody without an account, and signs them in.",
    method: "POST",
    path: `${path}/accept`,
    body: z.strictObject({ token: tokenField, name: z.string().min(1).max(500), password: z.string().max(1024) }),
    output: accepted,
    scope: "public",
    permission: { none: "whoever holds the letter was invited" },
    audit: { none: "recorded in the log of the organisation that is joined, in the same transaction" },
    rate: "write",
    stepUp: false,
    async run({ input, requestId, origin }) {
      const result = await acceptAsNew(deps, input, { requestId, origin, operation: name });
      return new SessionAnswer(toAccepted(result), result.started.tokens);
    },
  });
}

function createAcceptAsMyselfOperation(deps: OrganisationDeps): Operation {
  const name = "invitations.acceptAsMyself";
  return operation({
    name,
    summary: "Accepts an invitation to the address of the account that is signed in.",
    method: "POST",
    path: `${path}/accept-as-myself`,
    body: z.strictObject({ token: tokenField }),
    output: accepted,
    scope: "user",
    permission: { none: "an invitation is for the person whose address it names" },
    audit: { none: "recorded in the log of the organisation that is joined, and in no other" },
    rate: "write",
    stepUp: false,
    async run({ tx, input, requestId, origin }) {
      const mark = { requestId, origin, operation: name };
      return toAccepted(await acceptAsMyself(deps, tx, { token: input.token, mark }));
    },
  });
}

/** The operations on invitations. */
export function createInvitationOperations(deps: OrganisationDeps): readonly Operation[] {
  return [
    createOperation(deps),
    createListOperation(deps),
    revokeOperation,
    createSendAgainOperation(deps),
    createReadOperation(deps),
    createAcceptOperation(deps),
    createAcceptAsMyselfOperation(deps),
  ];
}

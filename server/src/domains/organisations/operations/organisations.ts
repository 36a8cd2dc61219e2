// An organisation itself over the API: make, read, rename, its policy, suspend, delete and take that back.

import { z } from "zod";
import { AppError, kernelErrors } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { recordAudit } from "../../audit/index.ts";
import { readUser } from "../../identity/index.ts";
import { foundOrganisation } from "../create.ts";
import { type OrganisationDeps, toNote } from "../deps.ts";
import { organisationErrors } from "../errors.ts";
import { deleteOrganisation, restoreOrganisation, suspendOrganisation } from "../lifecycle/close.ts";
import { changePolicy, readOrganisation, renameOrganisation, type StoredOrganisation } from "../lifecycle/store.ts";
import { nameBounds, toPlaceName } from "../names.ts";
import { toPerson } from "../people/change-rights.ts";
import { placesFor } from "../places.ts";

const path = "/api/v1/organisation";
const nothing = z.object({});
export const nameField = z.string().min(1).max(nameBounds.place);

/** Organisations one person may belong to and still make another. */
const organisationsMax = 100;

const policyFields = {
  factorPolicy: z.enum(["optional", "required", "phishing_resistant"]),
  sessionIdleMinutes: z.int().min(1).max(1440),
  sessionHours: z.int().min(1).max(720),
  adminIdleMinutes: z.int().min(1).max(1440),
  adminSessionHours: z.int().min(1).max(720),
  tokenDaysMax: z.int().min(1).max(365),
};

const OrganisationView = z.object({
  organisationId: idOf("organisation"),
  name: nameField,
  createdAt: z.iso.datetime(),
  suspendedAt: z.iso.datetime().optional(),
  /** When it will be deleted for good. */
  deleteAfter: z.iso.datetime().optional(),
  ...policyFields,
  /** Until then whoever lacks the factor the policy asks for may still work. */
  factorGraceUntil: z.iso.datetime().optional(),
});

function toView(organisationId: `org_${string}`, stored: StoredOrganisation): z.infer<typeof OrganisationView> {
  const { createdAt, suspendedAt, deleteAfter, factorGraceUntil, ...plain } = stored;
  return {
    ...plain,
    organisationId,
    createdAt: createdAt.toISOString(),
    ...(suspendedAt === undefined ? {} : { suspendedAt: suspendedAt.toISOString() }),
    ...(deleteAfter === undefined ? {} : { deleteAfter: deleteAfter.toISOString() }),
    ...(factorGraceUntil === undefined ? {} : { factorGraceUntil: factorGraceUntil.toISOString() }),
  };
}

function createOperation(deps: OrganisationDeps): Operation {
  const name = "organisations.create";
  return operation({
    name,
    summary: "Makes an organisation. Whoever makes it owns it.",
    method: "POST",
    path: "/api/v1/organisations",
    body: z.strictObject({ name: nameField }),
    output: z.object({ organisationId: idOf("organisation") }),
    successStatus: 201,
    scope: "user",
    permission: { none: "everybody who is signed in may have an organisation of their own" },
    audit: { none: "recorded in the log of the organisation that is made, and in no other" },
    rate: "write",
    stepUp: false,
    async run({ tx, input, requestId, origin }) {
      const sealer = await deps.installation.sealer();
      const owner = await readUser(tx, sealer);
      const places = await placesFor(tx.batch, tx.userId);
      if (places.length >= organisationsMax) throw new AppError(organisationErrors.tooMany);
      const made = await foundOrganisation(tx.batch, { name: input.name, owner }, sealer);
      const mark = { requestId, origin, operation: name };
      await recordAudit(made, toNote(mark, "organisation.created", { userId: tx.userId }));
      return { organisationId: made.organisationId };
    },
  });
}

const getOperation: Operation = operation({
  name: "organisations.get",
  summary: "The organisation and its policy.",
  method: "GET",
  path,
  output: OrganisationView,
  scope: "organisation",
  permission: "organisation:read",
  audit: { none: "reading settings that hold no secret" },
  rate: "read",
  stepUp: false,
  async run({ tx }) {
    const stored = await readOrganisation(tx);
    if (stored === undefined) throw new AppError(kernelErrors.bug, { note: "an organisation without a row" });
    return toView(tx.organisationId, stored);
  },
});

const renameOperation: Operation = operation({
  name: "organisations.rename",
  summary: "Gives the organisation another name.",
  method: "PATCH",
  path,
  body: z.strictObject({ name: nameField }),
  output: nothing,
  scope: "organisation",
  permission: "organisation:update",
  audit: "organisation.renamed",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    await renameOrganisation(tx, toPlaceName(input.name));
    return {};
  },
});

const policyOperation: Operation = operation({
  name: "organisations.updatePolicy",
  summary: "Changes which factors people need, how long sessions last and how long tokens live.",
  method: "PATCH",
  path: `${path}/policy`,
  body: z.strictObject({
    factorPolicy: policyFields.factorPolicy.optional(),
    /** Days from the change in which whoever lacks the factor may still work. */
    factorGraceDays: z.int().min(0).max(90).optional(),
    sessionIdleMinutes: policyFields.sessionIdleMinutes.optional(),
    sessionHours: policyFields.sessionHours.optional(),
    adminIdleMinutes: policyFields.adminIdleMinutes.optional(),
    adminSessionHours: policyFields.adminSessionHours.optional(),
    tokenDaysMax: policyFields.tokenDaysMax.optional(),
  }),
  output: nothing,
  scope: "organisation",
  permission: "organisation:update",
  audit: "organisation.policy_updated",
  rate: "write",
  stepUp: true,
  async run({ tx, input }) {
    await changePolicy(tx, input);
    return {};
  },
});

function createSuspendOperation(isSuspended: boolean): Operation {
  return operation({
    name: isSuspended ? "organisations.suspend" : "organisations.resume",
    summary: isSuspended
      ? "Suspends the organisation: its apps refuse everybody and take no messages in."
      : "Ends the organisation's suspension.",
    method: "POST",
    path: isSuspended ? `${path}/suspend` : `${path}/resume`,
    output: nothing,
    scope: "organisation",
    permission: "organisation:suspend",
    audit: isSuspended ? "organisation.suspended" : "organisation.resumed",
    rate: "write",
    stepUp: false,
    async run({ tx }) {
      await suspendOrganisation(tx, isSuspended);
      return {};
    },
  });
}

function createDeleteOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "organisations.delete",
    summary: "Deletes the organisation with everything in it in seven days. Until then it is closed and can be kept.",
    method: "POST",
    path: `${path}/delete`,
    body: z.strictObject({ confirmName: z.string().max(nameBounds.place) }),
    output: z.object({ deleteAfter: z.iso.datetime() }),
    scope: "organisation",
    permission: "organisation:delete",
    audit: "organisation.deletion_begun",
    rate: "write",
    stepUp: true,
    async run({ tx, actor, input }) {
      const deletion = { asker: toPerson(actor), confirmName: input.confirmName };
      return { deleteAfter: (await deleteOrganisation(deps, tx, deletion)).toISOString() };
    },
  });
}

const restoreOperation: Operation = operation({
  name: "organisations.restore",
  summary: "Takes the organisation's deletion back, within the seven days.",
  method: "POST",
  path: `${path}/restore`,
  output: nothing,
  scope: "organisation",
  permission: "organisation:delete",
  audit: "organisation.deletion_undone",
  rate: "write",
  stepUp: false,
  async run({ tx }) {
    await restoreOrganisation(tx);
    return {};
  },
});

/** The operations on an organisation itself. */
export function createOrganisationItselfOperations(deps: OrganisationDeps): readonly Operation[] {
  return [
    createOperation(deps),
    getOperation,
    renameOperation,
    policyOperation,
    createSuspendOperation(true),
    createSuspendOperation(false),
    createDeleteOperation(deps),
    restoreOperation,
  ];
}

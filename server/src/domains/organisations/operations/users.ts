// The users of an organisation over the API: who they are, what they may do, and the end of either.

import { z } from "zod";
import type { Permission } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import type { OrganisationId } from "../../../kernel/ids.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import { recordAudit } from "../../audit/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { type OrganisationDeps, toNote } from "../deps.ts";
import { organisationErrors } from "../errors.ts";
import { changeStatus, lockAs, setGrants } from "../people/change-rights.ts";
import { openCopy } from "../people/copies.ts";
import { endAllSessions, endUserSessions } from "../people/end-sessions.ts";
import { describeWishes, GrantsInput, GrantView, grantViewsMax, readGrants } from "../people/read-grants.ts";
import { findUser, type ListedGrant, listUsers, type StoredUser, type UserStatus } from "../people/user-store.ts";

const path = "/api/v1/users";
const params = z.strictObject({ userId: idOf("user") });
const nothing = z.object({});

const UserView = z.object({
  userId: idOf("user"),
  email: z.string().max(254),
  name: z.string().max(500),
  status: z.enum(["active", "disabled"]),
  joinedAt: z.iso.datetime(),
  grants: z.array(GrantView).max(grantViewsMax),
});

function toGrantView({ role, roleName, appId, appName, channelIds }: ListedGrant): z.infer<typeof GrantView> {
  return {
    ...{ role, roleName },
    ...(appId === undefined ? {} : { appId }),
    ...(appName === undefined ? {} : { appName }),
    ...(channelIds === undefined ? {} : { channelIds: [...channelIds] }),
  };
}

function toView(organisationId: OrganisationId, user: StoredUser, sealer: Sealer): z.infer<typeof UserView> {
  const status = user.status === "active" ? "active" : "disabled";
  return {
    ...{ userId: user.userId, status, joinedAt: user.joinedAt.toISOString() },
    ...openCopy(organisationId, user, sealer),
    grants: user.grants.map(toGrantView),
  };
}

function createListOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "users.list",
    summary: "The organisation's users with their roles, in the order of their accounts' age.",
    method: "GET",
    path,
    query: z.strictObject({ first: queryInteger(1, 100).optional(), after: idOf("user").optional() }),
    output: z.object({ items: z.array(UserView).max(100), after: idOf("user").optional() }),
    scope: "organisation",
    permission: "user:read",
    audit: { none: "the list of colleagues, shown on every visit to the page of users" },
    rate: "read",
    stepUp: false,
    async run({ tx, input }) {
      const first = input.first ?? 50;
      const sealer = await deps.installation.sealer();
      const users = await listUsers(tx, { first, after: input.after });
      const last = users.at(-1)?.userId;
      const items = users.map((user) => toView(tx.organisationId, user, sealer));
      return { items, ...(users.length === first && last !== undefined ? { after: last } : {}) };
    },
  });
}

function createGetOperation(deps: OrganisationDeps): Operation {
  return operation({
    name: "users.get",
    summary: "One user of the organisation.",
    method: "GET",
    path: `${path}/{userId}`,
    params,
    output: UserView,
    scope: "organisation",
    permission: "user:read",
    audit: { none: "one row of the list of colleagues, which is not recorded either" },
    rate: "read",
    stepUp: false,
    async run({ tx, input }) {
      const user = await findUser(tx, input.userId);
      if (user === undefined) throw new AppError(organisationErrors.userNotFound);
      return toView(tx.organisationId, user, await deps.installation.sealer());
    },
  });
}

const setGrantsOperation: Operation = operation({
  name: "users.setGrants",
  summary: "Replaces a user's roles: a built-in or custom role, in the whole organisation or per app.",
  method: "PUT",
  path: `${path}/{userId}/grants`,
  params,
  body: z.strictObject({ grants: GrantsInput }),
  output: nothing,
  scope: "organisation",
  permission: "user:update",
  audit: { none: "recorded with the roles that were given, in the same transaction" },
  rate: "write",
  stepUp: true,
  async run({ tx, actor, input, requestId, origin }) {
    const changer = await lockAs(tx, actor, "user:update");
    const grants = await readGrants(tx, input.grants);
    await setGrants(tx, changer, { userId: input.userId, grants });
    const mark = { requestId, origin, operation: "users.setGrants" };
    await recordAudit(
      tx,
      toNote(mark, "user.grants_set", { userId: input.userId, roles: describeWishes(input.grants) }),
    );
    return {};
  },
});

interface StatusChange {
  readonly verb: "disable" | "enable" | "remove";
  readonly summary: string;
  readonly status: UserStatus;
  readonly permission: Permission;
  readonly audit: string;
}

const statusChanges: readonly StatusChange[] = [
  {
    verb: "disable",
    summary: "Keeps a user out of this organisation until they are enabled again.",
    status: "disabled",
    permission: "user:update",
    audit: "user.disabled",
  },
  {
    verb: "enable",
    summary: "Lets a disabled user into the organisation again, with the roles they had.",
    status: "active",
    permission: "user:update",
    audit: "user.enabled",
  },
  {
    verb: "remove",
    summary: "Takes a user out of this organisation. Their account and other organisations stay as they are.",
    status: "removed",
    permission: "user:remove",
    audit: "user.removed",
  },
];

function createStatusOperation({ verb, summary, status, permission, audit }: StatusChange): Operation {
  return operation({
    name: `users.${verb}`,
    summary,
    method: "POST",
    path: `${path}/{userId}/${verb}`,
    params,
    output: nothing,
    scope: "organisation",
    permission,
    audit,
    rate: "write",
    stepUp: true,
    async run({ tx, actor, input }) {
      const changer = await lockAs(tx, actor, permission);
      await changeStatus(tx, changer, { userId: input.userId, status });
      return {};
    },
  });
}

const ended = z.object({ ended: z.int() });

const endSessionsOperation: Operation = operation({
  name: "users.endSessions",
  summary: "Signs a user out everywhere.",
  method: "POST",
  path: `${path}/{userId}/end-sessions`,
  params,
  output: ended,
  scope: "organisation",
  permission: "session:end",
  audit: "user.sessions_ended",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    return { ended: await endUserSessions(tx, input.userId) };
  },
});

const endAllSessionsOperation: Operation = operation({
  name: "organisations.endSessions",
  summary: "Signs every user of the organisation out, but for the session that asks.",
  method: "POST",
  path: "/api/v1/organisation/end-sessions",
  output: ended,
  scope: "organisation",
  permission: "session:end",
  audit: "organisation.sessions_ended",
  rate: "write",
  stepUp: false,
  async run({ tx, actor }) {
    if (actor.kind !== "user") throw new AppError(organisationErrors.beyondYou);
    return { ended: await endAllSessions(tx, actor) };
  },
});

/** The operations on users. */
export function createUserOperations(deps: OrganisationDeps): readonly Operation[] {
  return [
    createListOperation(deps),
    createGetOperation(deps),
    setGrantsOperation,
    ...statusChanges.map(createStatusOperation),
    endSessionsOperation,
    endAllSessionsOperation,
  ];
}

// `parley admin`: what the operator of the machine does for people who are locked out. Everything that changes something
// is in the audit log of the person's organisations.

import type { Core } from "../core.ts";
import { type AuditNote, recordAudit, recordPersonAudit } from "../domains/audit/index.ts";
import {
  createResetLink,
  createUser,
  endAllSessions,
  findUserId,
  identityErrors,
  listOwnSessions,
  listUserIds,
  type OperatorDeps,
  type OwnSession,
  type Place,
  readUser,
  resetFactors,
  toEmail,
  type User,
} from "../domains/identity/index.ts";
import { placesFor, putOwner } from "../domains/organisations/index.ts";
import { AppError } from "../kernel/errors.ts";
import { parseId, type UserId } from "../kernel/ids.ts";
import { toPublicUrl } from "../public-url.ts";
import { commandErrors, type Invocation, need } from "./command.ts";
import { withCore } from "./with-core.ts";

const pageSize = 200;

/** What the acts work with. */
export type AdminCore = Pick<Core, "database" | "clock" | "config" | "installation">;

async function toDeps(core: AdminCore, act: string): Promise<OperatorDeps> {
  const { database, clock, config } = core;
  const actor = { kind: "operator", command: `admin ${act}` } as const;
  return { database, clock, publicUrl: toPublicUrl(config), sealer: await core.installation.sealer(), actor };
}

/** The person that --user or --email names. Throws `identity.unknown_user`. */
async function needUser(core: AdminCore, invocation: Invocation): Promise<UserId> {
  const [id, email] = [invocation.get("user"), invocation.get("email")];
  if (id === undefined && email === undefined) {
    throw new AppError(commandErrors.usage, { detail: "--user or --email is required" });
  }
  const sealer = await core.installation.sealer();
  const userId = id === undefined ? await findUserId(core.database, toEmail(email), sealer) : parseId("user", id);
  if (id !== undefined && userId === undefined) {
    throw new AppError(commandErrors.usage, { detail: "--user is not an id of that kind" });
  }
  if (userId === undefined) throw new AppError(identityErrors.unknownUser);
  return userId;
}

interface Listed {
  readonly user: User;
  readonly places: readonly Place[];
}

function describeUser({ user, places }: Listed): string {
  const factors = [user.passkeys > 0 ? `${user.passkeys} passkeys` : "", user.hasTotp ? "authenticator app" : ""];
  const has = factors.filter((factor) => factor !== "").join(", ") || "no second factor";
  const parts = places.map(
    (place) => `    ${place.name} (${place.organisationId}): ${place.roles.join(", ") || "single apps"}`,
  );
  return [`${user.userId}  ${user.email}  ${user.name}  ${user.status}, ${has}`, ...parts].join("\n");
}

async function list(core: AdminCore, invocation: Invocation): Promise<void> {
  const { sealer, actor } = await toDeps(core, "list");
  const { database } = core;
  const organisation = invocation.get("organisation");
  const listed: Listed[] = [];
  let after: UserId | undefined;
  for (;;) {
    const userIds = await listUserIds(database, { after, first: pageSize });
    for (const userId of userIds) {
      const one = await database.withBatch(actor, async (batch) => ({
        user: await readUser(batch.enterUser(userId), sealer),
        places: await placesFor(batch, userId),
      }));
      const isMeant = organisation === undefined || one.places.some((place) => place.organisationId === organisation);
      if (isMeant) listed.push(one);
    }
    after = userIds.at(-1);
    if (userIds.length < pageSize) break;
  }
  invocation.print(
    listed.map(({ user, places }) => ({ ...user, places })),
    () => (listed.length === 0 ? "There are no users." : listed.map(describeUser).join("\n")),
  );
}

async function create(core: AdminCore, invocation: Invocation): Promise<void> {
  const deps = await toDeps(core, "create");
  const { sealer } = deps;
  const email = toEmail(need(invocation, "email"));
  const organisationId = parseId("organisation", need(invocation, "organisation"));
  if (organisationId === undefined) {
    throw new AppError(commandErrors.usage, { detail: "--organisation is not an id of that kind" });
  }
  const { userId, isMade } = await deps.database.withBatch(deps.actor, async (batch) => {
    const known = await findUserId(batch, email, sealer);
    const made = known ?? (await createUser(batch, { email, name: need(invocation, "name") }, sealer));
    const user = await readUser(batch.enterUser(made), sealer);
    const tx = batch.enterOrganisation(organisationId);
    const isPut = await putOwner(tx, { userId: made, email: user.email, name: user.name }, sealer);
    if (!isPut) throw new AppError(commandErrors.usage, { detail: "--organisation: there is no such organisation" });
    await recordAudit(tx, toNote("user.made_owner", "create", { userId: made }));
    return { userId: made, isMade: known === undefined };
  });
  const { link, expiresAtMs } = await createResetLink(deps, userId);
  const until = new Date(expiresAtMs).toISOString();
  invocation.print(
    { userId, isMade, link, expiresAt: until },
    () => `${userId} owns ${organisationId}.\nTo choose a password, once, until ${until}:\n${link}`,
  );
}

function toNote(action: string, act: string, targets: Readonly<Record<string, string>>): AuditNote {
  const where = { requestId: "command line", remoteAddress: "this machine" };
  return { action, operation: `parley admin ${act}`, targets, ...where };
}

async function makeLink(core: AdminCore, invocation: Invocation): Promise<void> {
  const userId = await needUser(core, invocation);
  const { link, expiresAtMs } = await createResetLink(await toDeps(core, "reset-password-link"), userId);
  const expiresAt = new Date(expiresAtMs).toISOString();
  invocation.print({ userId, link, expiresAt }, () => `Works once, until ${expiresAt}:\n${link}`);
}

async function takeFactors(core: AdminCore, invocation: Invocation): Promise<void> {
  const userId = await needUser(core, invocation);
  const removed = await resetFactors(await toDeps(core, "reset-factors"), userId);
  const app = removed.hadTotp ? " and the authenticator app" : "";
  invocation.print(
    { userId, ...removed },
    () => `Removed ${removed.passkeys} passkeys${app}; ended ${removed.sessionsEnded} sessions. The password stays.`,
  );
}

function describeSession(session: OwnSession): string {
  const seen = new Date(session.seenAtMs).toISOString();
  return `${session.sessionId}  ${session.device}  ${session.network}  ${session.methods.join(", ")}  last used ${seen}`;
}

async function sessions(core: AdminCore, invocation: Invocation): Promise<void> {
  const userId = await needUser(core, invocation);
  const deps = await toDeps(core, "sessions");
  if (invocation.has("end")) {
    const ended = await endAllSessions(deps, userId);
    invocation.print({ userId, ended }, () => `Ended ${ended.length} sessions.`);
    return;
  }
  const note = toNote("session.listed", "sessions", {});
  const listed = await deps.database.withUser(deps.actor, userId, async (tx) => {
    await readUser(tx, deps.sealer);
    await recordPersonAudit(tx.batch, userId, note);
    return listOwnSessions(tx, deps.sealer);
  });
  invocation.print(listed, () => (listed.length === 0 ? "No session." : listed.map(describeSession).join("\n")));
}

const acts: Readonly<Record<string, (core: AdminCore, invocation: Invocation) => Promise<void>>> = {
  list,
  create,
  "reset-password-link": makeLink,
  "reset-factors": takeFactors,
  sessions,
};

/** Does what the invocation names. */
export async function performAdmin(core: AdminCore, invocation: Invocation): Promise<void> {
  await acts[invocation.act]?.(core, invocation);
}

/** `parley admin`. */
export const administer = (invocation: Invocation): Promise<void> => withCore((core) => performAdmin(core, invocation));

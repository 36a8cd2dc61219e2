// What an app and its organisation hold in the world of the security suites: one object of every kind an operation can
// name, made the way the product makes them.

import { readFileSync } from "node:fs";
import { importTree, publishTree } from "../../server/src/domains/bots/index.ts";
import { assignTrees, createChannel } from "../../server/src/domains/channels/index.ts";
import { issueToken } from "../../server/src/domains/tokens/index.ts";
import type { PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { createEndpoint } from "../../server/src/domains/webhooks/index.ts";
import { systemClock } from "../../server/src/kernel/clock.ts";
import { fromUuid, type IdKind, idPrefixes, type Tenant, toUuid, type UserId } from "../../server/src/kernel/ids.ts";
import { drawBytes, newId } from "../../server/src/platform/crypto/random.ts";

const operator = { kind: "operator", command: "test" } as const;
const definition: unknown = JSON.parse(
  readFileSync(new URL("../../engine/examples/order-status.json", import.meta.url), "utf8"),
);

/** The fields under which operations name things, and the kind of each. */
export const objectKinds = {
  organisationId: "organisation",
  appId: "app",
  channelId: "channel",
  /** One that websites show. */
  webChannelId: "channel",
  treeId: "tree",
  endpointId: "endpoint",
  deliveryId: "delivery",
  conversationId: "conversation",
  memberId: "member",
  traceId: "trace",
  tokenId: "token",
  userId: "user",
  sessionId: "session",
  passkeyId: "passkey",
  roleId: "role",
  grantId: "grant",
  invitationId: "invitation",
  /** A file of the app. */
  fileId: "file",
  /** What a visitor of the web channel has: a conversation, the bot's message in it with a picture, a file they sent. */
  visitorConversationId: "conversation",
  messageId: "message",
  visitorFileId: "file",
} as const satisfies Record<string, IdKind>;

export type ObjectName = keyof typeof objectKinds;
export type Objects = Readonly<Record<ObjectName, string>>;

/** Secrets of one app, for the canary. */
export interface PlantedSecrets {
  /** Of the channel the secrets belong to: a second one of the app. */
  readonly otherChannelId: string;
  readonly channelSecret: string;
  readonly webhookSecret: string;
  readonly platformCredential: string;
  readonly appTokens: readonly string[];
}

/** An id of a kind that names nothing. */
export function toAbsent(name: ObjectName): string {
  return `${idPrefixes[objectKinds[name]]}_${drawBytes(16).toString("hex")}`;
}

/** Ids of several kinds that name nothing. */
export function toAbsentAll<Name extends ObjectName>(...names: readonly Name[]): Pick<Objects, Name> {
  return Object.fromEntries(names.map((name) => [name, toAbsent(name)])) as Pick<Objects, Name>;
}

type Made = Pick<Objects, "channelId" | "treeId" | "endpointId" | "tokenId"> & PlantedSecrets;

/** What is made by hand: a channel that runs a tree, a webhook endpoint, a token. */
export async function makeAppObjects(stage: PeopleStage, tenant: Tenant): Promise<Made> {
  const sealer = await stage.keychain.sealerFor(tenant, { actor: operator, reason: "test" });
  const platformCredential = `credential-${drawBytes(16).toString("hex")}`;
  const outbound = { assertAllowedUrl: () => undefined };
  return stage.db.database.withTenant(operator, tenant, async (tx) => {
    const settings = { phoneNumberId: "15550001" };
    const credentials = {
      accessToken: platformCredential,
      appSecret: `${platformCredential}-app`,
      verifyToken: `${platformCredential}-verify`,
    };
    const whatsapp = { kind: "whatsapp", name: "Planted", settings, credentials };
    const { channelId: otherChannelId, channelSecret } = await createChannel(tx, whatsapp, sealer);
    const custom = { kind: "custom", name: "Custom", settings: { callbackUrl: "https://platform.example/messages" } };
    const { channelId } = await createChannel(tx, { ...custom, credentials: {} }, sealer);
    const treeId = await importTree(tx, definition);
    await publishTree(tx, treeId, "");
    await assignTrees(tx, channelId, { defaultTreeIds: [treeId] });
    const events = ["inbound", "outbound", "status"] as const;
    const endpoint = { channelId, url: "https://hooks.example/parley", events, headers: {} };
    const { endpointId, secret } = await createEndpoint(tx, endpoint, { sealer, outbound });
    const issue = { kind: "api", name: "Object", scopes: ["channel:read"] } as const;
    const { tokenId, token } = await issueToken(tx, issue, { pepper: stage.pepper, clock: systemClock });
    const planted = { otherChannelId, channelSecret, webhookSecret: secret, platformCredential, appTokens: [token] };
    return { channelId, treeId, endpointId, tokenId, ...planted };
  });
}

/** What messages leave behind, once one was processed. Undefined while it was not. */
export async function findTraffic(
  stage: PeopleStage,
  tenant: Tenant,
): Promise<Pick<Objects, "conversationId" | "memberId" | "traceId" | "deliveryId"> | undefined> {
  const [row] = await stage.db.asAdmin<Record<"conversation" | "member" | "trace" | "delivery", string | null>>(
    `select (select conversation_id from conversations where app_id = $1 limit 1) as conversation,
       (select member_id from members where app_id = $1 limit 1) as member,
       (select trace_id from traces where app_id = $1 limit 1) as trace,
       (select delivery_id from webhook_deliveries where app_id = $1 limit 1) as delivery`,
    [toUuid(tenant.appId)],
  );
  if (row?.conversation == null || row.member === null || row.trace === null || row.delivery === null) return undefined;
  return {
    conversationId: fromUuid("conversation", row.conversation),
    memberId: fromUuid("member", row.member),
    traceId: fromUuid("trace", row.trace),
    deliveryId: fromUuid("delivery", row.delivery),
  };
}

/** A passkey of somebody. */
export async function makePasskey(stage: PeopleStage, userId: UserId): Promise<string> {
  const passkeyId = newId("passkey");
  const row = toUuid(passkeyId);
  const name = (await stage.installation.sealer()).seal({ table: "passkeys", column: "name", row }, "Key");
  await stage.db.asAdmin(
    `insert into passkeys (user_id, passkey_id, credential_id, public_key, counter, transports, aaguid, is_backup_eligible,
       is_backed_up, name) values ($1, $2, $3, $4, 0, '{}', '', false, false, $5)`,
    [toUuid(userId), row, drawBytes(32), drawBytes(65), name],
  );
  return passkeyId;
}

/** What belongs to the organisation: somebody with a role, a session, an invitation. */
export async function makeOrganisationObjects(
  stage: PeopleStage,
  { organisationId, appId }: Tenant,
): Promise<Pick<Objects, "userId" | "sessionId" | "passkeyId" | "roleId" | "grantId" | "invitationId">> {
  const userId = await stage.addUser(`person-${drawBytes(4).toString("hex")}@example.org`);
  const roleId = await stage.addRole(organisationId, ["channel:read"]);
  await stage.grant(organisationId, userId, { role: "support", appId });
  const { sessionId } = await stage.signIn(userId);
  const [grant] = await stage.db.asAdmin<{ grant_id: string }>(
    "select grant_id from grants where organisation_id = $1 and user_id = $2",
    [toUuid(organisationId), toUuid(userId)],
  );
  const invitationId = newId("invitation");
  const sealer = await stage.installation.sealer();
  const email = "invited@example.org";
  const row = toUuid(invitationId);
  await stage.db.asAdmin(
    `insert into invitations (organisation_id, invitation_id, email_index, email, grants, invited_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + interval '7 days')`,
    [
      toUuid(organisationId),
      row,
      sealer.blindIndex("users", "email", email),
      sealer.seal({ table: "invitations", column: "email", row }, email),
      JSON.stringify([{ role: "support" }]),
      toUuid(userId),
    ],
  );
  const passkeyId = await makePasskey(stage, userId);
  return { userId, sessionId, passkeyId, roleId, grantId: fromUuid("grant", grant?.grant_id ?? ""), invitationId };
}

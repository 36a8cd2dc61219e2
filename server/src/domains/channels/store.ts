// The SQL of channels.

import { type AppId, type ChannelId, fromUuid, type OrganisationId, type TreeId, toUuid } from "../../kernel/ids.ts";
import { appStatement, systemStatement, type TenantTx } from "../../platform/db/index.ts";
import type { ChannelSettings } from "./adapter.ts";
import { WebSettings } from "./web/settings.ts";

export interface StoredChannel {
  readonly channelId: ChannelId;
  readonly kind: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: ChannelSettings;
  readonly credentials: Buffer;
  readonly channelSecret: Buffer;
  readonly defaultTreeIds: readonly TreeId[];
  readonly liveTreeId: TreeId | undefined;
  readonly offTreeId: TreeId | undefined;
  /** Of web channels. */
  readonly web: WebSettings | undefined;
  readonly visitorsSince: Date | undefined;
}

interface ChannelRow {
  channel_id: string;
  kind: string;
  name: string;
  enabled: boolean;
  settings: Record<string, string>;
  credentials: Buffer;
  channel_secret: Buffer;
  default_trees: string[];
  live_tree: string | null;
  off_tree: string | null;
  web: unknown;
  visitors_since: Date | null;
}

function toChannel(row: ChannelRow): StoredChannel {
  return {
    channelId: fromUuid("channel", row.channel_id),
    kind: row.kind,
    name: row.name,
    enabled: row.enabled,
    settings: row.settings,
    credentials: row.credentials,
    channelSecret: row.channel_secret,
    defaultTreeIds: row.default_trees.map((tree) => fromUuid("tree", tree)),
    liveTreeId: row.live_tree === null ? undefined : fromUuid("tree", row.live_tree),
    offTreeId: row.off_tree === null ? undefined : fromUuid("tree", row.off_tree),
    // A field that was added after this was stored has its default.
    web: row.web === null ? undefined : WebSettings.parse(row.web),
    visitorsSince: row.visitors_since ?? undefined,
  };
}

const columns = `channel_id, kind, name, enabled, settings, credentials, channel_secret,
  default_trees::text[], live_tree, off_tree, web, visitors_since`;

const listChannelsSql = appStatement<ChannelRow>(
  "channels.list",
  `select ${columns} from channels where organisation_id = $1 and app_id = $2 order by channel_id`,
);

/** The app's channels, oldest first. */
export async function listChannels(tx: TenantTx): Promise<StoredChannel[]> {
  return (await tx.query(listChannelsSql)).map(toChannel);
}

const findChannelSql = appStatement<ChannelRow>(
  "channels.find",
  `select ${columns} from channels where organisation_id = $1 and app_id = $2 and channel_id = $3`,
);

export async function findChannel(tx: TenantTx, channelId: ChannelId): Promise<StoredChannel | undefined> {
  const row = (await tx.query(findChannelSql, [toUuid(channelId)]))[0];
  return row === undefined ? undefined : toChannel(row);
}

const insertChannelSql = appStatement<never>(
  "channels.insert",
  `insert into channels (organisation_id, app_id, channel_id, kind, name, enabled, settings, credentials, channel_secret, web)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
);

export async function insertChannel(
  tx: TenantTx,
  channel: Omit<StoredChannel, "defaultTreeIds" | "liveTreeId" | "offTreeId" | "visitorsSince">,
): Promise<void> {
  const { channelId, kind, name, enabled, settings, credentials, channelSecret, web } = channel;
  const values = [toUuid(channelId), kind, name, enabled, JSON.stringify(settings), credentials, channelSecret];
  await tx.query(insertChannelSql, [...values, web === undefined ? null : JSON.stringify(web)]);
}

const assignTreesSql = appStatement<{ channel_id: string }>(
  "channels.assign_trees",
  `update channels set default_trees = $4::uuid[], live_tree = $5, off_tree = $6, updated_at = now()
   where organisation_id = $1 and app_id = $2 and channel_id = $3 returning channel_id`,
);

/** Says which trees the channel runs. Answers whether there is such a channel. */
export async function assignTrees(
  tx: TenantTx,
  channelId: ChannelId,
  trees: { defaultTreeIds: readonly TreeId[]; liveTreeId?: TreeId | undefined; offTreeId?: TreeId | undefined },
): Promise<boolean> {
  const rows = await tx.query(assignTreesSql, [
    toUuid(channelId),
    trees.defaultTreeIds.map(toUuid),
    trees.liveTreeId === undefined ? null : toUuid(trees.liveTreeId),
    trees.offTreeId === undefined ? null : toUuid(trees.offTreeId),
  ]);
  return rows.length > 0;
}

const setEnabledSql = appStatement<{ channel_id: string }>(
  "channels.set_enabled",
  `update channels set enabled = $4, updated_at = now()
   where organisation_id = $1 and app_id = $2 and channel_id = $3 returning channel_id`,
);

/** Switches the channel on or off. Answers whether there is such a channel. */
export async function setEnabled(tx: TenantTx, channelId: ChannelId, enabled: boolean): Promise<boolean> {
  return (await tx.query(setEnabledSql, [toUuid(channelId), enabled])).length > 0;
}

const saveWebSql = appStatement<never>(
  "channels.save_web",
  `update channels set web = $4, updated_at = now() where organisation_id = $1 and app_id = $2 and channel_id = $3`,
);

/** Replaces the settings of a web channel. */
export async function saveWeb(tx: TenantTx, channelId: ChannelId, web: WebSettings): Promise<void> {
  await tx.query(saveWebSql, [toUuid(channelId), JSON.stringify(web)]);
}

const saveCredentialsSql = appStatement<never>(
  "channels.save_credentials",
  `update channels set credentials = $4, updated_at = now()
   where organisation_id = $1 and app_id = $2 and channel_id = $3`,
);

/** Replaces the sealed credentials. */
export async function saveCredentials(tx: TenantTx, channelId: ChannelId, credentials: Buffer): Promise<void> {
  await tx.query(saveCredentialsSql, [toUuid(channelId), credentials]);
}

const lockChannelSql = appStatement<never>(
  "channels.lock",
  "select from channels where organisation_id = $1 and app_id = $2 and channel_id = $3 for update",
);

/** Waits until nobody else changes the channel. */
export async function lockChannel(tx: TenantTx, channelId: ChannelId): Promise<void> {
  await tx.query(lockChannelSql, [toUuid(channelId)]);
}

const endVisitorsSql = appStatement<{ visitors_since: Date }>(
  "channels.end_visitors",
  `update channels set visitors_since = clock_timestamp(), updated_at = now()
   where organisation_id = $1 and app_id = $2 and channel_id = $3 returning visitors_since`,
);

/** Refuses every visitor's token issued until this moment. Returns it; undefined when there is no such channel. */
export async function endVisitors(tx: TenantTx, channelId: ChannelId): Promise<Date | undefined> {
  return (await tx.query(endVisitorsSql, [toUuid(channelId)]))[0]?.visitors_since;
}

const isAppOpenSql = appStatement<{ is_open: boolean }>(
  "channels.is_app_open",
  `select (a.suspended_at is null and a.delete_after is null and o.suspended_at is null and o.delete_after is null) as is_open
   from apps a join organisations o on o.organisation_id = $1 where a.organisation_id = $1 and a.app_id = $2`,
);

/** Answers whether the transaction's app is neither suspended nor about to be deleted, itself or with its organisation. */
export async function isAppOpen(tx: TenantTx): Promise<boolean> {
  return (await tx.query(isAppOpenSql))[0]?.is_open === true;
}

/** The tenant of a channel, from its id alone. */
export const findChannelTenantSql = systemStatement<{ organisation_id: string; app_id: string }>(
  "channels.find_tenant",
  "select organisation_id, app_id from parley_find_channel($1)",
);

export function toTenantIds(row: { organisation_id: string; app_id: string }): {
  organisationId: OrganisationId;
  appId: AppId;
} {
  return { organisationId: fromUuid("organisation", row.organisation_id), appId: fromUuid("app", row.app_id) };
}

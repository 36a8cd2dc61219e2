// The SQL of webhook endpoints.

import { type ChannelId, type EndpointId, fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";
import type { EventKind } from "./types.ts";

/** An endpoint as stored: what is secret is ciphertext. */
export interface StoredEndpoint {
  readonly endpointId: EndpointId;
  readonly channelId: ChannelId;
  readonly url: Buffer;
  readonly events: readonly EventKind[];
  readonly headers: Buffer;
  readonly secret: Buffer;
  readonly previousSecret: Buffer | undefined;
  readonly previousUntil: Date | undefined;
  readonly signingKey: Buffer | undefined;
  readonly publicKey: string | undefined;
  readonly enabled: boolean;
  readonly disabledReason: string | undefined;
  readonly failingSince: Date | undefined;
  readonly createdAt: Date;
}

interface EndpointRow {
  endpoint_id: string;
  channel_id: string;
  url: Buffer;
  events: EventKind[];
  headers: Buffer;
  secret: Buffer;
  previous_secret: Buffer | null;
  previous_until: Date | null;
  signing_key: Buffer | null;
  public_key: string | null;
  enabled: boolean;
  disabled_reason: string | null;
  failing_since: Date | null;
  created_at: Date;
}

const columns = `endpoint_id, channel_id, url, events, headers, secret, previous_secret, previous_until, signing_key,
  public_key, enabled, disabled_reason, failing_since, created_at`;

function toStored(row: EndpointRow): StoredEndpoint {
  return {
    endpointId: fromUuid("endpoint", row.endpoint_id),
    channelId: fromUuid("channel", row.channel_id),
    url: row.url,
    events: row.events,
    headers: row.headers,
    secret: row.secret,
    previousSecret: row.previous_secret ?? undefined,
    previousUntil: row.previous_until ?? undefined,
    signingKey: row.signing_key ?? undefined,
    publicKey: row.public_key ?? undefined,
    enabled: row.enabled,
    disabledReason: row.disabled_reason ?? undefined,
    failingSince: row.failing_since ?? undefined,
    createdAt: row.created_at,
  };
}

const insertEndpointSql = appStatement<{ endpoint_id: string }>(
  "webhooks.insert_endpoint",
  `insert into webhook_endpoints (organisation_id, app_id, endpoint_id, channel_id, url, events, headers, secret,
     signing_key, public_key)
   select $1, $2, $3::uuid, $4::uuid, $5::bytea, $6::text[], $7::bytea, $8::bytea, $9::bytea, $10::text
   where (select count(*) from webhook_endpoints e where e.organisation_id = $1 and e.app_id = $2 and e.channel_id = $4)
     < $11::integer
   returning endpoint_id`,
);

/** Stores an endpoint, unless its channel has `most` already. Answers whether it did. */
export async function insertEndpoint(
  tx: TenantTx,
  endpoint: Pick<
    StoredEndpoint,
    "endpointId" | "channelId" | "url" | "events" | "headers" | "secret" | "signingKey" | "publicKey"
  >,
  most: number,
): Promise<boolean> {
  const { endpointId, channelId, url, events, headers, secret, signingKey, publicKey } = endpoint;
  const sealed = [url, [...events], headers, secret, signingKey ?? null, publicKey ?? null];
  return (await tx.query(insertEndpointSql, [toUuid(endpointId), toUuid(channelId), ...sealed, most])).length > 0;
}

const listEndpointsSql = appStatement<EndpointRow>(
  "webhooks.list_endpoints",
  `select ${columns} from webhook_endpoints where organisation_id = $1 and app_id = $2 order by endpoint_id`,
);

/** The app's endpoints, oldest first. */
export async function listEndpoints(tx: TenantTx): Promise<StoredEndpoint[]> {
  return (await tx.query(listEndpointsSql)).map(toStored);
}

const findEndpointSql = appStatement<EndpointRow>(
  "webhooks.find_endpoint",
  `select ${columns} from webhook_endpoints where organisation_id = $1 and app_id = $2 and endpoint_id = $3`,
);

export async function findEndpoint(tx: TenantTx, endpointId: EndpointId): Promise<StoredEndpoint | undefined> {
  const row = (await tx.query(findEndpointSql, [toUuid(endpointId)]))[0];
  return row === undefined ? undefined : toStored(row);
}

/** What an update may change; undefined leaves it. */
export interface EndpointChange {
  readonly url?: Buffer | undefined;
  readonly events?: readonly EventKind[] | undefined;
  readonly headers?: Buffer | undefined;
  readonly enabled?: boolean | undefined;
}

const changeEndpointSql = appStatement<EndpointRow>(
  "webhooks.change_endpoint",
  // Switching it on, or pointing it elsewhere, forgives what failed.
  `update webhook_endpoints set url = coalesce($4::bytea, url), events = coalesce($5::text[], events),
     headers = coalesce($6::bytea, headers), enabled = coalesce($7::boolean, enabled),
     disabled_reason = case when $7::boolean then null else disabled_reason end,
     failing_since = case when $7::boolean or $4::bytea is not null then null else failing_since end, updated_at = now()
   where organisation_id = $1 and app_id = $2 and endpoint_id = $3 returning ${columns}`,
);

/** Changes an endpoint; undefined when there is none. */
export async function changeEndpoint(
  tx: TenantTx,
  endpointId: EndpointId,
  change: EndpointChange,
): Promise<StoredEndpoint | undefined> {
  const { url, events, headers, enabled } = change;
  const values = [url ?? null, events === undefined ? null : [...events], headers ?? null, enabled ?? null];
  const row = (await tx.query(changeEndpointSql, [toUuid(endpointId), ...values]))[0];
  return row === undefined ? undefined : toStored(row);
}

const lockSecretSql = appStatement<{ secret: Buffer }>(
  "webhooks.lock_secret",
  `select secret from webhook_endpoints where organisation_id = $1 and app_id = $2 and endpoint_id = $3 for update`,
);

/** The current secret, with the endpoint locked until the transaction ends: two rotations take turns. */
export async function lockSecret(tx: TenantTx, endpointId: EndpointId): Promise<Buffer | undefined> {
  return (await tx.query(lockSecretSql, [toUuid(endpointId)]))[0]?.secret;
}

const rotateSecretSql = appStatement<never>(
  "webhooks.rotate_secret",
  `update webhook_endpoints set secret = $4, previous_secret = $5, previous_until = $6, updated_at = now()
   where organisation_id = $1 and app_id = $2 and endpoint_id = $3`,
);

/** Puts another secret in place; the one before signs until `previous.until`, or not at all. */
export async function rotateStoredSecret(
  tx: TenantTx,
  endpointId: EndpointId,
  secrets: { secret: Buffer; previous: { secret: Buffer; until: Date } | undefined },
): Promise<void> {
  const { secret, previous } = secrets;
  await tx.query(rotateSecretSql, [toUuid(endpointId), secret, previous?.secret ?? null, previous?.until ?? null]);
}

const deleteEndpointSql = appStatement<{ endpoint_id: string }>(
  "webhooks.delete_endpoint",
  `delete from webhook_endpoints where organisation_id = $1 and app_id = $2 and endpoint_id = $3 returning endpoint_id`,
);

/** Removes an endpoint with its secrets. Answers whether there was one. What waits for it fails at its next attempt. */
export async function deleteEndpoint(tx: TenantTx, endpointId: EndpointId): Promise<boolean> {
  return (await tx.query(deleteEndpointSql, [toUuid(endpointId)])).length > 0;
}

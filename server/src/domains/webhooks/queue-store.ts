// The SQL of delivering: leases, attempts and their results.

import { type DeliveryId, type EndpointId, fromUuid, type Tenant, toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import { appStatement, type SqlValue, systemStatement, type TenantTx } from "../../platform/db/index.ts";
import type { DeliveryState, EventKind } from "./types.ts";

export interface Lease {
  /** This process's number. */
  readonly owner: number;
  readonly seconds: number;
}

interface TenantRow {
  organisation_id: string;
  app_id: string;
}

export function toTenant(row: TenantRow): Tenant {
  return { organisationId: fromUuid("organisation", row.organisation_id), appId: fromUuid("app", row.app_id) };
}

/** Leases deliveries that are due and free. */
export const claimDeliveriesSql = systemStatement<TenantRow & { delivery_id: string }>(
  "webhooks.claim_deliveries",
  "select organisation_id, app_id, delivery_id from parley_claim_deliveries($1, $2, $3, $4)",
);

export interface DeliveryToStore {
  readonly deliveryId: DeliveryId;
  readonly endpointId: EndpointId;
  readonly event: EventKind;
  readonly body: Buffer;
  readonly correlationId: string;
  /** When it may be taken, for one that cannot be taken at once. */
  readonly dueAtMs: number | undefined;
}

const deliveryColumns = `organisation_id, app_id, delivery_id, endpoint_id, event, body, correlation_id, due_at,
     lease_owner, lease_until`;

const insertDeliveriesSql = appStatement<never>(
  "webhooks.insert_deliveries",
  `insert into webhook_deliveries (${deliveryColumns})
   select $1, $2, x.delivery_id, x.endpoint_id, x.event, x.body, x.correlation_id,
     coalesce(to_timestamp(x.due_ms / 1000), now()), case when x.due_ms is null then $9::integer end,
     case when x.due_ms is null then now() + make_interval(secs => $10) end
   from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bytea[], $7::text[], $8::double precision[])
     as x (delivery_id, endpoint_id, event, body, correlation_id, due_ms)`,
);

// The same for one delivery, of which PostgreSQL makes less.
const insertDeliverySql = appStatement<never>(
  "webhooks.insert_delivery",
  `insert into webhook_deliveries (${deliveryColumns})
   values ($1, $2, $3, $4, $5, $6, $7, coalesce(to_timestamp($8::double precision / 1000), now()),
     case when $8::double precision is null then $9::integer end,
     case when $8::double precision is null then now() + make_interval(secs => $10) end)`,
);

/** Stores deliveries, leased to this process unless they are due later, in one statement. */
export async function insertDeliveries(
  tx: TenantTx,
  deliveries: readonly DeliveryToStore[],
  lease: Lease,
): Promise<void> {
  const [one, second] = deliveries;
  if (one !== undefined && second === undefined) {
    const { deliveryId, endpointId, event, body, correlationId, dueAtMs = null } = one;
    const values = [toUuid(deliveryId), toUuid(endpointId), event, body, correlationId, dueAtMs];
    await tx.query(insertDeliverySql, [...values, lease.owner, lease.seconds]);
    return;
  }
  await tx.query(insertDeliveriesSql, [
    deliveries.map((each) => toUuid(each.deliveryId)),
    deliveries.map((each) => toUuid(each.endpointId)),
    deliveries.map((each) => each.event),
    deliveries.map((each) => each.body),
    deliveries.map((each) => each.correlationId),
    deliveries.map((each) => each.dueAtMs ?? null),
    lease.owner,
    lease.seconds,
  ]);
}

export interface ClaimedDelivery {
  readonly deliveryId: DeliveryId;
  readonly endpointId: EndpointId;
  readonly body: Buffer;
  readonly attempts: number;
}

const loadDeliveriesSql = appStatement<{ delivery_id: string; endpoint_id: string; body: Buffer; attempts: number }>(
  "webhooks.load_deliveries",
  `select delivery_id, endpoint_id, body, attempts from webhook_deliveries
   where organisation_id = $1 and app_id = $2 and delivery_id = any($3::uuid[]) order by delivery_id`,
);

/** What claimed deliveries say and to whom. */
export async function loadDeliveries(tx: TenantTx, deliveryUuids: readonly string[]): Promise<ClaimedDelivery[]> {
  const rows = await tx.query(loadDeliveriesSql, [deliveryUuids]);
  return rows.map((row) => ({
    deliveryId: fromUuid("delivery", row.delivery_id),
    endpointId: fromUuid("endpoint", row.endpoint_id),
    body: row.body,
    attempts: row.attempts,
  }));
}

export interface AttemptToStore {
  readonly deliveryId: DeliveryId;
  /** What the delivery is after it. */
  readonly state: DeliveryState;
  readonly at: Date;
  readonly durationMs: number;
  readonly statusCode: number | undefined;
  readonly errorCode: string | undefined;
  readonly response: Buffer | undefined;
}

/** What a batch of attempts says of one endpoint. */
export interface EndpointNews {
  readonly endpointId: EndpointId;
  readonly hasSucceeded: boolean;
  /** The first failure after the last success of the batch. */
  readonly failedAt: Date | undefined;
  /** Switches it off. */
  readonly disabledReason: string | undefined;
}

/** Not `state = 'pending'`: PostgreSQL would read everything that is pending, of all apps, to find one. */
const isUnfinished = "d.finished_at is null";

// The endpoint's row is written only when it says something else than before.
const recordAttemptsSql = appStatement<never>(
  "webhooks.record_attempts",
  `with tried as (
     insert into webhook_attempts (organisation_id, app_id, delivery_id, attempt_id, at, duration_ms, status_code,
       error_code, response)
     select $1, $2, x.* from unnest($3::uuid[], $4::uuid[], $5::timestamptz[], $6::integer[], $7::integer[],
       $8::text[], $9::bytea[]) as x),
   moved as (
     update webhook_deliveries d set attempts = d.attempts + 1, state = x.state,
       finished_at = case when x.state = 'pending' then null else now() end,
       lease_owner = case when x.state = 'pending' then d.lease_owner end,
       lease_until = case when x.state = 'pending' then d.lease_until end
     from unnest($3::uuid[], $10::text[]) as x (delivery_id, state)
     where d.organisation_id = $1 and d.app_id = $2 and d.delivery_id = x.delivery_id
       and ${isUnfinished})
   update webhook_endpoints e set
     failing_since = case when x.has_succeeded then x.failed_at else coalesce(e.failing_since, x.failed_at) end,
     enabled = e.enabled and x.reason is null,
     disabled_reason = case when e.enabled then x.reason else e.disabled_reason end
   from unnest($11::uuid[], $12::boolean[], $13::timestamptz[], $14::text[])
     as x (endpoint_id, has_succeeded, failed_at, reason)
   where e.organisation_id = $1 and e.app_id = $2 and e.endpoint_id = x.endpoint_id
     and ((x.has_succeeded and e.failing_since is not null) or (x.failed_at is not null and e.failing_since is null)
       or (x.reason is not null and e.enabled))`,
);

// The same for one attempt that says something of its endpoint.
const recordAttemptSql = appStatement<never>(
  "webhooks.record_attempt",
  `with tried as (
     insert into webhook_attempts (organisation_id, app_id, delivery_id, attempt_id, at, duration_ms, status_code,
       error_code, response)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)),
   moved as (
     update webhook_deliveries d set attempts = d.attempts + 1, state = $10,
       finished_at = case when $10 = 'pending' then null else now() end,
       lease_owner = case when $10 = 'pending' then d.lease_owner end,
       lease_until = case when $10 = 'pending' then d.lease_until end
     where d.organisation_id = $1 and d.app_id = $2 and d.delivery_id = $3 and ${isUnfinished})
   update webhook_endpoints e set
     failing_since = case when $12::boolean then $13::timestamptz else coalesce(e.failing_since, $13) end,
     enabled = e.enabled and $14::text is null,
     disabled_reason = case when e.enabled then $14 else e.disabled_reason end
   where e.organisation_id = $1 and e.app_id = $2 and e.endpoint_id = $11
     and (($12::boolean and e.failing_since is not null) or ($13::timestamptz is not null and e.failing_since is null)
       or ($14::text is not null and e.enabled))`,
);

function toValues(one: AttemptToStore): SqlValue[] {
  const { deliveryId, at, durationMs, statusCode, errorCode, response, state } = one;
  const answer = [statusCode ?? null, errorCode ?? null, response ?? null];
  return [toUuid(deliveryId), toUuid(newId("delivery")), at, durationMs, ...answer, state];
}

function toNewsValues({ endpointId, hasSucceeded, failedAt, disabledReason }: EndpointNews): SqlValue[] {
  return [toUuid(endpointId), hasSucceeded, failedAt ?? null, disabledReason ?? null];
}

const columnsOf = { attempt: 8, news: 4 } as const;

/** One array for each of the columns. */
function toColumns(rows: readonly (readonly SqlValue[])[], columns: number): SqlValue[] {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column] ?? null));
}

/** Records attempts and moves their deliveries on, in one statement. */
export async function recordAttempts(
  tx: TenantTx,
  attempts: readonly AttemptToStore[],
  news: readonly EndpointNews[],
): Promise<void> {
  const [attempt, ...others] = attempts.map(toValues);
  const [told, ...more] = news.map(toNewsValues);
  if (attempt !== undefined && told !== undefined && others.length + more.length === 0) {
    await tx.query(recordAttemptSql, [...attempt, ...told]);
    return;
  }
  await tx.query(recordAttemptsSql, [
    ...toColumns(attempts.map(toValues), columnsOf.attempt),
    ...toColumns(news.map(toNewsValues), columnsOf.news),
  ]);
}

const switchOffSql = appStatement<{ endpoint_id: string }>(
  "webhooks.switch_off",
  `update webhook_endpoints set enabled = false, disabled_reason = $5, updated_at = now()
   where organisation_id = $1 and app_id = $2 and endpoint_id = any($3::uuid[]) and enabled and failing_since <= $4
   returning endpoint_id`,
);

/** Switches off those of the endpoints that have done nothing but fail since before `since`. Returns them. */
export async function switchOffFailing(
  tx: TenantTx,
  endpointIds: readonly EndpointId[],
  because: { since: Date; reason: string },
): Promise<EndpointId[]> {
  const rows = await tx.query(switchOffSql, [endpointIds.map(toUuid), because.since, because.reason]);
  return rows.map((row) => fromUuid("endpoint", row.endpoint_id));
}

const releaseDeliveriesSql = appStatement<never>(
  "webhooks.release_deliveries",
  `update webhook_deliveries d set lease_owner = null, lease_until = null,
     due_at = to_timestamp(x.due_ms / 1000)
   from unnest($3::uuid[], $4::double precision[]) as x (delivery_id, due_ms)
   where d.organisation_id = $1 and d.app_id = $2 and d.delivery_id = x.delivery_id and ${isUnfinished}`,
);

/** Frees deliveries of this process: each is due again at its own time. */
export async function releaseDeliveries(
  tx: TenantTx,
  deliveries: readonly { deliveryId: DeliveryId; dueAtMs: number }[],
): Promise<void> {
  const values = [deliveries.map((one) => toUuid(one.deliveryId)), deliveries.map((one) => one.dueAtMs)];
  await tx.query(releaseDeliveriesSql, values);
}

/** The apps that have deliveries from before a time. */
export const findOldDeliveriesSql = systemStatement<TenantRow>(
  "webhooks.find_old_deliveries",
  "select organisation_id, app_id from parley_find_old_deliveries($1, $2)",
);

const purgeSql = appStatement<{ delivery_id: string }>(
  "webhooks.purge",
  `with old as (
     select d.delivery_id from webhook_deliveries d where d.organisation_id = $1 and d.app_id = $2 and d.created_at < $3
     order by d.delivery_id limit $4),
   told as (
     delete from webhook_attempts a using old where a.organisation_id = $1 and a.app_id = $2
     and a.delivery_id = old.delivery_id)
   delete from webhook_deliveries d using old where d.organisation_id = $1 and d.app_id = $2
     and d.delivery_id = old.delivery_id returning d.delivery_id`,
);

/** Removes up to `most` deliveries from before `cutoff` with their attempts. Returns how many. */
export async function purgeDeliveries(tx: TenantTx, cutoff: Date, most: number): Promise<number> {
  return (await tx.query(purgeSql, [cutoff, most])).length;
}

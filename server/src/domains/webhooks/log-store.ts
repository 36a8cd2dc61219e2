// The SQL of the delivery log, and of replays.

import { type DeliveryId, type EndpointId, fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";
import type { DeliveryState, EventKind } from "./types.ts";

export interface LoggedDelivery {
  readonly deliveryId: DeliveryId;
  readonly endpointId: EndpointId;
  readonly event: EventKind;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly correlationId: string;
  readonly createdAt: Date;
  readonly dueAt: Date;
  readonly finishedAt: Date | undefined;
}

interface LoggedRow {
  delivery_id: string;
  endpoint_id: string;
  event: EventKind;
  state: DeliveryState;
  attempts: number;
  correlation_id: string;
  created_at: Date;
  due_at: Date;
  finished_at: Date | null;
}

const columns = `delivery_id, endpoint_id, event, state, attempts, correlation_id, created_at, due_at, finished_at`;

function toLogged(row: LoggedRow): LoggedDelivery {
  return {
    deliveryId: fromUuid("delivery", row.delivery_id),
    endpointId: fromUuid("endpoint", row.endpoint_id),
    event: row.event,
    state: row.state,
    attempts: row.attempts,
    correlationId: row.correlation_id,
    createdAt: row.created_at,
    dueAt: row.due_at,
    finishedAt: row.finished_at ?? undefined,
  };
}

const listDeliveriesSql = appStatement<LoggedRow>(
  "webhooks.list_deliveries",
  `select ${columns} from webhook_deliveries where organisation_id = $1 and app_id = $2
     and ($3::uuid is null or delivery_id < $3) and ($4::uuid is null or endpoint_id = $4)
     and ($5::text is null or state = $5)
   order by delivery_id desc limit $6`,
);

/** Deliveries, newest first; `after` is the last one of the page before. */
export async function listDeliveries(
  tx: TenantTx,
  page: {
    first: number;
    after: DeliveryId | undefined;
    endpointId: EndpointId | undefined;
    state: DeliveryState | undefined;
  },
): Promise<LoggedDelivery[]> {
  const { first, after, endpointId, state } = page;
  const from = after === undefined ? null : toUuid(after);
  const endpoint = endpointId === undefined ? null : toUuid(endpointId);
  return (await tx.query(listDeliveriesSql, [from, endpoint, state ?? null, first])).map(toLogged);
}

const findDeliverySql = appStatement<LoggedRow & { body: Buffer }>(
  "webhooks.find_delivery",
  `select ${columns}, body from webhook_deliveries
   where organisation_id = $1 and app_id = $2 and delivery_id = $3`,
);

export async function findDelivery(
  tx: TenantTx,
  deliveryId: DeliveryId,
): Promise<(LoggedDelivery & { readonly body: Buffer }) | undefined> {
  const row = (await tx.query(findDeliverySql, [toUuid(deliveryId)]))[0];
  return row === undefined ? undefined : { ...toLogged(row), body: row.body };
}

export interface LoggedAttempt {
  readonly at: Date;
  readonly durationMs: number;
  readonly statusCode: number | undefined;
  readonly errorCode: string | undefined;
  readonly response: Buffer | undefined;
}

const listAttemptsSql = appStatement<{
  at: Date;
  duration_ms: number;
  status_code: number | null;
  error_code: string | null;
  response: Buffer | null;
}>(
  "webhooks.list_attempts",
  `select at, duration_ms, status_code, error_code, response from webhook_attempts
   where organisation_id = $1 and app_id = $2 and delivery_id = $3 order by attempt_id desc limit $4`,
);

/** The attempts of a delivery, newest first. */
export async function listAttempts(tx: TenantTx, deliveryId: DeliveryId, most: number): Promise<LoggedAttempt[]> {
  const rows = await tx.query(listAttemptsSql, [toUuid(deliveryId), most]);
  return rows.map((row) => ({
    at: row.at,
    durationMs: row.duration_ms,
    statusCode: row.status_code ?? undefined,
    errorCode: row.error_code ?? undefined,
    response: row.response ?? undefined,
  }));
}

const replaySql = appStatement<{ delivery_id: string }>(
  "webhooks.replay",
  `update webhook_deliveries set state = 'pending', attempts = 0, due_at = now(), finished_at = null
   where organisation_id = $1 and app_id = $2 and delivery_id = $3 and (state <> 'pending' or lease_owner is null)
   returning delivery_id`,
);

/**
 * Makes a delivery due at once, with its whole schedule before it and the same id. Answers whether it did: a delivery
 * that is being tried this moment is left alone.
 */
export async function replayDelivery(tx: TenantTx, deliveryId: DeliveryId): Promise<boolean> {
  return (await tx.query(replaySql, [toUuid(deliveryId)])).length > 0;
}

const replayFailedSql = appStatement<{ delivery_id: string }>(
  "webhooks.replay_failed",
  `with failed as (
     select d.delivery_id from webhook_deliveries d where d.organisation_id = $1 and d.app_id = $2
     and d.endpoint_id = $3 and d.state = 'failed' and d.created_at >= $4 order by d.delivery_id limit $5 for update)
   update webhook_deliveries d set state = 'pending', attempts = 0, due_at = now(), finished_at = null
   from failed where d.organisation_id = $1 and d.app_id = $2 and d.delivery_id = failed.delivery_id
   returning d.delivery_id`,
);

/** Makes up to `most` failed deliveries of an endpoint since a time due at once, the oldest first. Returns how many. */
export async function replayFailed(
  tx: TenantTx,
  endpointId: EndpointId,
  what: { since: Date; most: number },
): Promise<number> {
  return (await tx.query(replayFailedSql, [toUuid(endpointId), what.since, what.most])).length;
}

// The SQL of taking events in.

import { type ChannelId, type EventId, fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";

export interface ArrivedEvent {
  readonly eventId: EventId;
  readonly channelId: ChannelId;
  readonly kind: "message" | "status" | "notice" | "redirect";
  readonly lane: number;
  readonly externalKey: Buffer;
  readonly replayKey: Buffer;
  readonly payload: Buffer;
  readonly correlationId: string;
}

const storeArrivalsSql = appStatement<{ event_id: string }>(
  "conversations.store_arrivals",
  `with fresh as (
     insert into replay_keys (organisation_id, app_id, channel_id, replay_key)
     select $1, $2, x.channel_id, x.replay_key from unnest($3::uuid[], $4::bytea[]) as x (channel_id, replay_key)
     on conflict do nothing returning channel_id, replay_key)
   insert into inbound_events (organisation_id, app_id, channel_id, event_id, kind, lane, external_key, payload, correlation_id)
   select $1, $2, x.channel_id, x.event_id, x.kind, x.lane, x.external_key, x.payload, x.correlation_id
   from unnest($3::uuid[], $4::bytea[], $5::uuid[], $6::text[], $7::integer[], $8::bytea[], $9::bytea[], $10::text[])
     with ordinality as x (channel_id, replay_key, event_id, kind, lane, external_key, payload, correlation_id, position)
   join fresh f on f.channel_id = x.channel_id and f.replay_key = x.replay_key
   order by x.position returning event_id`,
);

/**
 * Stores events that were not seen before, in order, and returns the ids of those that were. The caller has left out
 * repeats within `events`.
 */
export async function storeArrivals(tx: TenantTx, events: readonly ArrivedEvent[]): Promise<Set<EventId>> {
  const rows = await tx.query(storeArrivalsSql, [
    events.map((event) => toUuid(event.channelId)),
    events.map((event) => event.replayKey),
    events.map((event) => toUuid(event.eventId)),
    events.map((event) => event.kind),
    events.map((event) => event.lane),
    events.map((event) => event.externalKey),
    events.map((event) => event.payload),
    events.map((event) => event.correlationId),
  ]);
  return new Set(rows.map((row) => fromUuid("event", row.event_id)));
}

const purgeReplayKeysSql = appStatement<{ purged: string }>(
  "conversations.purge_replay_keys",
  `with gone as (delete from replay_keys where organisation_id = $1 and app_id = $2
     and received_at < now() - make_interval(days => $3) returning 1)
   select count(*) as purged from gone`,
);

/** Forgets what arrived more than `days` days ago. Returns how many keys that were. */
export async function purgeReplayKeys(tx: TenantTx, days: number): Promise<number> {
  return Number((await tx.query(purgeReplayKeysSql, [days]))[0]?.purged ?? 0);
}

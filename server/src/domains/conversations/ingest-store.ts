// The SQL of taking events in.

import { type ChannelId, type EventId, fromUuid, type Tenant, toUuid } from "../../kernel/ids.ts";
import { appStatement, type BatchTx, systemStatement, type TenantTx } from "../../platform/db/index.ts";
import { lockClasses } from "./lane.ts";
import { type PendingRow, type StoredConversation, toConversation } from "./process-store.ts";

export interface ArrivedEvent {
  readonly eventId: EventId;
  readonly channelId: ChannelId;
  readonly kind: "message" | "status" | "notice" | "redirect";
  readonly lane: number;
  readonly externalKey: Buffer;
  readonly replayKey: Buffer;
  readonly correlationId: string;
}

/** A lane, and what was there before: see `takeLanes`. */
export interface TakenLane {
  /** This transaction holds it, and nothing of it waits in the queue: what arrives may be processed at once. */
  readonly isFree: boolean;
  /** Messages of it are with another process, or with none: what is said now waits for them. */
  readonly isBehind: boolean;
  readonly configurationRevision: string;
}

const takeLanesSql = systemStatement<{
  is_held: boolean;
  has_events: boolean;
  is_behind: boolean;
  configuration_revision: string;
}>(
  "conversations.take_lanes",
  `select is_held, has_events, is_behind, configuration_revision from parley_take_lanes($1, $2, $3, $4, $5)`,
);

/** Takes the locks of those lanes that nobody holds, and says of each, in order, what was there before. */
export async function takeLanes(
  tx: BatchTx,
  lanes: readonly { readonly tenant: Tenant; readonly lane: number }[],
  leaseOwner: number,
): Promise<TakenLane[]> {
  if (lanes.length === 0) return [];
  const rows = await tx.lookUp(takeLanesSql, [
    lockClasses.lane,
    leaseOwner,
    lanes.map(({ tenant }) => toUuid(tenant.organisationId)),
    lanes.map(({ tenant }) => toUuid(tenant.appId)),
    lanes.map(({ lane }) => lane),
  ]);
  return rows.map((row) => ({
    // SECURITY: order. What waits in a lane comes first, so whatever arrives behind it waits too.
    isFree: row.is_held && !row.has_events,
    isBehind: row.is_behind,
    configurationRevision: row.configuration_revision,
  }));
}

/** An event that was not seen before, and its member's conversation. */
export interface FreshEvent {
  readonly eventId: EventId;
  readonly conversation: StoredConversation | undefined;
}

type FreshRow = Pick<PendingRow, "event_id" | "member_id" | "profile" | "conversation_id" | "state" | "active_at">;

const takeInSql = appStatement<FreshRow>(
  "conversations.take_in",
  `with fresh as (
     insert into replay_keys (organisation_id, app_id, channel_id, replay_key)
     select $1, $2, x.channel_id, x.replay_key from unnest($3::uuid[], $4::bytea[]) as x (channel_id, replay_key)
     on conflict do nothing returning channel_id, replay_key)
   select x.event_id, m.member_id, m.profile, c.conversation_id, c.state, c.active_at
   from unnest($3::uuid[], $4::bytea[], $5::uuid[], $6::bytea[])
     with ordinality as x (channel_id, replay_key, event_id, external_key, position)
   join fresh f on f.channel_id = x.channel_id and f.replay_key = x.replay_key
   left join members m on m.organisation_id = $1 and m.app_id = $2 and m.channel_id = x.channel_id
     and m.external_key = x.external_key
   left join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.member_id = m.member_id
   order by x.position`,
);

// The same for one event: single values take PostgreSQL three quarters of the time that arrays of one element do.
const takeInOneSql = appStatement<FreshRow>(
  "conversations.take_in_one",
  `with fresh as (
     insert into replay_keys (organisation_id, app_id, channel_id, replay_key) values ($1, $2, $3, $4)
     on conflict do nothing returning channel_id)
   select $5::uuid as event_id, m.member_id, m.profile, c.conversation_id, c.state, c.active_at
   from fresh f
   left join members m on m.organisation_id = $1 and m.app_id = $2 and m.channel_id = f.channel_id
     and m.external_key = $6
   left join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.member_id = m.member_id`,
);

function runTakeIn(tx: TenantTx, events: readonly ArrivedEvent[]): Promise<FreshRow[]> {
  const [one, second] = events;
  if (one !== undefined && second === undefined) {
    const { channelId, replayKey, eventId, externalKey } = one;
    return tx.query(takeInOneSql, [toUuid(channelId), replayKey, toUuid(eventId), externalKey]);
  }
  return tx.query(takeInSql, [
    events.map((event) => toUuid(event.channelId)),
    events.map((event) => event.replayKey),
    events.map((event) => toUuid(event.eventId)),
    events.map((event) => event.externalKey),
  ]);
}

/**
 * Remembers events and returns, in order, those that were not seen before, each with its member's conversation. The caller
 * has left out repeats within `events`, and has tried the lanes' locks in an earlier statement, so that what is read here is
 * what the last holder left.
 */
export async function takeIn(tx: TenantTx, events: readonly ArrivedEvent[]): Promise<FreshEvent[]> {
  const rows = await runTakeIn(tx, events);
  return rows.map((row) => ({ eventId: fromUuid("event", row.event_id), conversation: toConversation(row) }));
}

const queueEventsSql = appStatement<never>(
  "conversations.queue_events",
  `insert into inbound_events (organisation_id, app_id, channel_id, event_id, kind, lane, external_key, payload, correlation_id)
   select $1, $2, x.channel_id, x.event_id, x.kind, x.lane, x.external_key, x.payload, x.correlation_id
   from unnest($3::uuid[], $4::uuid[], $5::text[], $6::integer[], $7::bytea[], $8::bytea[], $9::text[])
     with ordinality as x (channel_id, event_id, kind, lane, external_key, payload, correlation_id, position)
   order by x.position`,
);

/** Stores events for the processing loops, in order. */
export async function queueEvents(
  tx: TenantTx,
  events: readonly (ArrivedEvent & { readonly payload: Buffer })[],
): Promise<void> {
  await tx.query(queueEventsSql, [
    events.map((event) => toUuid(event.channelId)),
    events.map((event) => toUuid(event.eventId)),
    events.map((event) => event.kind),
    events.map((event) => event.lane),
    events.map((event) => event.externalKey),
    events.map((event) => event.payload),
    events.map((event) => event.correlationId),
  ]);
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

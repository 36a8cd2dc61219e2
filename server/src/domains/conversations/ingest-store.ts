// The SQL of taking events in.

import { type ChannelId, type EventId, fromUuid, toUuid } from "../../kernel/ids.ts";
import { appStatement, systemStatement, type TenantTx } from "../../platform/db/index.ts";
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

/** Takes the locks of lanes that nobody holds. */
export const tryLanesSql = systemStatement<{ lane: number }>(
  "conversations.try_lanes",
  "select lane from parley_try_lanes($1, $2)",
);

/** An event that was not seen before, and what processing it at once needs. */
export interface FreshEvent {
  readonly eventId: EventId;
  /** Something of its lane waits in the queue already. */
  readonly waits: boolean;
  readonly configurationRevision: string;
  readonly conversation: StoredConversation | undefined;
}

type FreshRow = Pick<
  PendingRow,
  "event_id" | "configuration_revision" | "member_id" | "profile" | "conversation_id" | "state" | "active_at"
> & {
  waits: boolean;
};

const takeInSql = appStatement<FreshRow>(
  "conversations.take_in",
  `with fresh as (
     insert into replay_keys (organisation_id, app_id, channel_id, replay_key)
     select $1, $2, x.channel_id, x.replay_key from unnest($3::uuid[], $4::bytea[]) as x (channel_id, replay_key)
     on conflict do nothing returning channel_id, replay_key)
   select x.event_id, a.configuration_revision, m.member_id, m.profile, c.conversation_id, c.state, c.active_at,
     exists (select from inbound_events e where e.organisation_id = $1 and e.app_id = $2 and e.lane = x.lane) as waits
   from unnest($3::uuid[], $4::bytea[], $5::uuid[], $6::integer[], $7::bytea[])
     with ordinality as x (channel_id, replay_key, event_id, lane, external_key, position)
   join fresh f on f.channel_id = x.channel_id and f.replay_key = x.replay_key
   join apps a on a.organisation_id = $1 and a.app_id = $2
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
   select $5::uuid as event_id, a.configuration_revision, m.member_id, m.profile, c.conversation_id, c.state, c.active_at,
     exists (select from inbound_events e where e.organisation_id = $1 and e.app_id = $2 and e.lane = $6) as waits
   from fresh f
   join apps a on a.organisation_id = $1 and a.app_id = $2
   left join members m on m.organisation_id = $1 and m.app_id = $2 and m.channel_id = f.channel_id
     and m.external_key = $7
   left join conversations c on c.organisation_id = $1 and c.app_id = $2 and c.member_id = m.member_id`,
);

function runTakeIn(tx: TenantTx, events: readonly ArrivedEvent[]): Promise<FreshRow[]> {
  const [one, second] = events;
  if (one !== undefined && second === undefined) {
    const { channelId, replayKey, eventId, lane, externalKey } = one;
    return tx.query(takeInOneSql, [toUuid(channelId), replayKey, toUuid(eventId), lane, externalKey]);
  }
  return tx.query(takeInSql, [
    events.map((event) => toUuid(event.channelId)),
    events.map((event) => event.replayKey),
    events.map((event) => toUuid(event.eventId)),
    events.map((event) => event.lane),
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
  return rows.map((row) => ({
    eventId: fromUuid("event", row.event_id),
    waits: row.waits,
    configurationRevision: row.configuration_revision,
    conversation: toConversation(row),
  }));
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

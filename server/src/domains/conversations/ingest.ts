// Takes events in: encrypts them, drops what was seen before, and resolves once they are committed. Arrivals of all apps
// that come while one commit is under way share the next, in order of arrival.

import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { type ChannelId, type EventId, type Tenant, toUuid } from "../../kernel/ids.ts";
import { Batcher } from "../../platform/batching/batcher.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Database } from "../../platform/db/index.ts";
import type { Keychain, Sealer } from "../keys/index.ts";
import { conversationErrors } from "./errors.ts";
import { type ArrivedEvent, storeArrivals } from "./ingest-store.ts";
import { toExternalKey, toLane } from "./lane.ts";
import type { PipelineEvent } from "./types.ts";

const batchMax = 256;
/** Arrivals that wait for a commit; more are refused, so that a slow disk makes senders wait instead of memory grow. */
const backlogMax = 20_000;

export interface Arrival {
  readonly tenant: Tenant;
  readonly channelId: ChannelId;
  readonly events: readonly PipelineEvent[];
  readonly correlationId: string;
}

/** What became of one event of an arrival. */
export interface Receipt {
  readonly eventId: EventId;
  /** It was stored before; nothing happened. */
  readonly isRepeat: boolean;
}

export interface IngestOptions {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly clock: Clock;
  /** Called after each commit that stored something. */
  readonly onStored: () => void;
}

interface Sealed {
  readonly arrival: Arrival;
  readonly events: readonly ArrivedEvent[];
}

/** What names an event for good: the same text for the same event sent again. */
function toReplayText(channelId: ChannelId, event: PipelineEvent, eventId: EventId): string {
  switch (event.kind) {
    case "message":
      return `${channelId}:message:${event.platformMessageId}`;
    case "status":
      return `${channelId}:status:${event.platformMessageId}:${event.status}`;
    case "notice":
      return `${channelId}:notice:${event.noticeKey}`;
    case "redirect":
      return `${channelId}:redirect:${eventId}`;
  }
}

/** The lane's key: the member's, but for statuses and notices, which must not hold up the member's messages. */
function toLaneKey(sealer: Sealer, channelId: ChannelId, event: PipelineEvent): Buffer {
  if (event.kind === "message" || event.kind === "redirect") return toExternalKey(sealer, channelId, event.externalId);
  const about = event.kind === "status" ? event.platformMessageId : event.noticeKey;
  return sealer.blindIndex("inbound_events", "external_key", `${channelId}:${event.kind}:${about}`);
}

export class Ingest {
  readonly #options: IngestOptions;
  readonly #batcher: Batcher<Sealed, readonly Receipt[]>;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#batcher = new Batcher({ batchMax, handle: (batch) => this.#store(batch) });
  }

  /** Resolves when the arrival is committed. Throws `conversations.overloaded` or what the database says. */
  async accept(arrival: Arrival): Promise<readonly Receipt[]> {
    if (arrival.events.length === 0) return [];
    if (this.#batcher.backlog >= backlogMax)
      throw new AppError(conversationErrors.overloaded, { retryAfterSeconds: 5 });
    const actor = { kind: "channel", channelId: arrival.channelId } as const;
    const sealer = await this.#options.keychain.sealerFor(arrival.tenant, { actor, reason: "inbound" });
    return this.#batcher.submit({ arrival, events: arrival.events.map((event) => seal(sealer, arrival, event)) });
  }

  /** Resolves when everything accepted so far is committed or refused. */
  async drain(): Promise<void> {
    await this.#batcher.drain();
  }

  async #store(batch: readonly Sealed[]): Promise<readonly (readonly Receipt[])[]> {
    const byApp = Map.groupBy(batch, (sealed) => sealed.arrival.tenant.appId);
    const stored = new Set<EventId>();
    await this.#options.database.withBatch({ kind: "system", job: "ingest" }, async (tx) => {
      for (const group of byApp.values()) {
        const tenant = group[0]?.arrival.tenant as Tenant;
        const storing = storeArrivals(tx.enter(tenant), leaveOutRepeats(group.flatMap((sealed) => sealed.events)));
        tx.last(storing.then((ids) => ids.forEach((id) => stored.add(id))));
      }
    });
    if (stored.size > 0) this.#options.onStored();
    return batch.map((sealed) => sealed.events.map(({ eventId }) => ({ eventId, isRepeat: !stored.has(eventId) })));
  }
}

function seal(sealer: Sealer, arrival: Arrival, event: PipelineEvent): ArrivedEvent {
  const { channelId, correlationId } = arrival;
  const eventId = newId("event");
  const laneKey = toLaneKey(sealer, channelId, event);
  const replayText = toReplayText(channelId, event, eventId);
  const field = { table: "inbound_events", column: "payload", row: toUuid(eventId) };
  return {
    eventId,
    channelId,
    kind: event.kind,
    lane: toLane(laneKey),
    externalKey: laneKey,
    replayKey: sealer.blindIndex("replay_keys", "replay_key", replayText),
    payload: sealer.seal(field, JSON.stringify(event)),
    correlationId,
  };
}

function leaveOutRepeats(events: readonly ArrivedEvent[]): ArrivedEvent[] {
  const seen = new Set<string>();
  return events.filter((event) => {
    const key = `${event.channelId}${event.replayKey.toString("latin1")}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

// Takes events in: drops what was seen before and resolves once the rest is committed. Arrivals of all apps that come while
// one transaction is prepared share the next, which begins while PostgreSQL still stores that one; arrivals of one lane stay
// in order of arrival. An event whose member nobody works on, and of whom nothing waits, is processed in the same
// transaction; any other is encrypted and queued for the processing loops.

import { systemClock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { type ChannelId, type EventId, type Tenant, toUuid } from "../../kernel/ids.ts";
import { Batcher } from "../../platform/batching/batcher.ts";
import { newId } from "../../platform/crypto/random.ts";
import { type BatchTx, type Database, isDeterministic, type TenantTx } from "../../platform/db/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import type { Keychain, Sealer } from "../keys/index.ts";
import { conversationErrors } from "./errors.ts";
import { type ArrivedEvent, type FreshEvent, queueEvents, type TakenLane, takeIn, takeLanes } from "./ingest-store.ts";
import { toExternalKey, toLane } from "./lane.ts";
import type { Lease } from "./outcome-store.ts";
import type { Processor } from "./process.ts";
import type { PendingEvent } from "./process-store.ts";
import type { EventResult, PipelineEvent } from "./types.ts";

const batchMax = 96;
const actor = { kind: "system", job: "ingest" } as const;
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
  /** What became of it, when it was processed at once. */
  readonly result?: EventResult | undefined;
}

export interface IngestOptions {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly log: Logger;
  readonly processor: Pick<Processor, "runArrived" | "settle">;
  /** Whether this process may process events itself right now. */
  readonly mayRun: () => boolean;
  readonly lease: () => Lease;
  /** Called after each commit that left something for the loops. */
  readonly onStored: () => void;
}

/** An event that arrived, in clear. */
interface Arrived extends ArrivedEvent {
  readonly event: PipelineEvent;
  readonly receivedAt: Date;
}

interface Sealed {
  readonly arrival: Arrival;
  readonly events: readonly Arrived[];
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
    this.#batcher = new Batcher({
      batchMax,
      keysOf: ({ events }) => events.map((event) => event.lane),
      handle: (batch, goOn) => this.#store(batch, goOn),
      splitsOn: isDeterministic,
    });
  }

  /** Resolves when the arrival is committed. Throws `conversations.overloaded` or what the database says. */
  async accept(arrival: Arrival): Promise<readonly Receipt[]> {
    if (arrival.events.length === 0) return [];
    if (this.#batcher.backlog >= backlogMax)
      throw new AppError(conversationErrors.overloaded, { retryAfterSeconds: 5 });
    const sealer = await this.#options.keychain.sealerFor(arrival.tenant, { actor, reason: "inbound" });
    return this.#batcher.submit({ arrival, events: arrival.events.map((event) => toArrived(sealer, arrival, event)) });
  }

  /** Resolves when everything accepted so far is committed or refused. */
  async drain(): Promise<void> {
    await this.#batcher.drain();
  }

  /** Stores a batch, processing what can be processed at once. A batch that breaks is queued whole: the loops find the event. */
  async #store(batch: readonly Sealed[], goOn: () => void): Promise<readonly (readonly Receipt[])[]> {
    const mayRun = this.#options.mayRun();
    try {
      return await this.#storeOnce(batch, { mayRun, goOn });
    } catch (error) {
      if (!mayRun || !isDeterministic(error)) throw error;
      this.#options.log.error({ error, arrivals: batch.length }, "a batch of arrivals could not be processed at once");
      return this.#storeOnce(batch, { mayRun: false, goOn });
    }
  }

  async #storeOnce(
    batch: readonly Sealed[],
    { mayRun, goOn }: { readonly mayRun: boolean; readonly goOn: () => void },
  ): Promise<readonly (readonly Receipt[])[]> {
    const stored = new Set<EventId>();
    const { database, processor, lease } = this.#options;
    const { done, queued } = await database.withBatch(actor, async (tx) => {
      const leased = lease();
      const apps = await takeInAll(tx, batch, mayRun ? leased : undefined);
      for (const app of apps) for (const event of app.fresh) stored.add(event.eventId);
      const waiting = await Promise.all(apps.map((app) => this.#queue(tx, app)));
      const running = apps.filter((app) => app.runnable.length > 0);
      const toRun = running.map(({ tenant, tx: own, runnable }) => {
        return { batch: tx, tenant, tx: own, pending: runnable, lease: leased };
      });
      const ran = await processor.runArrived(toRun);
      // All that is left is PostgreSQL's: this process can prepare the next batch meanwhile.
      goOn();
      return { done: ran, queued: waiting.reduce((sum, count) => sum + count, 0) };
    });
    processor.settle(done);
    if (queued > 0) this.#options.onStored();
    const results = new Map(done.results.map((result) => [result.eventId, result]));
    return batch.map((sealed) =>
      sealed.events.map(({ eventId }) => ({ eventId, isRepeat: !stored.has(eventId), result: results.get(eventId) })),
    );
  }

  /** Stores what cannot run at once for the loops. Returns how many events that is. */
  async #queue(batch: BatchTx, app: AppArrivals): Promise<number> {
    const { tenant, tx, waiting } = app;
    if (waiting.length === 0) return 0;
    const sealer = await this.#options.keychain.sealerFor(tenant, { actor, reason: "inbound" });
    const sealed = waiting.map((arrived) => {
      const field = { table: "inbound_events", column: "payload", row: toUuid(arrived.eventId) };
      return { ...arrived, payload: sealer.seal(field, JSON.stringify(arrived.event)) };
    });
    batch.last(queueEvents(tx, sealed));
    return sealed.length;
  }
}

/** The fresh events of one app: those that run at once, and those that wait. */
interface AppArrivals {
  readonly tenant: Tenant;
  readonly tx: TenantTx;
  readonly fresh: readonly FreshEvent[];
  readonly runnable: readonly PendingEvent[];
  readonly waiting: readonly Arrived[];
}

function mayRunAtOnce(arrived: Arrived): boolean {
  return arrived.kind === "message" || arrived.kind === "redirect";
}

/** Takes the lanes of what this process may run, if it has a lease; then takes the events in, all apps in one round trip. */
async function takeInAll(tx: BatchTx, batch: readonly Sealed[], lease: Lease | undefined): Promise<AppArrivals[]> {
  const groups = [...Map.groupBy(batch, (sealed) => sealed.arrival.tenant.appId).values()];
  const taking = lease === undefined ? new Map<string, TakenLane>() : takeArrivedLanes(tx, batch, lease.owner);
  const apps = groups.map(async (group) => {
    const tenant = group[0]?.arrival.tenant as Tenant;
    const tenantTx = tx.enter(tenant);
    const events = leaveOutRepeats(group.flatMap((sealed) => sealed.events));
    return { tenant, tx: tenantTx, events, fresh: await takeIn(tenantTx, events) };
  });
  const [lanes, taken] = await Promise.all([taking, Promise.all(apps)]);
  return taken.map((app) => {
    const arrivals = new Map(app.events.map((arrived) => [arrived.eventId, arrived]));
    const runnable: PendingEvent[] = [];
    const waiting: Arrived[] = [];
    for (const event of app.fresh) {
      const arrived = arrivals.get(event.eventId) as Arrived;
      const lane = mayRunAtOnce(arrived) ? lanes.get(toLaneName(app.tenant, arrived)) : undefined;
      if (lane?.isFree !== true) waiting.push(arrived);
      else runnable.push({ ...arrived, ...event, ...lane, payload: undefined, attempts: 0 });
    }
    return { tenant: app.tenant, tx: app.tx, fresh: app.fresh, runnable, waiting };
  });
}

function toLaneName({ appId }: Tenant, { lane }: Arrived): string {
  return `${appId}:${lane}`;
}

/** Takes each lane once, and returns them by name. */
async function takeArrivedLanes(
  tx: BatchTx,
  batch: readonly Sealed[],
  leaseOwner: number,
): Promise<ReadonlyMap<string, TakenLane>> {
  const wanted = new Map<string, { tenant: Tenant; lane: number }>();
  for (const { arrival, events } of batch) {
    for (const event of events.filter(mayRunAtOnce)) {
      wanted.set(toLaneName(arrival.tenant, event), { tenant: arrival.tenant, lane: event.lane });
    }
  }
  const taken = await takeLanes(tx, [...wanted.values()], leaseOwner);
  return new Map([...wanted.keys()].map((name, index) => [name, taken[index] as TakenLane]));
}

function toArrived(sealer: Sealer, arrival: Arrival, event: PipelineEvent): Arrived {
  const { channelId, correlationId } = arrival;
  const eventId = newId("event");
  const laneKey = toLaneKey(sealer, channelId, event);
  const replayText = toReplayText(channelId, event, eventId);
  return {
    eventId,
    channelId,
    kind: event.kind,
    lane: toLane(laneKey),
    externalKey: laneKey,
    replayKey: sealer.blindIndex("replay_keys", "replay_key", replayText),
    correlationId,
    event,
    receivedAt: new Date(systemClock.nowMs()),
  };
}

function leaveOutRepeats(events: readonly Arrived[]): Arrived[] {
  const seen = new Set<string>();
  return events.filter((event) => {
    const key = `${event.channelId}${event.replayKey.toString("latin1")}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

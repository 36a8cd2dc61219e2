// Works through stored events: claims the lanes of the next ones, runs them through the engine and stores everything that
// came of them, for all apps of a batch in one transaction. A crash before the commit leaves nothing behind; after it, the
// outgoing messages are in the outbox. Events of one member run in order; an event that breaks ends alone.

import type { Clock } from "../../kernel/clock.ts";
import { AppError, kernelErrors } from "../../kernel/errors.ts";
import { fromUuid, type Tenant, toUuid } from "../../kernel/ids.ts";
import { type BatchTx, type Database, isDeterministic, type TenantTx } from "../../platform/db/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import type { Keychain } from "../keys/index.ts";
import type { AppConfiguration, AppConfigurations } from "./app-configuration.ts";
import type { Publish } from "./events.ts";
import { lockClasses } from "./lane.ts";
import { type Lease, storeOutcome } from "./outcome-store.ts";
import {
  claimInboundSql,
  deferEvents,
  emptyOutcome,
  holdLane,
  loadEvents,
  type PendingEvent,
  type Queued,
} from "./process-store.ts";
import {
  type Collected,
  collectConversation,
  finish,
  type LiveConversation,
  openConversation,
  type RunContext,
  runEvent,
} from "./run-event.ts";
import { type PendingStatus, runStatuses, traceRecorded } from "./run-statuses.ts";
import type { EventResult, PipelineEvent, Sending } from "./types.ts";

/** Events claimed at once: enough to share a commit, few enough to be done in some milliseconds. */
export const claimMax = 96;
/** Events run in a row before the event loop gets a turn: some milliseconds. */
const turnMax = 8;
/** Until an event is tried again that could not even be let go. */
const putOffSeconds = 60;
const attemptsMax = 3;
const nobody = "00000000-0000-0000-0000-000000000000";
const actor = { kind: "system", job: "processing" } as const;

export interface ProcessorOptions {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly configurations: AppConfigurations;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lease: () => Lease;
  readonly publish: Publish;
  readonly keepsTraces: boolean;
  /** Takes what the transaction queued and leased to this process, after the commit. */
  readonly onQueued: (sendings: readonly Sending[]) => void;
  readonly onProcessed: (results: readonly EventResult[]) => void;
}

/** The events of one app, and the transaction they are processed in. */
export interface AppBatch {
  readonly batch: BatchTx;
  readonly tenant: Tenant;
  readonly tx: TenantTx;
  readonly pending: readonly PendingEvent[];
  /** SECURITY: order. What comes of the events is leased as their lanes were asked about: this process's number may change. */
  readonly lease: Lease;
}

/** What processing led to; to be passed on after the commit. */
export interface Done {
  readonly results: EventResult[];
  readonly sendings: Sending[];
}

export class Processor {
  readonly #options: ProcessorOptions;
  /** The last app that had a turn: the next claim begins behind it. */
  #turn: readonly [string, string] = [nobody, nobody];

  constructor(options: ProcessorOptions) {
    this.#options = options;
  }

  /**
   * Works through one batch, an equal part for each app. Returns how many events it took; none means that the queue is
   * empty or held by others.
   * Throws `database.*` when nothing could be done; events that break the batch are then run alone.
   */
  async runBatch(most: number = claimMax): Promise<number> {
    const done: Done = { results: [], sendings: [] };
    const claimed: { tenant: Tenant; eventUuid: string }[] = [];
    try {
      await this.#options.database.withBatch(actor, async (batch) => {
        claimed.push(...(await this.#claim(batch, most)));
        const apps = await loadApps(batch, claimed, this.#options.lease());
        await this.#runApps(apps, done);
      });
    } catch (error) {
      if (claimed.length === 0 || !isDeterministic(error)) throw error;
      this.#options.log.error({ error, events: claimed.length }, "a batch of events could not be stored");
      await this.#isolate(claimed);
      return claimed.length;
    }
    this.settle(done);
    return claimed.length;
  }

  async #claim(batch: BatchTx, most: number): Promise<{ tenant: Tenant; eventUuid: string }[]> {
    const rows = await batch.lookUp(claimInboundSql, [lockClasses.lane, most, ...this.#turn]);
    const last = rows.at(-1);
    if (last !== undefined) this.#turn = [last.organisation_id, last.app_id];
    return rows.map((row) => ({
      tenant: { organisationId: fromUuid("organisation", row.organisation_id), appId: fromUuid("app", row.app_id) },
      eventUuid: row.event_id,
    }));
  }

  /**
   * Processes events in the transaction that took them in. The caller holds their lanes, and calls `settle` with what this
   * returns once the transaction has committed.
   */
  async runArrived(apps: readonly AppBatch[]): Promise<Done> {
    const done: Done = { results: [], sendings: [] };
    await this.#runApps(apps, done);
    return done;
  }

  /** Passes on what a committed transaction led to. */
  settle(done: Done): void {
    this.#options.onQueued(done.sendings);
    this.#options.onProcessed(done.results);
  }

  /** Runs app after app without waiting for the database between them, with a turn for the event loop now and then. */
  async #runApps(apps: readonly AppBatch[], done: Done): Promise<void> {
    const running: Promise<void>[] = [];
    let inARow = 0;
    for (const app of apps) {
      const run = this.#runApp(app, done);
      // Awaited below; until then a failure must not count as unhandled.
      run.catch(() => undefined);
      running.push(run);
      inARow += app.pending.length;
      if (inARow < turnMax) continue;
      inARow = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(running);
  }

  async #runApp(app: AppBatch, done: Done): Promise<void> {
    const { tx, tenant, pending } = app;
    const [first] = pending;
    if (first === undefined) return;
    const sealer = await this.#options.keychain.sealerFor(tenant, { actor, reason: "processing" });
    const configuration = await this.#options.configurations.at(tx, first.configurationRevision, sealer);
    const { clock, keepsTraces } = this.#options;
    const context: RunContext = { tenant, sealer, clock, keepsTraces };
    const collected: Collected = { outcome: emptyOutcome(), events: [], sendings: [], results: new Map() };
    const statuses = await runMessages(context, { pending, configuration }, collected);
    await runStatuses({ tx, context, configuration }, statuses, collected);
    const stored = storeOutcome(tx, collected.outcome, app.lease);
    app.batch.last(stored.then((queued) => done.sendings.push(...this.#toLeased(collected, queued))));
    await this.#options.publish(tx, collected.events, sealer);
    for (const [eventId, result] of collected.results) {
      done.results.push({ eventId: eventId as EventResult["eventId"], ...result });
    }
  }

  #toLeased(collected: Collected, queued: readonly Queued[]): Sending[] {
    const byId = new Map(queued.map((one) => [one.messageId, one]));
    return collected.sendings.flatMap((sending) => {
      const row = byId.get(sending.messageId);
      return row === undefined || row.leaseOwner === undefined ? [] : [{ ...sending, sequence: row.sequence }];
    });
  }

  /** Runs the events of a broken batch one by one; the one that breaks is put off, and let go after some tries. */
  async #isolate(claimed: readonly { tenant: Tenant; eventUuid: string }[]): Promise<void> {
    for (const { tenant, eventUuid } of claimed) {
      const done: Done = { results: [], sendings: [] };
      try {
        await this.#options.database.withBatch(actor, async (batch) => {
          const tx = batch.enter(tenant);
          const lease = this.#options.lease();
          const pending = await loadHeld(tx, eventUuid, lease.owner);
          await this.#runApp({ batch, tenant, tx, pending, lease }, done);
        });
        this.settle(done);
      } catch (error) {
        await this.#giveUp(tenant, eventUuid, error).catch((failure) => this.#putOff(tenant, eventUuid, failure));
      }
    }
  }

  /** Without the tenant's keys, which may be what is missing. */
  async #putOff(tenant: Tenant, eventUuid: string, error: unknown): Promise<void> {
    const eventId = fromUuid("event", eventUuid);
    this.#options.log.error({ error, eventId }, "an event could neither be processed nor let go");
    await this.#options.database.withTenant(actor, tenant, (tx) => deferEvents(tx, [eventId], putOffSeconds));
  }

  async #giveUp(tenant: Tenant, eventUuid: string, error: unknown): Promise<void> {
    const sealer = await this.#options.keychain.sealerFor(tenant, { actor, reason: "processing" });
    const { clock, keepsTraces } = this.#options;
    await this.#options.database.withTenant(actor, tenant, async (tx) => {
      const [pending] = await loadEvents(tx, [eventUuid], this.#options.lease().owner);
      if (pending === undefined) return;
      this.#options.log.error(
        { error, eventId: pending.eventId, attempts: pending.attempts },
        "an event could not be processed",
      );
      if (pending.attempts + 1 < attemptsMax) {
        await deferEvents(tx, [pending.eventId], 1);
        return;
      }
      const collected: Collected = { outcome: emptyOutcome(), events: [], sendings: [], results: new Map() };
      const code = error instanceof AppError ? error.code : "kernel.bug";
      traceRecorded({ tenant, sealer, clock, keepsTraces }, { pending, content: { failed: code } }, collected);
      finish(pending, collected);
      await storeOutcome(tx, collected.outcome, this.#options.lease());
    });
  }
}

/** Reads the claimed events of every app; the statements of all apps go out together. */
async function loadApps(
  batch: BatchTx,
  claimed: readonly { tenant: Tenant; eventUuid: string }[],
  lease: Lease,
): Promise<readonly AppBatch[]> {
  const groups = [...Map.groupBy(claimed, (one) => one.tenant.appId).values()];
  return Promise.all(
    groups.map(async (group) => {
      const tenant = group[0]?.tenant as Tenant;
      const tx = batch.enter(tenant);
      return {
        batch,
        tenant,
        tx,
        lease,
        pending: await loadEvents(
          tx,
          group.map((one) => one.eventUuid),
          lease.owner,
        ),
      };
    }),
  );
}

/** An event that is still there, once its lane is held: nobody else works on its member, and what is read is what they left. */
async function loadHeld(tx: TenantTx, eventUuid: string, leaseOwner: number): Promise<PendingEvent[]> {
  const [found] = await loadEvents(tx, [eventUuid], leaseOwner);
  if (found === undefined) return [];
  await holdLane(tx, lockClasses.lane, found.lane);
  return loadEvents(tx, [eventUuid], leaseOwner);
}

function readPayload(context: RunContext, pending: PendingEvent): PipelineEvent {
  if (pending.event !== undefined) return pending.event;
  if (pending.payload === undefined) throw new AppError(kernelErrors.bug, { note: "an event without a payload" });
  const field = { table: "inbound_events", column: "payload", row: toUuid(pending.eventId) };
  return JSON.parse(context.sealer.open(field, pending.payload).toString("utf8"));
}

/** Runs the messages and redirects of one app in order. Returns the statuses, which are recorded together. */
async function runMessages(
  context: RunContext,
  work: { pending: readonly PendingEvent[]; configuration: AppConfiguration },
  collected: Collected,
): Promise<PendingStatus[]> {
  const statuses: PendingStatus[] = [];
  const touched = new Map<string, { live: LiveConversation; pending: PendingEvent; externalId: string }>();
  for (const [index, pending] of work.pending.entries()) {
    if (index > 0 && index % turnMax === 0) await new Promise((resolve) => setImmediate(resolve));
    const event = readPayload(context, pending);
    const configured = work.configuration.channels.get(pending.channelId);
    if (event.kind === "status") statuses.push({ pending, status: event });
    else if (event.kind === "notice" || configured === undefined) letGo(context, { pending, event }, collected);
    else {
      const key = `${pending.channelId}${pending.externalKey.toString("latin1")}`;
      const known = touched.get(key);
      const live = known?.live ?? openConversation(pending, context.sealer);
      if (known === undefined) touched.set(key, { live, pending, externalId: event.externalId });
      runEvent(context, { pending, event, configured, live }, collected);
    }
  }
  for (const about of touched.values()) collectConversation(context, about, collected);
  return statuses;
}

function letGo(context: RunContext, what: { pending: PendingEvent; event: PipelineEvent }, collected: Collected): void {
  const content = what.event.kind === "notice" ? { notice: what.event } : { skipped: "the channel is gone" };
  traceRecorded(context, { pending: what.pending, content }, collected);
  finish(what.pending, collected);
  collected.results.set(what.pending.eventId, { outcome: "recorded", messageIds: [] });
}

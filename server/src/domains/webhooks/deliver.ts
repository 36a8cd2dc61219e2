// Delivers leased events to their endpoints and records what became of them. Attempts of many deliveries share a commit. A
// delivery whose result is not recorded is made again after a crash, with the same id: at least once, in no order.

import type { Clock } from "../../kernel/clock.ts";
import type { AppId, DeliveryId, EndpointId, Tenant } from "../../kernel/ids.ts";
import { toUuid } from "../../kernel/ids.ts";
import { Batcher } from "../../platform/batching/batcher.ts";
import { recordSurely } from "../../platform/batching/record-surely.ts";
import { type Database, isDeterministic } from "../../platform/db/index.ts";
import { Dispatcher, type Outcome, openEach, type Work } from "../../platform/dispatch/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import type { OutboundClient } from "../../platform/outbound/index.ts";
import type { ChannelDirectory } from "../channels/index.ts";
import { lockClasses } from "../conversations/index.ts";
import type { Keychain } from "../keys/index.ts";
import { Backoff } from "./backoff.ts";
import { type Called, callEndpoint } from "./call.ts";
import type { EndpointCache } from "./endpoint-cache.ts";
import { claimDeliveriesSql, type Lease, loadDeliveries, releaseDeliveries, toTenant } from "./queue-store.ts";
import { type Recording, recordApp } from "./record.ts";
import { isTriedAgain, retryDelaysMs } from "./schedule.ts";
import type { Delivery, Endpoint } from "./types.ts";

const batchMax = 256;
/** Answers come in volleys: a result that waits so long shares its commit. */
const recordGatherMs = 3;
/** Until a delivery is made again whose result the database refuses: nobody is called every few seconds for our mistake. */
const unrecordedMs = 60_000;
const claimMax = 500;
/** Slots times the longest call stays below the lease for a full backlog: 500 / 16 * 15 s = 8 min. */
const target = { slots: 16, backlogMax: 500 } as const;
const backlogMax = 50_000;
const actor = { kind: "system", job: "webhooks" } as const;

export interface DelivererOptions {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly directory: ChannelDirectory;
  readonly endpoints: EndpointCache;
  readonly outbound: Pick<OutboundClient, "request">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly lease: () => Lease;
  readonly onResult: (result: "delivered" | "failed" | "retried") => void;
}

interface DeliveryWork extends Work {
  readonly delivery: Delivery;
}

interface Release {
  readonly delivery: Delivery;
  readonly dueAtMs: number;
}

function toWork(delivery: Delivery): DeliveryWork {
  const { deliveryId, endpointId, attempts } = delivery;
  return { lane: deliveryId, target: endpointId, attempts, delivery };
}

export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #dispatcher: Dispatcher<DeliveryWork>;
  readonly #recorder: Batcher<Recording, void>;
  readonly #releaser: Batcher<Release, void>;
  readonly #backoff: Backoff;
  readonly #held = new Set<DeliveryId>();
  readonly #loading = new Map<AppId, Promise<readonly Endpoint[]>>();
  #isStopping = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.clock);
    this.#recorder = new Batcher({
      batchMax,
      gatherMs: recordGatherMs,
      handle: (batch) => this.#record(batch),
      splitsOn: isDeterministic,
    });
    this.#releaser = new Batcher({ batchMax, handle: (batch) => this.#release(batch) });
    this.#dispatcher = new Dispatcher({
      clock: options.clock,
      attempt: (work, onCalled) => this.#attempt(work.delivery, onCalled),
      release: async (work, dueAtMs, wasTried) => {
        await Promise.all(work.map(({ delivery }) => this.#submitRelease(delivery, dueAtMs, wasTried)));
      },
      targetSlots: target.slots,
      targetBacklogMax: target.backlogMax,
      backlogMax,
      retryDelaysMs,
    });
  }

  /** Deliveries in memory, those under way included. */
  get held(): number {
    return this.#dispatcher.held;
  }

  /** When a new delivery to an endpoint is due, if it cannot be taken now: it is then stored without a lease. */
  findTurnMs(endpointId: EndpointId): number | undefined {
    const turnMs = this.#dispatcher.findTurnMs(endpointId);
    return turnMs === undefined ? undefined : Math.max(turnMs, this.#backoff.earliestMs(endpointId));
  }

  /** Takes deliveries leased by the transaction that stored them. */
  add(deliveries: readonly Delivery[], origin: "fresh" | "claimed" = "fresh"): void {
    for (const delivery of deliveries) this.#held.add(delivery.deliveryId);
    this.#dispatcher.add(deliveries.map(toWork), origin);
  }

  /** Takes over deliveries that are due and that nobody holds. Returns how many. */
  async claim(): Promise<number> {
    const lease = this.#options.lease();
    const claimed = await this.#options.database.withBatch(actor, async (batch) => {
      const values = [lockClasses.process, lease.owner, lease.seconds, claimMax];
      const rows = await batch.lookUp(claimDeliveriesSql, values);
      const groups = [...Map.groupBy(rows, (row) => row.app_id).values()].map(async (group) => {
        const tenant = toTenant(group[0] as (typeof group)[number]);
        const uuids = group.map((row) => row.delivery_id);
        return { tenant, rows: await loadDeliveries(batch.enter(tenant), uuids) };
      });
      return Promise.all(groups);
    });
    const opened = await Promise.all(claimed.map((app) => this.#open(app)));
    const fresh = opened.flat().filter((one) => !this.#held.has(one.deliveryId));
    this.add(fresh, "claimed");
    return fresh.length;
  }

  /** Lets calls under way finish and frees the rest. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#dispatcher.stop(graceMs);
    await this.#recorder.drain();
    await this.#releaser.drain();
  }

  #open({ tenant, rows }: { tenant: Tenant; rows: Awaited<ReturnType<typeof loadDeliveries>> }): Promise<Delivery[]> {
    const sealing = this.#options.keychain.sealerFor(tenant, { actor, reason: "webhook" });
    return openEach({
      rows,
      open: async (row) => {
        const field = { table: "webhook_deliveries", column: "body", row: toUuid(row.deliveryId) };
        return [{ ...row, tenant, body: (await sealing).open(field, row.body) }];
      },
      onFailure: ({ deliveryId }, error) =>
        this.#options.log.error({ error, deliveryId }, "a delivery that waits cannot be read"),
      putOff: (closed) => this.#putOff(tenant, closed),
    });
  }

  async #putOff(tenant: Tenant, closed: readonly { row: { deliveryId: DeliveryId }; waitMs: number }[]): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const rows = closed.map(({ row, waitMs }) => ({ deliveryId: row.deliveryId, dueAtMs: nowMs + waitMs }));
    try {
      await this.#options.database.withTenant(actor, tenant, (tx) => releaseDeliveries(tx, rows));
    } catch (error) {
      const deliveries = rows.length;
      this.#options.log.warn({ error, deliveries }, "deliveries could not be put off; their lease will run out");
    }
  }

  /** One try. Failures of every kind become an outcome; nothing is thrown. */
  async #attempt(delivery: Delivery, onCalled: () => void): Promise<Outcome> {
    try {
      const endpoint = await this.#findEndpoint(delivery);
      const called = await callEndpoint(this.#options, delivery, endpoint);
      if (called.verdict.kind === "delivered") onCalled();
      return await this.#settle(delivery, called);
    } catch (error) {
      this.#options.log.warn({ error, deliveryId: delivery.deliveryId }, "a delivery could not be made or recorded");
      return { kind: "unready" };
    }
  }

  async #settle(delivery: Delivery, called: Called): Promise<Outcome> {
    const { verdict, attempt, wasCalled } = called;
    if (verdict.kind === "delivered") this.#backoff.succeed(delivery.endpointId);
    else if (wasCalled) this.#backoff.fail(delivery.endpointId);
    const isRetried = verdict.kind === "retry" && isTriedAgain(delivery.attempts);
    const state = verdict.kind === "delivered" ? "delivered" : isRetried ? "pending" : "failed";
    const isGone = verdict.kind === "gone";
    if (!(await this.#recordSurely({ delivery, state, attempt, wasCalled, isGone }))) {
      return this.#isStopping ? { kind: "unready" } : { kind: "unready", retryAfterMs: unrecordedMs };
    }
    this.#options.onResult(state === "pending" ? "retried" : state);
    if (isRetried) return toRetry(delivery, verdict.afterMs);
    this.#held.delete(delivery.deliveryId);
    return { kind: state === "delivered" ? "done" : "failed" };
  }

  #recordSurely(recording: Recording): Promise<boolean> {
    const { deliveryId } = recording.delivery;
    return recordSurely({
      record: () => this.#recorder.submit(recording),
      isStopping: () => this.#isStopping,
      onFailure: (error) =>
        this.#options.log.warn({ error, deliveryId }, "what became of a delivery could not be recorded yet"),
    });
  }

  async #findEndpoint(delivery: Delivery): Promise<Endpoint | undefined> {
    const { appId } = delivery.tenant;
    const endpoints = this.#options.endpoints.peek(appId) ?? (await this.#loadEndpoints(delivery.tenant));
    return endpoints.find((one) => one.endpointId === delivery.endpointId);
  }

  #loadEndpoints(tenant: Delivery["tenant"]): Promise<readonly Endpoint[]> {
    const { database, keychain, endpoints } = this.#options;
    const load = async (): Promise<readonly Endpoint[]> => {
      const sealer = await keychain.sealerFor(tenant, { actor, reason: "webhook" });
      return database.withTenant(actor, tenant, (tx) => endpoints.at(tx, sealer));
    };
    const loading = this.#loading.get(tenant.appId) ?? load().finally(() => this.#loading.delete(tenant.appId));
    this.#loading.set(tenant.appId, loading);
    return loading;
  }

  async #record(batch: readonly Recording[]): Promise<readonly void[]> {
    const { database, keychain, clock } = this.#options;
    const groups = [...Map.groupBy(batch, (one) => one.delivery.tenant.appId).values()];
    const off = await database.withBatch(actor, async (tx) => {
      const parts = groups.map(async (group) => {
        const tenant = group[0]?.delivery.tenant as Delivery["tenant"];
        const sealer = await keychain.sealerFor(tenant, { actor, reason: "webhook" });
        const switched = await recordApp(tx.enter(tenant), group, { sealer, nowMs: clock.nowMs() });
        return switched.map((one) => ({ ...one, appId: tenant.appId }));
      });
      return (await Promise.all(parts)).flat();
    });
    for (const { appId, endpointId, reason } of off) this.#noteOff(appId, { endpointId, reason });
    return batch.map(() => undefined);
  }

  #noteOff(appId: AppId, what: { endpointId: EndpointId; reason: string }): void {
    this.#options.endpoints.forget(appId);
    this.#options.log.warn({ appId, ...what }, "a webhook endpoint was switched off");
  }

  #submitRelease(delivery: Delivery, dueAtMs: number, wasTried: boolean): Promise<void> {
    const earliestMs = wasTried ? 0 : this.#backoff.earliestMs(delivery.endpointId);
    return this.#releaser.submit({ delivery, dueAtMs: Math.max(dueAtMs, earliestMs) });
  }

  async #release(batch: readonly Release[]): Promise<readonly void[]> {
    const groups = [...Map.groupBy(batch, (one) => one.delivery.tenant.appId).values()];
    try {
      await this.#options.database.withBatch(actor, async (tx) => {
        const parts = groups.map((group) => {
          const tenant = group[0]?.delivery.tenant as Delivery["tenant"];
          const rows = group.map(({ delivery, dueAtMs }) => ({ deliveryId: delivery.deliveryId, dueAtMs }));
          return releaseDeliveries(tx.enter(tenant), rows);
        });
        await Promise.all(parts);
      });
    } catch (error) {
      const deliveries = batch.length;
      this.#options.log.warn({ error, deliveries }, "deliveries could not be given back; their lease will run out");
    } finally {
      for (const { delivery } of batch) this.#held.delete(delivery.deliveryId);
    }
    return batch.map(() => undefined);
  }
}

/** Holds back other deliveries only as long as the endpoint itself asked for: this one's own delay may be hours. */
function toRetry(delivery: Delivery, afterMs: number | undefined): Outcome {
  if (afterMs === undefined) return { kind: "retry" };
  const planned = retryDelaysMs[delivery.attempts] ?? 0;
  return { kind: "retry", retryAfterMs: afterMs, ...(afterMs >= planned * 1.1 ? { throttled: true } : {}) };
}

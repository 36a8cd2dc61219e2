// The webhooks of one process: takes events in the transactions that make them true, delivers them, and takes over what
// others left. Any number of processes may run it on one database.

import type { Clock } from "../../kernel/clock.ts";
import { type AppId, type EndpointId, toUuid } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Database, TenantTx } from "../../platform/db/index.ts";
import type { Logger } from "../../platform/log/log.ts";
import type { OutboundClient } from "../../platform/outbound/index.ts";
import type { ChannelDirectory } from "../channels/index.ts";
import { isMessageEvent, type MessageEvent, type Publish, WorkLoop } from "../conversations/index.ts";
import type { Keychain, Sealer } from "../keys/index.ts";
import { Deliverer } from "./deliver.ts";
import { EndpointCache } from "./endpoint-cache.ts";
import {
  type DeliveryToStore,
  findOldDeliveriesSql,
  insertDeliveries,
  type Lease,
  purgeDeliveries,
  toTenant,
} from "./queue-store.ts";
import { toBody } from "./to-body.ts";
import type { Delivery, Endpoint } from "./types.ts";

/** A lease outlives any backlog in memory; a process that is gone is noticed by its missing lock, not by the lease. */
const leaseSeconds = 600;
const idleMs = { claiming: 500, purging: 3_600_000 } as const;
const stopGraceMs = 16_000;
const retentionMs = 30 * 86_400_000;
const purge = { appsMax: 100, rowsMax: 2_000 } as const;
const purgeActor = { kind: "system", job: "webhook retention" } as const;

export interface WebhooksOptions {
  readonly database: Database;
  readonly keychain: Keychain;
  readonly directory: ChannelDirectory;
  readonly outbound: Pick<OutboundClient, "request">;
  readonly clock: Clock;
  readonly log: Logger;
  /** This process's number and whether the others can see it. */
  readonly presence: { readonly number: number; readonly isHeld: boolean };
  /** False in a process that only takes requests: it delivers what it published itself and takes over nothing. */
  readonly works: boolean;
}

export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #endpoints: EndpointCache;
  readonly #deliverer: Deliverer;
  readonly #claiming: WorkLoop;
  readonly #purging: WorkLoop;
  readonly counts = { delivered: 0, failed: 0, retried: 0 };

  constructor(options: WebhooksOptions) {
    this.#options = options;
    const { database, keychain, directory, outbound, clock, log } = options;
    const endpoints = new EndpointCache(clock);
    this.#endpoints = endpoints;
    this.#deliverer = new Deliverer({
      ...{ database, keychain, directory, outbound, clock, log, endpoints },
      lease: () => this.#lease(),
      onResult: (result) => {
        this.counts[result] += 1;
      },
    });
    this.#claiming = new WorkLoop({ name: "deliveries", idleMs: idleMs.claiming, log, work: () => this.#claim() });
    this.#purging = new WorkLoop({ name: "delivery log", idleMs: idleMs.purging, log, work: () => this.#purge() });
  }

  /** Deliveries in memory on their way out. */
  get held(): number {
    return this.#deliverer.held;
  }

  /** Stores a delivery of each event for each endpoint that wants it. Without such an endpoint it costs no statement. */
  readonly publish: Publish = async (tx, all, sealer) => {
    const events = all.filter(isMessageEvent);
    if (events.length === 0) return;
    const endpoints = this.#endpoints.peek(tx.tenant.appId) ?? (await this.#endpoints.at(tx, sealer));
    if (endpoints.length === 0) return;
    const findTurnMs = (endpointId: EndpointId): number | undefined => this.#deliverer.findTurnMs(endpointId);
    const { stored, deliveries } = toDeliveries(tx, { events, endpoints, sealer, findTurnMs });
    if (stored.length === 0) return;
    tx.afterCommit(() => this.#deliverer.add(deliveries));
    await insertDeliveries(tx, stored, this.#lease());
  };

  start(): void {
    if (!this.#options.works) return;
    this.#claiming.start();
    this.#purging.start();
  }

  /** Lets calls under way finish, gives the rest back. */
  async stop(): Promise<void> {
    await Promise.all([this.#claiming.stop(), this.#purging.stop()]);
    await this.#deliverer.stop(stopGraceMs);
  }

  /** Says that deliveries may be due. */
  wake(): void {
    if (this.#options.works) this.#claiming.wake();
  }

  /** The app's endpoints changed. */
  forget(appId: AppId): void {
    this.#endpoints.forget(appId);
  }

  /** Notices may have been missed. */
  forgetAll(): void {
    this.#endpoints.forgetAll();
  }

  #lease(): Lease {
    return { owner: this.#options.presence.number, seconds: leaseSeconds };
  }

  async #claim(): Promise<boolean> {
    // Without its lock this process would look dead, and others would deliver what it holds.
    if (!this.#options.presence.isHeld) return false;
    return (await this.#deliverer.claim()) > 0;
  }

  /** Removes a piece of the log that is older than 30 days from each app. Answers whether there is more. */
  async #purge(): Promise<boolean> {
    const { database, clock } = this.#options;
    const cutoff = new Date(clock.nowMs() - retentionMs);
    const rows = await database.lookUp(findOldDeliveriesSql, [cutoff, purge.appsMax]);
    let removed = 0;
    for (const tenant of rows.map(toTenant)) {
      removed += await database.withTenant(purgeActor, tenant, (tx) => purgeDeliveries(tx, cutoff, purge.rowsMax));
    }
    return removed > 0;
  }
}

function toDeliveries(
  tx: TenantTx,
  what: {
    readonly events: readonly MessageEvent[];
    readonly endpoints: readonly Endpoint[];
    readonly sealer: Sealer;
    readonly findTurnMs: (endpointId: EndpointId) => number | undefined;
  },
): { stored: DeliveryToStore[]; deliveries: Delivery[] } {
  const stored: DeliveryToStore[] = [];
  const deliveries: Delivery[] = [];
  for (const event of what.events) {
    const wanted = what.endpoints.filter((one) => isWanted(one, event));
    if (wanted.length === 0) continue;
    const body = Buffer.from(JSON.stringify(toBody(event, tx.tenant.appId)), "utf8");
    for (const { endpointId } of wanted) {
      const deliveryId = newId("delivery");
      const field = { table: "webhook_deliveries", column: "body", row: toUuid(deliveryId) };
      const sealed = what.sealer.seal(field, body);
      const { kind, correlationId } = event;
      const dueAtMs = what.findTurnMs(endpointId);
      stored.push({ deliveryId, endpointId, event: kind, body: sealed, correlationId, dueAtMs });
      if (dueAtMs === undefined) deliveries.push({ tenant: tx.tenant, deliveryId, endpointId, body, attempts: 0 });
    }
  }
  return { stored, deliveries };
}

function isWanted(endpoint: Endpoint, event: MessageEvent): boolean {
  return endpoint.enabled && endpoint.channelId === event.channelId && endpoint.events.includes(event.kind);
}

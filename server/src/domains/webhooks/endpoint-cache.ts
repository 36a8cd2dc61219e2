// The endpoints of apps, opened, for some seconds or until the app says that its configuration changed. Publishing asks for
// every batch of events, so what is known answers without a statement.

import type { Clock } from "../../kernel/clock.ts";
import type { AppId } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { Sealer } from "../keys/index.ts";
import { openEndpoint } from "./endpoint.ts";
import { listEndpoints } from "./endpoint-store.ts";
import type { Endpoint } from "./types.ts";

const freshMs = 10_000;

interface Entry {
  readonly endpoints: readonly Endpoint[];
  readonly untilMs: number;
}

export class EndpointCache {
  readonly #clock: Clock;
  readonly #entries = new Map<AppId, Entry>();
  /** Goes up with every notice: what was read before it is not kept after it. */
  #epoch = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The app's endpoints when they are known. */
  peek(appId: AppId): readonly Endpoint[] | undefined {
    const entry = this.#entries.get(appId);
    return entry !== undefined && entry.untilMs > this.#clock.nowMs() ? entry.endpoints : undefined;
  }

  /** The app's endpoints, read in `tx` when they are not known. */
  async at(tx: TenantTx, sealer: Sealer): Promise<readonly Endpoint[]> {
    const { appId } = tx.tenant;
    const known = this.peek(appId);
    if (known !== undefined) return known;
    const epoch = this.#epoch;
    const stored = await listEndpoints(tx);
    const endpoints = stored.map((one) => openEndpoint(one, sealer));
    if (epoch === this.#epoch) this.#keep(appId, endpoints);
    return endpoints;
  }

  /** Forgets one app. */
  forget(appId: AppId): void {
    this.#epoch += 1;
    this.#entries.delete(appId);
  }

  /** Forgets everything, after notices may have been missed. */
  forgetAll(): void {
    this.#epoch += 1;
    this.#entries.clear();
  }

  #keep(appId: AppId, endpoints: readonly Endpoint[]): void {
    const nowMs = this.#clock.nowMs();
    // The oldest stand first. What is over is dropped, not only passed over: it holds secrets.
    for (const [oldest, entry] of this.#entries) {
      if (entry.untilMs > nowMs) break;
      this.#entries.delete(oldest);
    }
    this.#entries.delete(appId);
    this.#entries.set(appId, { endpoints, untilMs: nowMs + freshMs });
  }
}

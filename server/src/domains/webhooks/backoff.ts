// How long deliveries that were not tried wait for an endpoint that keeps failing. The dispatcher's breaker opens again
// every few seconds; a hundred thousand deliveries to a dead endpoint must not be read and written back that often.

import type { Clock } from "../../kernel/clock.ts";
import type { EndpointId } from "../../kernel/ids.ts";
import { drawFraction } from "../../platform/crypto/random.ts";

const failuresFree = 5;
const firstMs = 5_000;
const mostMs = 300_000;
const endpointsMax = 10_000;

export class Backoff {
  readonly #clock: Clock;
  readonly #failures = new Map<EndpointId, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  fail(endpointId: EndpointId): void {
    const failures = (this.#failures.get(endpointId) ?? 0) + 1;
    this.#failures.delete(endpointId);
    this.#failures.set(endpointId, failures);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > endpointsMax && oldest !== undefined) this.#failures.delete(oldest);
  }

  succeed(endpointId: EndpointId): void {
    this.#failures.delete(endpointId);
  }

  /** The earliest time for what was not tried: doubles with every failure in a row up to 5 minutes, spread by a half. */
  earliestMs(endpointId: EndpointId): number {
    const failures = (this.#failures.get(endpointId) ?? 0) - failuresFree;
    if (failures < 0) return 0;
    const delayMs = Math.min(firstMs * 2 ** Math.min(failures, 10), mostMs);
    return this.#clock.nowMs() + delayMs * (0.5 + drawFraction());
  }
}

// How often who may call. Each class of operation is counted for the caller (a token, a person, a network) and, higher, for
// the app; the tighter of the two is what the caller is told. Failed authentications are counted by network, and never stand in a valid token's way.

import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Caller } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import { toNetwork } from "../kernel/network.ts";
import type { RateClass } from "../kernel/operation.ts";
import { apiErrors } from "./errors.ts";

/** Requests in a window of `seconds`. */
export interface RateFigures {
  readonly perCaller: number;
  readonly perTenant: number;
  readonly seconds: number;
}

export type RateTable = Readonly<Record<RateClass, RateFigures>> & {
  readonly failures: { readonly perNetwork: number; readonly seconds: number };
};

/** The one table of figures. `send` leaves room for a campaign: 100 a second. */
export const rateTable: RateTable = {
  read: { perCaller: 1200, perTenant: 3600, seconds: 60 },
  write: { perCaller: 300, perTenant: 900, seconds: 60 },
  send: { perCaller: 6000, perTenant: 12_000, seconds: 60 },
  failures: { perNetwork: 30, seconds: 60 },
};

/** Where a caller stands after a request was counted. */
export interface RateStanding {
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
  readonly isExceeded: boolean;
}

interface ClassLimiters {
  readonly token: RateLimiterMemory;
  readonly app: RateLimiterMemory;
}

/** Counts one use. The library rejects with the same figures when the limit is exceeded. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<RateStanding> {
  const toStanding = (result: RateLimiterRes, isExceeded: boolean): RateStanding => ({
    limit: limiter.points,
    remaining: Math.max(0, result.remainingPoints),
    resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1000)),
    isExceeded,
  });
  try {
    return toStanding(await limiter.consume(key), false);
  } catch (rejected) {
    if (rejected instanceof RateLimiterRes) return toStanding(rejected, true);
    throw rejected;
  }
}

function toKeys(actor: Caller, address: string): { caller: string; tenant: string | undefined } {
  switch (actor.kind) {
    case "token":
      return { caller: actor.tokenId, tenant: actor.appId };
    case "user":
      return { caller: actor.userId, tenant: actor.appId ?? actor.organisationId };
    case "visitor":
      return { caller: actor.visitorId, tenant: undefined };
    case "anonymous":
      return { caller: toNetwork(address), tenant: undefined };
  }
}

export class RateLimits {
  readonly #classes: Readonly<Record<RateClass, ClassLimiters>>;
  readonly #failures: RateLimiterMemory;

  constructor(table: RateTable) {
    const toLimiters = ({ perCaller, perTenant, seconds }: RateFigures): ClassLimiters => ({
      token: new RateLimiterMemory({ points: perCaller, duration: seconds }),
      app: new RateLimiterMemory({ points: perTenant, duration: seconds }),
    });
    this.#classes = { read: toLimiters(table.read), write: toLimiters(table.write), send: toLimiters(table.send) };
    this.#failures = new RateLimiterMemory({ points: table.failures.perNetwork, duration: table.failures.seconds });
  }

  /** Counts one request; says where the tighter limit stands. Who has not said who they are is counted by network. */
  async count(actor: Caller, rate: RateClass, address: string): Promise<RateStanding> {
    const { token, app } = this.#classes[rate];
    const { caller, tenant } = toKeys(actor, address);
    const ofCaller = await consume(token, caller);
    // What its caller may not do is not charged to the app: one runaway client must not stop the others.
    if (ofCaller.isExceeded || tenant === undefined) return ofCaller;
    const ofTenant = await consume(app, tenant);
    return ofTenant.isExceeded || ofTenant.remaining < ofCaller.remaining ? ofTenant : ofCaller;
  }

  /** Counts a failed authentication. Throws `api.rate_limited` when its network has had too many. */
  async countFailure(address: string): Promise<void> {
    const standing = await consume(this.#failures, toNetwork(address));
    if (standing.isExceeded) throw toRateError(standing);
  }
}

/** The refusal that tells when to come back. */
export function toRateError(standing: RateStanding): AppError {
  return new AppError(apiErrors.rateLimited, { retryAfterSeconds: standing.resetSeconds });
}

/** The `RateLimit-*` headers of a standing (draft-ietf-httpapi-ratelimit-headers-03). */
export function listRateHeaders(standing: RateStanding): [string, number][] {
  return [
    ["ratelimit-limit", standing.limit],
    ["ratelimit-remaining", standing.remaining],
    ["ratelimit-reset", standing.resetSeconds],
  ];
}

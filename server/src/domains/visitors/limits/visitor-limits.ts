// How often visitors may do what: counted for the visitor, the network, the channel and the app, in this order, in this
// process. What a narrower count refuses is not charged to a wider one, so one runaway browser does not use up its school's
// share, nor one network a channel's.

import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { VisitorActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { AppId, ChannelId, VisitorId } from "../../../kernel/ids.ts";
import { toNetwork } from "../../../kernel/network.ts";
import { limitErrors } from "./errors.ts";
import {
  type CountedBy,
  type LimitRule,
  type VisitorAct,
  type VisitorLimitTable,
  visitorLimitTable,
} from "./limit-table.ts";

/** Who does it, and from where. At the start of a chat nobody has a visitor yet. */
export interface LimitedCaller {
  readonly visitorId?: VisitorId | undefined;
  readonly channelId: ChannelId;
  readonly appId: AppId;
  /** The network address. */
  readonly address: string;
}

export interface VisitorStanding {
  readonly isExceeded: boolean;
  /** Until then; at least 1 when exceeded, 0 otherwise. */
  readonly retryAfterSeconds: number;
  /** A soft limit is passed: serve whoever solves a challenge. */
  readonly wantsProof: boolean;
  /** How many times over its soft limit the widest pressed count is; 1 and less means not at all. */
  readonly pressure: number;
}

interface Counter {
  readonly rule: LimitRule;
  readonly limiter: RateLimiterMemory;
}

/** After a proof a visitor is not asked for another one for this long, or this many acts. */
const passSeconds = 300;
const passActs = 60;

const acts: readonly VisitorAct[] = ["start", "message", "upload", "contact", "identify", "transcript", "call"];

/** Counts one act. The library rejects with the same figures when the limit is exceeded. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (rejected) {
    if (rejected instanceof RateLimiterRes) return rejected;
    throw rejected;
  }
}

function toKey(by: CountedBy, caller: LimitedCaller): string | undefined {
  switch (by) {
    case "visitor":
      return caller.visitorId;
    case "network":
      // By channel too: one website's rush is not another's, though their visitors share a network.
      return `${caller.channelId} ${toNetwork(caller.address)}`;
    case "channel":
      return caller.channelId;
    case "app":
      return caller.appId;
  }
}

export class VisitorLimits {
  readonly #counters: ReadonlyMap<VisitorAct, readonly Counter[]>;
  readonly #passes = new RateLimiterMemory({ points: passActs, duration: passSeconds });
  readonly #streams = new Map<string, number>();
  readonly #table: VisitorLimitTable;

  constructor(table: VisitorLimitTable = visitorLimitTable) {
    this.#table = table;
    const toCounter = (rule: LimitRule): Counter => ({
      rule,
      limiter: new RateLimiterMemory({ points: rule.hard, duration: rule.seconds }),
    });
    this.#counters = new Map(acts.map((act) => [act, table[act].map(toCounter)]));
  }

  /** Counts one act and says where its caller stands. */
  async count(act: VisitorAct, caller: LimitedCaller): Promise<VisitorStanding> {
    let pressure = 0;
    for (const { rule, limiter } of this.#counters.get(act) ?? []) {
      const key = toKey(rule.by, caller);
      if (key === undefined) continue;
      const counted = await consume(limiter, key);
      if (counted.consumedPoints > rule.hard) {
        const retryAfterSeconds = Math.max(1, Math.ceil(counted.msBeforeNext / 1000));
        return { isExceeded: true, retryAfterSeconds, wantsProof: false, pressure };
      }
      if (rule.soft !== undefined) pressure = Math.max(pressure, counted.consumedPoints / rule.soft);
    }
    const wantsProof = pressure > 1 && !(await this.#spendPass(caller.visitorId));
    return { isExceeded: false, retryAfterSeconds: 0, wantsProof, pressure };
  }

  /**
   * Gives back what an act was counted for beyond its network, because it was not served.
   * SECURITY: who is asked for a proof and brings none must not use up what all visitors of the channel may do.
   */
  async giveBack(act: VisitorAct, caller: LimitedCaller): Promise<void> {
    for (const { rule, limiter } of this.#counters.get(act) ?? []) {
      const isWide = rule.by === "channel" || rule.by === "app";
      const key = isWide ? toKey(rule.by, caller) : undefined;
      if (key !== undefined) await limiter.reward(key, 1);
    }
  }

  /** Remembers that a visitor solved a challenge: they are not asked again for five minutes or 60 acts. */
  async notePass(visitorId: VisitorId): Promise<void> {
    await this.#passes.set(visitorId, 0, passSeconds);
  }

  /**
   * Opens a stream. Undefined when the visitor or the network has too many; otherwise what closes it again, which may be
   * called more than once.
   */
  openStream({
    visitorId,
    address,
  }: {
    readonly visitorId: VisitorId;
    readonly address: string;
  }): (() => void) | undefined {
    const { perVisitor, perNetwork } = this.#table.streams;
    const network = toNetwork(address);
    const isFull = this.#countStreams(visitorId) >= perVisitor || this.#countStreams(network) >= perNetwork;
    if (isFull) return undefined;
    for (const key of [visitorId, network]) this.#streams.set(key, this.#countStreams(key) + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      for (const key of [visitorId, network]) this.#closeOne(key);
    };
  }

  #countStreams(key: string): number {
    return this.#streams.get(key) ?? 0;
  }

  #closeOne(key: string): void {
    const left = this.#countStreams(key) - 1;
    if (left > 0) this.#streams.set(key, left);
    else this.#streams.delete(key);
  }

  async #spendPass(visitorId: VisitorId | undefined): Promise<boolean> {
    if (visitorId === undefined || (await this.#passes.get(visitorId)) === null) return false;
    return (await consume(this.#passes, visitorId)).consumedPoints <= passActs;
  }
}

/** The refusal that tells when to come back. */
export function toLimitError({ retryAfterSeconds }: VisitorStanding): AppError {
  return new AppError(limitErrors.rateLimited, { retryAfterSeconds });
}

/**
 * Counts a call of a visitor who has shown a token, whatever it is for. Throws `visitors.rate_limited`.
 * SECURITY: many visitors of one network are counted together, so that drawing tokens gives nobody a larger share.
 */
export async function assertMayCall(limits: VisitorLimits, actor: VisitorActor, address: string): Promise<void> {
  const { visitorId, channelId, appId } = actor;
  const standing = await limits.count("call", { visitorId, channelId, appId, address });
  if (standing.isExceeded) throw toLimitError(standing);
}

// Sets of public keys at addresses of customers (RFC 7517 5), fetched by the guarded client and kept for minutes. Whoever
// sends tokens cannot make us fetch more often than the pauses below, whatever the tokens name.

import type { ChannelId } from "../../../kernel/ids.ts";
import type { Logger } from "../../../platform/log/log.ts";
import type { OutboundClient } from "../../../platform/outbound/index.ts";
import { type IdentityKey, readJwk } from "./keys.ts";

const freshMs = 10 * 60_000;
/** While the address does not answer, its last keys are believed this long. */
const staleMs = 60 * 60_000;
/** Pauses between fetches: because a token names an unknown key, and after a failure. */
const unknownKeyPauseMs = 60_000;
const failurePauseMs = 10_000;
const timeoutMs = 3_000;
const bytesMax = 65_536;
const keysMax = 50;
const triedMax = 4;
const setsMax = 1_000;

interface KeySet {
  keys: readonly IdentityKey[];
  /** When `keys` came; undefined until they did. */
  fetchedAtMs: number | undefined;
  triedAtMs: number;
  loading: Promise<void> | undefined;
}

/** Which keys are looked for. */
export interface KeyQuestion {
  readonly channelId: ChannelId;
  readonly url: string;
  readonly algorithm: string;
  readonly kid: string | undefined;
  readonly nowMs: number;
}

function pick({ keys }: KeySet, { algorithm, kid }: KeyQuestion): IdentityKey[] {
  const fitting = keys.filter((key) => key.algorithms.includes(algorithm));
  const named = kid === undefined ? fitting : fitting.filter((key) => key.kid === kid || key.kid === undefined);
  return named.slice(0, triedMax);
}

async function parseKeys(body: Buffer): Promise<IdentityKey[] | undefined> {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    const keys: unknown = typeof parsed === "object" && parsed !== null && "keys" in parsed ? parsed.keys : undefined;
    if (!Array.isArray(keys)) return undefined;
    return (await Promise.all(keys.slice(0, keysMax).map(readJwk))).filter((key) => key !== undefined);
  } catch {
    return undefined;
  }
}

export class KeySets {
  readonly #outbound: Pick<OutboundClient, "request">;
  readonly #log: Pick<Logger, "warn">;
  readonly #sets = new Map<string, KeySet>();

  constructor(options: { outbound: Pick<OutboundClient, "request">; log: Pick<Logger, "warn"> }) {
    this.#outbound = options.outbound;
    this.#log = options.log;
  }

  /** The keys a token may have been signed with, four at most. None while the address does not answer with keys. */
  async find(question: KeyQuestion): Promise<readonly IdentityKey[]> {
    const { nowMs } = question;
    const set = this.#open(question);
    const ageMs = nowMs - (set.fetchedAtMs ?? Number.NEGATIVE_INFINITY);
    if (ageMs >= freshMs) await this.#refresh(set, question, failurePauseMs);
    const found = pick(set, question);
    if (found.length > 0 || question.kid === undefined) return found;
    await this.#refresh(set, question, unknownKeyPauseMs);
    return pick(set, question);
  }

  /** By channel too, so that one customer's tokens never hold up another's. */
  #open({ channelId, url }: KeyQuestion): KeySet {
    const name = `${channelId} ${url}`;
    const known = this.#sets.get(name);
    const none: KeySet = { keys: [], fetchedAtMs: undefined, triedAtMs: Number.NEGATIVE_INFINITY, loading: undefined };
    const set = known ?? none;
    this.#sets.delete(name);
    this.#sets.set(name, set);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > setsMax && oldest !== undefined) this.#sets.delete(oldest);
    return set;
  }

  /** Fetches again unless it was tried within the pause; joins a fetch that is under way. */
  #refresh(set: KeySet, question: KeyQuestion, pauseMs: number): Promise<void> {
    if (set.loading !== undefined) return set.loading;
    if (question.nowMs - set.triedAtMs < pauseMs) {
      forgetStale(set, question.nowMs);
      return Promise.resolve();
    }
    set.triedAtMs = question.nowMs;
    set.loading = this.#load(set, question).finally(() => {
      set.loading = undefined;
    });
    return set.loading;
  }

  async #load(set: KeySet, { channelId, url, nowMs }: KeyQuestion): Promise<void> {
    const headers = { accept: "application/jwk-set+json, application/json" };
    const answer = await this.#outbound
      .request({ method: "GET", url, headers, timeoutMs, responseBytesMax: bytesMax })
      .catch((error: unknown) => {
        this.#log.warn({ error, channelId }, "the keys of a website's tokens could not be fetched");
        return undefined;
      });
    const keys = answer?.status === 200 ? await parseKeys(answer.body) : undefined;
    if (keys !== undefined) {
      set.keys = keys;
      set.fetchedAtMs = nowMs;
      return;
    }
    if (answer !== undefined)
      this.#log.warn({ channelId, status: answer.status }, "a key set's address has no key set");
    forgetStale(set, nowMs);
  }
}

function forgetStale(set: KeySet, nowMs: number): void {
  if (set.fetchedAtMs !== undefined && nowMs - set.fetchedAtMs > staleMs) set.keys = [];
}

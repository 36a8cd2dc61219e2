// Counts failures by key: how many in a row, and when within the window. In memory and bounded: what failed longest ago is
// forgotten first, and everything after an hour without a failure.

import type { Clock } from "../../../kernel/clock.ts";
import { toDelay, windowMs } from "./sign-in-policy.ts";

const forgetMs = 60 * 60_000;

export interface Budget {
  /** Failures in a row before the first wait. */
  readonly freeFailures: number;
  /** Failures within any 15 minutes. */
  readonly windowMax: number;
}

interface Entry {
  failures: number;
  /** Oldest first; those that had left the window by the last failure are gone. */
  readonly times: number[];
}

export class FailureCounter {
  readonly #clock: Clock;
  readonly #budget: Budget;
  readonly #entriesMax: number;
  /** In the order of their last failure. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: { clock: Clock; budget: Budget; entriesMax: number }) {
    this.#clock = options.clock;
    this.#budget = options.budget;
    this.#entriesMax = options.entriesMax;
  }

  /** Keys in memory. */
  get size(): number {
    return this.#entries.size;
  }

  /** Milliseconds until this key may be tried again; 0 for at once. */
  getWaitMs(key: string): number {
    const entry = this.#findLive(key);
    if (entry === undefined) return 0;
    const nowMs = this.#clock.nowMs();
    const lastMs = entry.times.at(-1) ?? nowMs;
    const { freeFailures, windowMax } = this.#budget;
    // The failure that has to leave the window before there is room for one more.
    const blocking = entry.times[entry.times.length - windowMax];
    const windowWaitMs = blocking === undefined ? 0 : blocking + windowMs - nowMs;
    return Math.max(0, lastMs + toDelay(entry.failures, freeFailures) - nowMs, windowWaitMs);
  }

  /** Counts a failure. */
  count(key: string): void {
    const nowMs = this.#clock.nowMs();
    const entry = this.#findLive(key) ?? { failures: 0, times: [] as number[] };
    entry.failures += 1;
    const firstRecent = entry.times.findIndex((time) => time > nowMs - windowMs);
    entry.times.splice(0, firstRecent < 0 ? entry.times.length : firstRecent);
    entry.times.push(nowMs);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#forgetOld(nowMs);
  }

  /** Takes the last failure of a key back. */
  takeBack(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.failures -= 1;
    entry.times.pop();
    if (entry.failures <= 0 || entry.times.length === 0) this.#entries.delete(key);
  }

  /** Forgets a key. */
  clear(key: string): void {
    this.#entries.delete(key);
  }

  #findLive(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || this.#isOver(entry, this.#clock.nowMs()) ? undefined : entry;
  }

  #isOver(entry: Entry, nowMs: number): boolean {
    return (entry.times.at(-1) ?? 0) <= nowMs - forgetMs;
  }

  #forgetOld(nowMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#entriesMax && !this.#isOver(entry, nowMs)) return;
      this.#entries.delete(key);
    }
  }
}

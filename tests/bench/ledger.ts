// What became of each message of a round: when it was due, when its reply arrived, and which parts of its way were seen how
// often. Plain arrays by message number, for it is asked several times a message.

import { nowMs } from "./monotonic.ts";
import { part, type Sighting } from "./sightings.ts";
import { toPercentile, toRounded } from "./statistics.ts";
import type { Traffic } from "./traffic.ts";

export interface RoundResult {
  readonly sent: number;
  readonly done: number;
  /** Sent, and not all of answer, reply and webhooks arrived. */
  readonly lost: number;
  /** Parts seen more than once; at-least-once allows them after a failure. */
  readonly duplicates: number;
  /** Replies that went to somebody else or from another app's number. */
  readonly misdelivered: number;
  /** Answers other than 200, by status. */
  readonly refused: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Requests that had to be made during the round. */
  readonly madeLate: number;
}

const replied = part.answered | part.replied;

interface Entry {
  readonly dueMs: number;
  seen: number;
}

export class Ledger {
  readonly #traffic: Traffic;
  readonly #expected: number;
  readonly #expectsWebhooks: boolean;
  readonly #onReplied: (order: number) => void;
  readonly #entries: Entry[] = [];
  readonly #latencies: number[] = [];
  readonly #refused: Record<string, number> = {};
  #done = 0;
  #doneInTime = 0;
  #lastDoneMs = 0;
  #duplicates = 0;
  #misdelivered = 0;
  #untilMs = Number.POSITIVE_INFINITY;

  /** `onReplied` is told once of each message that is answered and replied to, whether or not its webhooks have come. */
  constructor(options: { traffic: Traffic; expectsWebhooks: boolean; onReplied: (order: number) => void }) {
    const told = options.expectsWebhooks ? part.inboundTold | part.outboundTold : 0;
    this.#traffic = options.traffic;
    this.#expected = part.answered | part.replied | told;
    this.#expectsWebhooks = options.expectsWebhooks;
    this.#onReplied = options.onReplied;
  }

  /** The number the next message gets. */
  get next(): number {
    return this.#traffic.first + this.#entries.length;
  }

  get isComplete(): boolean {
    return this.#done === this.#entries.length;
  }

  /** Notes that the next message was due at `dueMs` and returns its number. */
  begin(dueMs: number): number {
    this.#entries.push({ dueMs, seen: 0 });
    return this.next - 1;
  }

  /** Messages done from here on no longer count for the throughput. */
  endTime(atMs: number): void {
    this.#untilMs = atMs;
    this.#doneInTime = this.#done;
  }

  answered(order: number, status: number): void {
    if (status === 200) this.#see(order, part.answered);
    else this.#refused[status] = (this.#refused[status] ?? 0) + 1;
  }

  sighted(sighting: Sighting): void {
    const { order, to, from } = sighting;
    const entry = this.#entries[order - this.#traffic.first];
    // Before the part counts, which may begin the next message.
    if (sighting.part === part.replied && entry !== undefined && (entry.seen & part.replied) === 0) {
      this.#latencies.push(sighting.atMs - entry.dueMs);
      const { member, app } = this.#traffic.sender(order);
      if (to !== member || String(from) !== app.phoneNumberId) this.#misdelivered += 1;
    }
    this.#see(order, sighting.part);
  }

  /** A part of a message of an earlier round is a repeat: that round ended when all its messages were done. */
  #see(order: number, seen: number): void {
    const entry = this.#entries[order - this.#traffic.first];
    if (entry === undefined || (entry.seen & seen) !== 0) {
      this.#duplicates += 1;
      return;
    }
    const wasReplied = (entry.seen & replied) === replied;
    entry.seen |= seen;
    if (entry.seen === this.#expected) {
      this.#done += 1;
      this.#lastDoneMs = nowMs();
    }
    if (!wasReplied && (entry.seen & replied) === replied) this.#onReplied(order);
  }

  /** The round in figures. `startMs` is when it began. */
  toResult(startMs: number): RoundResult {
    const sorted = Float64Array.from(this.#latencies).sort();
    // Webhooks may trail behind the replies: then the round lasts until the last has come, so that none is left out.
    const [counted, untilMs] = this.#expectsWebhooks
      ? [this.#done, Math.max(this.#untilMs, this.#lastDoneMs)]
      : [this.#doneInTime, this.#untilMs];
    const seconds = (untilMs - startMs) / 1000;
    const at = (percent: number): number => toRounded(toPercentile(sorted, percent), 2);
    return {
      sent: this.#entries.length,
      done: this.#done,
      lost: this.#entries.length - this.#done,
      duplicates: this.#duplicates,
      misdelivered: this.#misdelivered,
      refused: this.#refused,
      seconds: toRounded(seconds, 3),
      messagesPerSecond: toRounded(counted / seconds, 1),
      p50Ms: at(50),
      p95Ms: at(95),
      p99Ms: at(99),
      maxMs: at(100),
      madeLate: this.#traffic.late,
    };
  }
}

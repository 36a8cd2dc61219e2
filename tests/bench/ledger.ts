// What was sent and what came of it: every message must be answered 200 and get exactly its own reply, from its app's
// number to its member. Also keeps the times.

import type { Shot } from "./messages.ts";
import { recordKinds, type Sighting } from "./wire.ts";

export interface Wrongs {
  /** Answered, but no reply within the time allowed; or no answer. */
  readonly lost: number;
  /** Not answered with 200. */
  readonly refused: number;
  /** A reply for another member or from another number than it should be, or a text nobody asked for. */
  readonly misdirected: number;
  /** A webhook that did not come. */
  readonly lostWebhooks: number;
}

export class Ledger {
  readonly #shots: readonly Shot[];
  readonly #firstOrder: number;
  readonly #webhooksEach: number;
  readonly #startedMs: Float64Array;
  readonly #repliedMs: Float64Array;
  readonly #answered: Uint8Array;
  readonly #webhooks: Uint8Array;
  #issued = 0;
  #settled = 0;
  #refused = 0;
  #misdirected = 0;
  #webhooksSeen = 0;
  #lastAtMs = 0;
  duplicates = 0;
  /** Called with the index of a message that is both answered and replied to. */
  onSettled: (index: number) => void = () => undefined;

  /** Shots must be numbered without gaps. With webhooks each message is due two: inbound and outbound. */
  constructor(shots: readonly Shot[], hasWebhooks: boolean) {
    this.#shots = shots;
    this.#firstOrder = shots[0]?.order ?? 0;
    this.#webhooksEach = hasWebhooks ? 2 : 0;
    this.#startedMs = new Float64Array(shots.length);
    this.#repliedMs = new Float64Array(shots.length);
    this.#answered = new Uint8Array(shots.length);
    this.#webhooks = new Uint8Array(shots.length);
  }

  get issued(): number {
    return this.#issued;
  }

  get isExhausted(): boolean {
    return this.#issued >= this.#shots.length;
  }

  /** Everything issued is settled, its webhooks included. */
  get isComplete(): boolean {
    return this.#settled === this.#issued && this.#webhooksSeen >= this.#issued * this.#webhooksEach;
  }

  /** Counts from the time given: when it was sent, or when it should have been. */
  issue(atMs: number): { readonly index: number; readonly bytes: Buffer } {
    const index = this.#issued;
    this.#issued += 1;
    this.#startedMs[index] = atMs;
    return { index, bytes: (this.#shots[index] as Shot).bytes };
  }

  answer(index: number, status: number, atMs: number): void {
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    if (status !== 200) this.#refused += 1;
    this.#answered[index] = 1;
    if (this.#repliedMs[index] !== 0) this.#settle(index);
  }

  see(sighting: Sighting): void {
    const index = sighting.order - this.#firstOrder;
    if (sighting.kind === recordKinds.stray || index >= this.#issued) this.#misdirected += 1;
    else if (index < 0) this.duplicates += 1;
    else if (sighting.kind === recordKinds.reply) this.#seeReply(index, sighting);
    else this.#seeWebhook(index, sighting);
  }

  #seeReply(index: number, { atMs, to, from }: Sighting): void {
    const shot = this.#shots[index] as Shot;
    if (to !== shot.member || from !== shot.phoneNumberId) this.#misdirected += 1;
    else if (this.#repliedMs[index] !== 0) this.duplicates += 1;
    else {
      this.#repliedMs[index] = atMs;
      this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
      if (this.#answered[index] === 1) this.#settle(index);
    }
  }

  #seeWebhook(index: number, { kind, atMs }: Sighting): void {
    const seen = this.#webhooks[index] ?? 0;
    if ((seen & kind) !== 0) this.duplicates += 1;
    else {
      this.#webhooks[index] = seen | kind;
      this.#webhooksSeen += 1;
      this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    }
  }

  #settle(index: number): void {
    this.#settled += 1;
    this.onSettled(index);
  }

  /** From the first message sent to the last reply, answer or webhook. */
  get elapsedMs(): number {
    return this.#lastAtMs - (this.#startedMs[0] ?? 0);
  }

  /** From inbound POST (or its scheduled time) to the reply's arrival at the platform, unsorted. */
  get latenciesMs(): number[] {
    const found: number[] = [];
    for (let index = 0; index < this.#issued; index += 1) {
      const repliedMs = this.#repliedMs[index] ?? 0;
      if (repliedMs !== 0) found.push(repliedMs - (this.#startedMs[index] ?? 0));
    }
    return found;
  }

  get wrongs(): Wrongs {
    return {
      lost: this.#issued - this.#settled,
      refused: this.#refused,
      misdirected: this.#misdirected,
      lostWebhooks: Math.max(0, this.#issued * this.#webhooksEach - this.#webhooksSeen),
    };
  }
}

// Which members are writing at this moment, as far as their channel tells. Kept for seconds, in memory, and nowhere else.

import type { Clock } from "../../kernel/clock.ts";
import type { MemberKey } from "./lane.ts";

/** Whoever writes says so again before this is over. */
const freshMs = 10_000;
const entriesMax = 10_000;

export class TypingBoard {
  readonly #clock: Clock;
  readonly #until = new Map<MemberKey, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A member writes, or has stopped. */
  note(member: MemberKey, isTyping: boolean): void {
    this.#until.delete(member);
    if (isTyping) this.#until.set(member, this.#clock.nowMs() + freshMs);
    const [oldest] = this.#until.keys();
    if (this.#until.size > entriesMax && oldest !== undefined) this.#until.delete(oldest);
  }

  isTyping(member: MemberKey): boolean {
    return (this.#until.get(member) ?? 0) > this.#clock.nowMs();
  }
}

// Which members are writing at this moment, as far as their channel tells. Kept for seconds, in memory, and nowhere else.

import type { Clock } from "../../kernel/clock.ts";
import { type ChannelId, toUuid } from "../../kernel/ids.ts";

/** Whoever writes says so again before this is over. */
const freshMs = 10_000;
const entriesMax = 10_000;

export class TypingBoard {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A member writes, or has stopped. `member` names them: see `toMember`. */
  note(member: string, isTyping: boolean): void {
    this.#until.delete(member);
    if (isTyping) this.#until.set(member, this.#clock.nowMs() + freshMs);
    const [oldest] = this.#until.keys();
    if (this.#until.size > entriesMax && oldest !== undefined) this.#until.delete(oldest);
  }

  isTyping(member: string): boolean {
    return (this.#until.get(member) ?? 0) > this.#clock.nowMs();
  }

  /** A member by the channel and the blind index of their id there. */
  static toMember(channelId: ChannelId, externalKey: Buffer): string {
    return `${toUuid(channelId)}:${externalKey.toString("hex")}`;
  }
}

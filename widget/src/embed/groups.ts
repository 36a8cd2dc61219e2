// Cuts a conversation into what is drawn together: days, and within them runs of one sender.

import type { Message } from "../client/types.ts";
import { isSameDay } from "./format.ts";

export interface Group {
  readonly key: string;
  /** The first group of its day. */
  readonly isFirstOfDay: boolean;
  readonly messages: readonly [Message, ...Message[]];
}

/** A longer silence begins another group, so that its time is told. */
const silenceMs = 5 * 60_000;

function isOneRun(before: Message, after: Message): boolean {
  return (
    before.from === after.from &&
    before.name === after.name &&
    after.at - before.at < silenceMs &&
    isSameDay(before.at, after.at)
  );
}

/** The groups of a list of messages, in its order. */
export function toGroups(messages: readonly Message[]): Group[] {
  const groups: { key: string; isFirstOfDay: boolean; messages: [Message, ...Message[]] }[] = [];
  let before: Message | undefined;
  for (const message of messages) {
    if (before !== undefined && isOneRun(before, message)) groups.at(-1)?.messages.push(message);
    else {
      const isFirstOfDay = before === undefined || !isSameDay(before.at, message.at);
      groups.push({ key: message.key, isFirstOfDay, messages: [message] });
    }
    before = message;
  }
  return groups;
}

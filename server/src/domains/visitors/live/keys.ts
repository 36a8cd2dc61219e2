// What processes tell each other of a conversation. A notice names it by its member, who is known before it is.

import { type ChannelId, fromUuid } from "../../../kernel/ids.ts";
import type { MemberKey } from "../../conversations/index.ts";

/** What happened: something to read; somebody who answers writes or stops; the visitor does. */
export type News = "news" | "typing" | "silent" | "writing" | "paused";

export function toNotice(key: MemberKey, news: News): string {
  return `${key}:${news}`;
}

const noticePattern = /^([0-9a-f]{32}:[0-9a-f]{32}):(news|typing|silent|writing|paused)$/;

/** Reads a notice; undefined for anything else. */
export function parseNotice(text: string): { key: MemberKey; news: News } | undefined {
  const [, key, news] = noticePattern.exec(text) ?? [];
  return key === undefined ? undefined : { key: key as MemberKey, news: news as News };
}

export function channelOf(key: MemberKey): ChannelId {
  return fromUuid("channel", key.slice(0, 32));
}

// What names a conversation in a notice between processes: its channel and the blind index of its member. Known before the
// conversation is, and nothing but ids.

import { type ChannelId, fromUuid, toUuid } from "../../../kernel/ids.ts";

export type LiveKey = `${string}:${string}`;

/** What happened: something to read; somebody who answers writes or stops; the visitor does. */
export type News = "news" | "typing" | "silent" | "writing" | "paused";

export function toLiveKey(channelId: ChannelId, externalKey: Buffer): LiveKey {
  return `${toUuid(channelId)}:${externalKey.toString("hex")}`;
}

export function toNotice(key: LiveKey, news: News): string {
  return `${key}:${news}`;
}

const noticePattern = /^([0-9a-f]{32}:[0-9a-f]{32}):(news|typing|silent|writing|paused)$/;

/** Reads a notice; undefined for anything else. */
export function parseNotice(text: string): { key: LiveKey; news: News } | undefined {
  const [, key, news] = noticePattern.exec(text) ?? [];
  return key === undefined ? undefined : { key: key as LiveKey, news: news as News };
}

export function channelOf(key: LiveKey): ChannelId {
  return fromUuid("channel", key.slice(0, 32));
}

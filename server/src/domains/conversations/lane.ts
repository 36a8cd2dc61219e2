// Which lane a member's work runs in. One lane is worked on by one transaction at a time, so a member's events stay in
// order; two members who happen to share one only take turns.

import { type ChannelId, toUuid } from "../../kernel/ids.ts";
import type { Sealer } from "../keys/index.ts";

/** The advisory-lock class of lanes, and of the processes that lease outgoing messages. */
export const lockClasses = { lane: 7_301, process: 7_302 } as const;

/** The blind index of a member's id on its platform: what members are looked up by. */
export function toExternalKey(sealer: Sealer, channelId: ChannelId, externalId: string): Buffer {
  return sealer.blindIndex("members", "external_id", `${channelId}:${externalId}`);
}

/** Names a member in memory and between processes, by nothing but ids: the channel and the blind index. */
export type MemberKey = `${string}:${string}`;

export function toMemberKey(channelId: ChannelId, externalKey: Buffer): MemberKey {
  return `${toUuid(channelId)}:${externalKey.toString("hex")}`;
}

/** The lane of a blind index: 32 of its bits. */
export function toLane(key: Buffer): number {
  return key.readInt32BE(0);
}

// A conversation as those see it who answer.

import { z } from "zod";
import type { Caller } from "../../../kernel/actor.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { parseId, toUuid } from "../../../kernel/ids.ts";
import { isVerifiedId } from "../../channels/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { openAssigneeName, openExternalId } from "../attend.ts";
import type { StoredInboxItem } from "../inbox-store.ts";
import type { MemberProfile } from "../types.ts";

export const ModeName = z.enum(["bot", "queued", "live", "off"]);

const AssigneeView = z.object({
  userId: idOf("user").optional(),
  tokenId: idOf("token").optional(),
  name: z.string().max(200).optional(),
  isMe: z.boolean(),
});

export const ConversationView = z.object({
  conversationId: idOf("conversation"),
  channelId: idOf("channel"),
  channelKind: z.string().max(40),
  channelName: z.string().max(200),
  memberId: idOf("member"),
  memberName: z.string().max(512).optional(),
  /** The website vouches for who the visitor is. */
  isVerified: z.boolean(),
  /** Who answers: the bot, a person who is asked for or there, or nobody. */
  mode: ModeName,
  /** Who has it. */
  assignee: AssigneeView.optional(),
  createdAt: z.iso.datetime(),
  lastMessageAt: z.iso.datetime().optional(),
});
export type ConversationView = z.infer<typeof ConversationView>;

function toAssigneeView(item: StoredInboxItem, actor: Caller, sealer: Sealer): Pick<ConversationView, "assignee"> {
  const { assignee } = item;
  if (assignee === undefined) return {};
  const [userId, tokenId] = [parseId("user", assignee), parseId("token", assignee)];
  const name = openAssigneeName(item, sealer)?.slice(0, 200);
  const own = actor.kind === "user" ? actor.userId : actor.kind === "token" ? actor.tokenId : undefined;
  const ids = { ...(userId !== undefined && { userId }), ...(tokenId !== undefined && { tokenId }) };
  return { assignee: { ...ids, ...(name !== undefined && { name }), isMe: assignee === own } };
}

export function toConversationView(item: StoredInboxItem, actor: Caller, sealer: Sealer): ConversationView {
  const { conversationId, channelId, channelKind, channelName, memberId, mode, createdAt, lastMessageAt } = item;
  const field = { table: "members", column: "profile", row: toUuid(memberId) };
  const { name }: MemberProfile = JSON.parse(sealer.open(field, item.profile).toString("utf8"));
  return {
    ...{ conversationId, channelId, channelKind, channelName, memberId, mode },
    ...(name !== undefined && { memberName: name.slice(0, 512) }),
    // SECURITY: elsewhere members choose their ids themselves, and such a beginning says nothing.
    isVerified: channelKind === "web" && isVerifiedId(openExternalId(item, sealer)),
    ...toAssigneeView(item, actor, sealer),
    createdAt: createdAt.toISOString(),
    ...(lastMessageAt !== undefined && { lastMessageAt: lastMessageAt.toISOString() }),
  };
}

// The inbox: conversations in the order of their activity, and one of them.

import { z } from "zod";
import { type Caller, channelLimitsOf } from "../../../kernel/actor.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type ChannelId, parseId } from "../../../kernel/ids.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import type { Keychain } from "../../keys/index.ts";
import { toAssignee } from "../agent.ts";
import { getVisible } from "../attend.ts";
import { type InboxCursor, listItems, type StoredInboxItem } from "../inbox-store.ts";
import { toMemberKey } from "../lane.ts";
import type { TypingBoard } from "../typing-board.ts";
import { ConversationView, ModeName, toConversationView } from "./conversation-view.ts";

const reading = {
  method: "GET",
  scope: "app",
  permission: "conversation:read",
  channel: "filters",
  audit: { none: "says who wrote and who answers; reads of what was said are recorded" },
  rate: "read",
  stepUp: false,
} as const;

const cursorPattern = /^([0-9]{1,17})\.(cnv_[0-9a-f]{32})$/;

function toCursor({ activeUs, conversationId }: StoredInboxItem): string {
  return `${activeUs}.${conversationId}`;
}

function parseCursor(text: string | undefined): InboxCursor | undefined {
  const [, activeUs, id] = cursorPattern.exec(text ?? "") ?? [];
  const conversationId = parseId("conversation", id);
  return activeUs === undefined || conversationId === undefined ? undefined : { activeUs, conversationId };
}

/** The channels to look in: the one that is asked for, never one beyond the caller's limits. */
function toChannels(actor: Caller, asked: ChannelId | undefined): readonly ChannelId[] | undefined {
  const limits = channelLimitsOf(actor);
  if (asked === undefined) return limits;
  return limits === undefined || limits.includes(asked) ? [asked] : [];
}

/** GET /api/v1/conversations. Of conversations that are active in the same minute any may come first. */
export function createListConversations(deps: { keychain: Keychain }): Operation {
  return operation({
    name: "conversations.list",
    summary: "Conversations, the one that was active last first.",
    path: "/api/v1/conversations",
    query: z.strictObject({
      channelId: idOf("channel").optional(),
      mode: ModeName.optional(),
      assigned: z.enum(["me", "nobody"]).optional(),
      first: queryInteger(1, 100).optional(),
      /** The `after` of the page before. */
      after: z.string().max(64).regex(cursorPattern, { error: "must be the `after` of a page" }).optional(),
    }),
    output: z.object({ items: z.array(ConversationView).max(100), after: z.string().max(64).optional() }),
    ...reading,
    async run({ tx, actor, input }) {
      const { mode, assigned, first = 50 } = input;
      const stored = await listItems(tx, {
        ...{ mode, first, channelIds: toChannels(actor, input.channelId), after: parseCursor(input.after) },
        assigned: assigned === "me" ? toAssignee(actor) : assigned,
      });
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const items = stored.map((item) => toConversationView(item, actor, sealer));
      const last = stored.at(-1);
      return { items, ...(stored.length === first && last !== undefined && { after: toCursor(last) }) };
    },
  });
}

/** GET /api/v1/conversations/{conversationId}. */
export function createGetConversation(deps: { keychain: Keychain; typing: Pick<TypingBoard, "isTyping"> }): Operation {
  return operation({
    name: "conversations.get",
    summary: "One conversation: with whom, over which channel, and who answers.",
    path: "/api/v1/conversations/{conversationId}",
    params: z.strictObject({ conversationId: idOf("conversation") }),
    output: ConversationView.extend({ isMemberTyping: z.boolean() }),
    ...reading,
    async run({ tx, actor, input }) {
      const item = await getVisible(tx, input.conversationId, actor);
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const isMemberTyping = deps.typing.isTyping(toMemberKey(item.channelId, item.externalKey));
      return { ...toConversationView(item, actor, sealer), isMemberTyping };
    },
  });
}

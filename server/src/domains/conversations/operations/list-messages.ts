// GET /api/v1/conversations/{conversationId}/messages: what was said, newest first.

import { z } from "zod";
import { channelLimitsOf } from "../../../kernel/actor.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { toUuid } from "../../../kernel/ids.ts";
import { anyJson } from "../../../kernel/json-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import type { Keychain, Sealer } from "../../keys/index.ts";
import { listMessages, openMessage, type StoredMessage } from "../message-store.ts";

const MessageView = z.object({
  messageId: idOf("message"),
  direction: z.enum(["inbound", "outbound"]),
  /** Who spoke: `member`, `bot`, `manual` (a person, or a program over the interface), `system`. */
  source: z.string().max(20),
  /** What kind of message it is: text, image, buttons, payload, unknown, ... */
  type: z.string().max(40),
  /** The person who wrote it, of those who answer. */
  by: z.object({ userId: idOf("user").optional(), name: z.string().max(200).optional() }).optional(),
  createdAt: z.iso.datetime(),
  /** What became of an outgoing message: queued, sent, delivered, read, failed, deleted. */
  status: z.string().max(20).optional(),
  errorCode: z.string().max(200).optional(),
  platformMessageId: z.string().max(1024).optional(),
  content: anyJson("The message as received or sent."),
});

const Page = z.object({ items: z.array(MessageView).max(100), after: z.string().max(64).optional() });

function toView(message: StoredMessage, sealer: Sealer): z.infer<typeof MessageView> {
  const { messageId, direction, source, errorCode, platformId } = message;
  const field = { table: "receipts", column: "platform_id", row: toUuid(messageId) };
  const content = openMessage(message, sealer);
  const by = content.direction === "outbound" ? content.by : undefined;
  const status = message.status ?? (direction === "outbound" ? "queued" : undefined);
  return {
    messageId,
    direction,
    source,
    type: content.message.type,
    ...(by === undefined ? {} : { by }),
    createdAt: message.createdAt.toISOString(),
    ...(status === undefined ? {} : { status }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(platformId === undefined ? {} : { platformMessageId: sealer.open(field, platformId).toString("utf8") }),
    content: content.message as z.infer<typeof MessageView>["content"],
  };
}

/** An unknown conversation has no messages: it answers as an empty one would. */
export function createListMessages(deps: { keychain: Keychain }): Operation {
  return operation({
    name: "messages.list",
    summary: "A conversation's messages, newest first.",
    method: "GET",
    path: "/api/v1/conversations/{conversationId}/messages",
    params: z.strictObject({ conversationId: idOf("conversation") }),
    query: z.strictObject({ first: queryInteger(1, 100).optional(), after: idOf("message").optional() }),
    output: Page,
    scope: "app",
    permission: "conversation:read",
    channel: "filters",
    audit: "conversation.read",
    rate: "read",
    stepUp: false,
    async run({ tx, actor, input }) {
      const first = input.first ?? 50;
      const stored = await listMessages(tx, input.conversationId, {
        ...{ first, after: input.after },
        channelIds: channelLimitsOf(actor),
      });
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const items = stored.map((message) => toView(message, sealer));
      const last = items.at(-1)?.messageId;
      return { items, ...(items.length === first && last !== undefined ? { after: last } : {}) };
    },
  });
}

// What a visitor's conversation holds, a page at a time, and what is new in it.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import type { MessageId } from "../../../kernel/ids.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import { listMessagesSince, openMessage, type StoredMessage } from "../../conversations/index.ts";
import { MessageView, type Preview, previewIndex, toMessageView } from "../message-view.ts";
import { type LinkPreview, listPreviews } from "../previews/previews.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct } from "./guard-act.ts";
import { channelParams } from "./start.ts";
import { assertOwn, type Visit, visit } from "./visit.ts";

/** Ids of messages made by two processes at the same time may be out of order by as much as their clocks differ. */
export const overlapMs = 10_000;
const pageMax = 100;

export interface PageWanted {
  readonly after?: MessageId | undefined;
  readonly before?: MessageId | undefined;
  readonly first: number;
}

/** The pages behind the links of these messages, where the channel shows them. */
async function findPreviews(
  tx: TenantTx,
  { web, sealer }: Visit,
  stored: readonly StoredMessage[],
): Promise<ReadonlyMap<MessageId, Preview>> {
  if (!web.linkPreviews) return new Map();
  const outbound = stored.filter(({ direction }) => direction === "outbound").map(({ messageId }) => messageId);
  const found = await listPreviews(tx, outbound, sealer);
  return new Map([...found].map(([messageId, preview]) => [messageId, toPreview(preview)]));
}

function toPreview({ url, title, description, image }: LinkPreview): Preview {
  const { type, width, height } = image ?? {};
  const measures = width === undefined || height === undefined ? {} : { width, height };
  const media = image === undefined ? {} : { media: { index: previewIndex, ...(type && { type }), ...measures } };
  return { url, title, ...(description && { description }), ...media };
}

/** Messages of the visitor's conversation, oldest first. None before the first. */
export async function readMessages(tx: TenantTx, visited: Visit, wanted: PageWanted): Promise<MessageView[]> {
  const { conversation, sealer, actor } = visited;
  if (conversation === undefined) return [];
  const { after, before, first } = wanted;
  const stored = await listMessagesSince(tx, conversation.conversationId, { after, before, overlapMs, first });
  const previews = await findPreviews(tx, visited, stored);
  return stored.map((one) =>
    toMessageView({ ...one, content: openMessage(one, sealer), preview: previews.get(one.messageId) }, actor.visitorId),
  );
}

export function createListMessages(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.listMessages",
    summary: "The visitor's conversation, oldest first: behind `after`, before `before`, or its end.",
    method: "GET",
    path: "/chat/v1/channels/{channelId}/messages",
    params: channelParams,
    query: z.strictObject({
      after: idOf("message").optional(),
      before: idOf("message").optional(),
      first: queryInteger(1, pageMax).default(50),
      conversationId: idOf("conversation").optional(),
    }),
    output: z.object({
      conversationId: idOf("conversation").optional(),
      items: z.array(MessageView).max(pageMax + 1),
      mode: z.string().max(20),
      hasMore: z.boolean(),
    }),
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "a visitor reads what they wrote and were told" },
    rate: "read",
    stepUp: false,
    async run({ tx, actor, input, origin }) {
      const visited = await visit(deps, tx, actor);
      await guardAct(deps, tx, { ...visited, act: "call", address: origin.address });
      assertOwn(visited, input.conversationId);
      // One more than asked for says whether there are more.
      const found = await readMessages(tx, visited, { ...input, first: input.first + 1 });
      const hasMore = found.length > input.first;
      const isForward = input.after !== undefined;
      const items = isForward ? found.slice(0, input.first) : found.slice(-input.first);
      const { conversation } = visited;
      const mode = conversation?.mode ?? "bot";
      return { ...(conversation && { conversationId: conversation.conversationId }), items, mode, hasMore };
    },
  });
}

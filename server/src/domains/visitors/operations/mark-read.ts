// POST read: the visitor has seen a message of the bot or an agent; reported as every platform's read receipts are.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import { findMessage } from "../../conversations/index.ts";
import { visitorErrors } from "../errors.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct } from "./guard-act.ts";
import { channelParams } from "./start.ts";
import { visit } from "./visit.ts";

export function createMarkRead(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.markRead",
    summary: "Says that the visitor has seen a message.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/read",
    params: channelParams,
    body: z.strictObject({ messageId: idOf("message") }),
    output: z.object({}),
    successStatus: 204,
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "receipts are kept with their messages" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input, requestId, origin }) {
      const visited = await visit(deps, tx, actor);
      await guardAct(deps, tx, { ...visited, act: "call", address: origin.address });
      const { conversation, who, actor: visitor } = visited;
      const { messageId } = input;
      const found = conversation && (await findMessage(tx, conversation.conversationId, messageId));
      if (found?.direction !== "outbound") throw new AppError(visitorErrors.messageNotFound);
      const { channelId } = visitor;
      const ids = { platformMessageId: messageId, reference: messageId, externalId: who.externalId };
      const event = { kind: "status", ...ids, status: "read", atMs: deps.clock.nowMs() } as const;
      const arrival = { tenant: tx.tenant, channelId, events: [event], correlationId: requestId };
      return afterCommit(async () => {
        await deps.pipeline.accept(arrival);
        return { status: 204, body: {} };
      });
    },
  });
}

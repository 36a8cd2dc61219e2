// POST /api/v1/conversations/{conversationId}/messages: what a person answers, under their name.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { toAgent, toAuthor } from "../agent.ts";
import { holdVisible, takeHeld, toRecipient } from "../attend.ts";
import type { Pipeline } from "../pipeline.ts";
import { getChannelOn, queueMessages } from "../queue-messages.ts";
import { toOutgoing, WireMessage } from "../wire-message.ts";
import { AgentName, type AttendDeps, conversationParams } from "./attend-conversation.ts";
import { ModeName } from "./conversation-view.ts";

export interface SendMessagesDeps extends AttendDeps {
  readonly pipeline: Pick<Pipeline, "publish" | "lease" | "send">;
}

/** 202: what becomes of each message is in its status. 409 when somebody else has the conversation. */
export function createSendMessages(deps: SendMessagesDeps): Operation {
  return operation({
    name: "conversations.sendMessages",
    summary: "Answers in a conversation, and takes it first unless told otherwise.",
    method: "POST",
    path: "/api/v1/conversations/{conversationId}/messages",
    params: conversationParams,
    body: z.strictObject({
      messages: z.array(WireMessage).min(1).max(20),
      /** Says something without taking the conversation: the bot goes on, or whoever has it. */
      keepMode: z.boolean().optional(),
      /** From tokens only: who answers, as the member is shown. */
      agentName: AgentName.optional(),
    }),
    output: z.object({
      conversationId: idOf("conversation"),
      mode: ModeName,
      messageIds: z.array(idOf("message")).max(20),
    }),
    successStatus: 202,
    scope: "app",
    permission: "conversation:write",
    channel: "filters",
    audit: "conversation.answered",
    rate: "send",
    stepUp: false,
    async run({ tx, actor, input, requestId: correlationId }) {
      const { clock, pipeline } = deps;
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const item = await holdVisible(tx, input.conversationId, actor);
      const { conversationId, channelId } = item;
      await getChannelOn(tx, channelId);
      const agent = await toAgent(tx, { actor, agentName: input.agentName }, deps.installation);
      const isKept = input.keepMode === true;
      const events = isKept ? [] : await takeHeld(tx, item, { agent, sealer, clock, correlationId });
      if (events.length > 0) await pipeline.publish(tx, events, sealer);
      const recipient = toRecipient(item, sealer);
      const messages = input.messages.map(toOutgoing);
      const said = { channelId, recipient, messages, by: toAuthor(actor, agent) };
      const queued = await queueMessages(tx, said, { sealer, clock, correlationId, lease: pipeline.lease });
      tx.afterCommit(() => pipeline.send(queued.leased));
      return { conversationId, mode: isKept ? item.mode : ("live" as const), messageIds: queued.messageIds };
    },
  });
}

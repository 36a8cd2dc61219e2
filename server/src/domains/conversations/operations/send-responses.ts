// POST /bot/v1/sendResponses: sends messages to one member and says what the platform answered.

import { z } from "zod";
import type { Clock } from "../../../kernel/clock.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import type { Keychain } from "../../keys/index.ts";
import type { Pipeline } from "../pipeline.ts";
import { findRecipient, getChannelOn, queueMessages, type Recipient } from "../queue-messages.ts";
import type { SendResult } from "../types.ts";
import { toOutgoing, WireMessage } from "../wire-message.ts";

const waitMs = 10_000;

const Body = z.strictObject({
  channelId: idOf("channel"),
  memberId: idOf("member").optional(),
  /** The member's id on the platform. */
  recipientId: z.string().min(1).max(512).optional(),
  response: z.array(WireMessage).min(1).max(20),
  /** Checks everything and sends nothing. */
  dryRun: z.boolean().optional(),
});

const Result = z.object({
  status: z.enum(["sent", "queued", "failed", "valid"]),
  /** Our id of the message. */
  messageId: z.string().max(64).optional(),
  result: z
    .array(
      z.object({
        result: z.object({ recipient_id: z.string().max(512), message_id: z.string().max(1024) }).optional(),
        messageEvent: z.object({ type: z.string().max(40) }),
      }),
    )
    .max(1),
  error: z.object({ code: z.string().max(200), detail: z.string().max(1000) }).optional(),
});

const View = z.object({
  ok: z.union([z.literal(0), z.literal(1)]),
  member: z.string().max(64),
  sendResults: z.array(Result).max(20),
});
type View = z.infer<typeof View>;

export interface SendResponsesDeps {
  readonly keychain: Keychain;
  readonly clock: Clock;
  readonly pipeline: Pick<Pipeline, "lease" | "send" | "waitForMessage">;
}

function toResult(
  recipient: Recipient,
  message: WireMessage,
  result: SendResult | undefined,
): View["sendResults"][number] {
  const messageEvent = { type: message.type.toUpperCase() };
  const messageId = result?.messageId;
  const status = result?.status ?? "queued";
  const common = { status, ...(messageId === undefined ? {} : { messageId }) };
  if (status === "failed") {
    const error = {
      code: result?.errorCode ?? "unknown",
      detail: result?.errorText ?? "The platform refused the message.",
    };
    return { ...common, result: [{ messageEvent }], error };
  }
  const sent = { recipient_id: recipient.externalId, message_id: result?.platformMessageId ?? messageId ?? "" };
  return { ...common, result: [status === "sent" ? { result: sent, messageEvent } : { messageEvent }] };
}

function toReply(recipient: Recipient, sendResults: View["sendResults"]): { status: number; body: View } {
  const hasFailed = sendResults.some((result) => result.status === "failed");
  const isQueued = sendResults.some((result) => result.status === "queued");
  const status = hasFailed ? 422 : isQueued ? 202 : 200;
  return { status, body: { ok: hasFailed ? 0 : 1, member: recipient.memberId, sendResults } };
}

/** 200 when the platform took every message, 202 when some will be tried again, 422 when it refused one. */
export function createSendResponses(deps: SendResponsesDeps): Operation {
  return operation({
    name: "bot.sendResponses",
    summary: "Sends messages to one member of a channel.",
    method: "POST",
    path: "/bot/v1/sendResponses",
    body: Body.refine((body) => (body.memberId === undefined) !== (body.recipientId === undefined), {
      error: "give either memberId or recipientId",
      path: ["memberId"],
    }),
    output: View,
    scope: "app",
    permission: "bot:sendResponses",
    channel: { field: "channelId" },
    audit: "bot.responses_sent",
    rate: "send",
    stepUp: false,
    problemFields: { ok: 0 },
    async run({ tx, actor, input, requestId }) {
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      await getChannelOn(tx, input.channelId);
      const recipient = await findRecipient(tx, input, sealer);
      if (input.dryRun === true) return toDryReply(recipient, input.response);
      const messages = input.response.map(toOutgoing);
      const options = { sealer, lease: deps.pipeline.lease, clock: deps.clock, correlationId: requestId };
      const queued = await queueMessages(tx, { channelId: input.channelId, recipient, messages }, options);
      return afterCommit(async () => {
        const waiting = queued.messageIds.map((messageId) => deps.pipeline.waitForMessage(messageId, waitMs));
        deps.pipeline.send(queued.leased);
        const results = await Promise.all(waiting);
        const views = input.response.map((message, index) => {
          const messageId = queued.messageIds[index] as SendResult["messageId"];
          return toResult(recipient, message, results[index] ?? { messageId, status: "queued" });
        });
        return toReply(recipient, views);
      });
    },
  });
}

function toDryReply(recipient: Recipient, response: readonly WireMessage[]): View {
  const sendResults = response.map((message) => ({
    status: "valid" as const,
    result: [{ messageEvent: { type: message.type.toUpperCase() } }],
  }));
  return { ok: 1, member: recipient.isNew ? "" : recipient.memberId, sendResults };
}

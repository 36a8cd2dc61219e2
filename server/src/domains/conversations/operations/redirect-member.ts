// POST /bot/v1/redirectMemberToNode: makes a member's conversation jump to a node, in order with their messages.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { anyJson } from "../../../kernel/json-schema.ts";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import { assertNode } from "../../bots/index.ts";
import type { Keychain } from "../../keys/index.ts";
import { conversationErrors } from "../errors.ts";
import type { Pipeline } from "../pipeline.ts";
import { findRecipient, getChannelOn } from "../queue-messages.ts";

const waitMs = 5_000;
const metaBytesMax = 16_384;

const Body = z.strictObject({
  channelId: idOf("channel"),
  memberId: idOf("member").optional(),
  recipientId: z.string().min(1).max(512).optional(),
  redirect: z.strictObject({
    tree: idOf("tree"),
    nodeCompositeId: z.string().min(1).max(64),
    runPreAction: z.boolean().default(true),
    sendResponse: z.boolean().default(true),
    runPostAction: z.boolean().default(true),
  }),
  /** Read in the node as `meta`. */
  meta: anyJson("Read in the node as `meta`.")
    .refine((value) => JSON.stringify(value).length <= metaBytesMax, {
      error: `must be at most ${metaBytesMax} bytes of JSON`,
    })
    .optional(),
  dryRun: z.boolean().optional(),
});

const View = z.object({
  ok: z.union([z.literal(0), z.literal(1)]),
  member: z.string().max(64),
  /** What the jump led to; `queued` when it has not run yet. */
  outcome: z.enum(["answered", "silent", "failed", "recorded", "queued", "valid"]),
  messageIds: z.array(z.string().max(64)).max(100),
  traceId: z.string().max(64).optional(),
});

export interface RedirectMemberDeps {
  readonly keychain: Keychain;
  readonly pipeline: Pick<Pipeline, "accept" | "waitForEvent">;
}

/** 200 when the node has run, 202 when it waits for earlier work of the member. */
export function createRedirectMember(deps: RedirectMemberDeps): Operation {
  return operation({
    name: "bot.redirectMemberToNode",
    summary: "Makes a member's conversation jump to a node.",
    method: "POST",
    path: "/bot/v1/redirectMemberToNode",
    body: Body.refine((body) => (body.memberId === undefined) !== (body.recipientId === undefined), {
      error: "give either memberId or recipientId",
      path: ["memberId"],
    }),
    output: View,
    scope: "app",
    permission: "bot:redirectMemberToNode",
    channel: { field: "channelId" },
    audit: "bot.member_redirected",
    rate: "send",
    stepUp: false,
    problemFields: { ok: 0 },
    async run({ tx, actor, input, requestId }) {
      const { channelId, redirect } = input;
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      await getChannelOn(tx, channelId);
      await assertNode(tx, redirect.tree, redirect.nodeCompositeId);
      const recipient = await findRecipient(tx, input, sealer);
      if (recipient.isNew && input.memberId !== undefined) throw new AppError(conversationErrors.memberNotFound);
      const member = recipient.isNew ? "" : recipient.memberId;
      if (input.dryRun === true) return { ok: 1 as const, member, outcome: "valid" as const, messageIds: [] };
      const { tenant } = tx;
      return afterCommit(async () => {
        const event = {
          kind: "redirect" as const,
          externalId: recipient.externalId,
          treeId: redirect.tree,
          compositeId: redirect.nodeCompositeId,
          runPreActions: redirect.runPreAction,
          sendResponses: redirect.sendResponse,
          runPostActions: redirect.runPostAction,
          meta: input.meta ?? {},
        };
        const result = await acceptAndWait(deps, { tenant, channelId, events: [event], correlationId: requestId });
        const { outcome, messageIds, eventId } = result;
        const hasFailed = outcome === "failed";
        const status = outcome === "queued" ? 202 : hasFailed ? 422 : 200;
        const traceId = `trc_${eventId.slice(4)}`;
        return { status, body: { ok: hasFailed ? (0 as const) : (1 as const), member, outcome, messageIds, traceId } };
      });
    },
  });
}

async function acceptAndWait(
  deps: RedirectMemberDeps,
  arrival: Parameters<Pipeline["accept"]>[0],
): Promise<{ outcome: z.infer<typeof View>["outcome"]; messageIds: string[]; eventId: string }> {
  const [receipt] = await deps.pipeline.accept(arrival);
  const eventId = receipt?.eventId ?? "evt_";
  const result = receipt?.result ?? (await deps.pipeline.waitForEvent(eventId, waitMs));
  return { outcome: result?.outcome ?? "queued", messageIds: [...(result?.messageIds ?? [])], eventId };
}

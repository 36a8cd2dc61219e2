// Taking a conversation, handing it back, and showing that one writes.

import { z } from "zod";
import type { Clock } from "../../../kernel/clock.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import type { ConversationId } from "../../../kernel/ids.ts";
import { type Operation, type OperationContext, operation } from "../../../kernel/operation.ts";
import type { InstallationKeys, Keychain, Sealer } from "../../keys/index.ts";
import { toAgent, toAssignee } from "../agent.ts";
import { getVisible, holdVisible, leaveHeld, openExternalId, takeHeld } from "../attend.ts";
import type { ConversationEvent } from "../events.ts";
import type { Pipeline } from "../pipeline.ts";
import { ConversationView, toConversationView } from "./conversation-view.ts";

export interface AttendDeps {
  readonly keychain: Keychain;
  readonly installation: Pick<InstallationKeys, "sealer">;
  readonly clock: Clock;
  readonly pipeline: Pick<Pipeline, "publish">;
}

export const conversationParams = z.strictObject({ conversationId: idOf("conversation") });

/** The name a token gives whoever answers; control characters have no place in one. */
export const AgentName = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[^\p{C}]+$/u, { error: "must be a name in one line" });

const guards = {
  method: "POST",
  scope: "app",
  permission: "conversation:write",
  channel: "filters",
  rate: "write",
  stepUp: false,
} as const;

type Context = OperationContext<{ readonly conversationId: ConversationId }>;

/** Tells of what changed, and shows the conversation as it is then. */
async function conclude(
  deps: AttendDeps,
  { tx, actor, input }: Context,
  done: { readonly events: readonly ConversationEvent[]; readonly sealer: Sealer },
): Promise<ConversationView> {
  if (done.events.length > 0) await deps.pipeline.publish(tx, done.events, done.sealer);
  return toConversationView(await getVisible(tx, input.conversationId, actor), actor, done.sealer);
}

/** 200 also for whoever has it already; 409 when somebody else does. */
export function createTakeConversation(deps: AttendDeps): Operation {
  return operation({
    name: "conversations.take",
    summary: "Takes a conversation: the bot is silent in it, and nobody else can take it, until it is handed back.",
    path: "/api/v1/conversations/{conversationId}/take",
    params: conversationParams,
    body: z.strictObject({ agentName: AgentName.optional() }),
    output: ConversationView,
    audit: "conversation.taken",
    ...guards,
    async run(context) {
      const { tx, actor, input, requestId } = context;
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const item = await holdVisible(tx, input.conversationId, actor);
      const agent = await toAgent(tx, { actor, agentName: input.agentName }, deps.installation);
      const events = await takeHeld(tx, item, { agent, sealer, clock: deps.clock, correlationId: requestId });
      return conclude(deps, context, { events, sealer });
    },
  });
}

/** 200 also for what nobody had. */
export function createHandBack(deps: AttendDeps): Operation {
  return operation({
    name: "conversations.handBack",
    summary: "Gives a conversation back to the bot, or into the queue of those that wait for a person.",
    path: "/api/v1/conversations/{conversationId}/handBack",
    params: conversationParams,
    body: z.strictObject({
      /** `bot` unless said. */
      to: z.enum(["bot", "queued"]).optional(),
      /** Also when somebody else has it. */
      fromOthers: z.boolean().optional(),
    }),
    output: ConversationView,
    audit: "conversation.handed_back",
    ...guards,
    async run(context) {
      const { tx, actor, input, requestId } = context;
      const { to: mode = "bot", fromOthers = false } = input;
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const item = await holdVisible(tx, input.conversationId, actor);
      const agent = { assignee: toAssignee(actor) };
      const what = { agent, mode, fromOthers, sealer, clock: deps.clock, correlationId: requestId };
      return conclude(deps, context, { events: await leaveHeld(tx, item, what), sealer });
    },
  });
}

/** Nothing of it is kept. */
export function createShowTyping(deps: AttendDeps): Operation {
  return operation({
    name: "conversations.showTyping",
    summary: "Shows the member, where the channel can, that somebody is writing or has stopped.",
    path: "/api/v1/conversations/{conversationId}/typing",
    params: conversationParams,
    body: z.strictObject({ isTyping: z.boolean() }),
    output: z.object({}),
    successStatus: 204,
    audit: { none: "says nothing and is kept nowhere" },
    ...guards,
    async run({ tx, actor, input, requestId }) {
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const item = await getVisible(tx, input.conversationId, actor);
      const { channelId, memberId, conversationId } = item;
      const ids = { channelId, memberId, conversationId, externalId: openExternalId(item, sealer) };
      const atMs = deps.clock.nowMs();
      const event = { kind: "typing", ...ids, isTyping: input.isTyping, atMs, correlationId: requestId } as const;
      await deps.pipeline.publish(tx, [event], sealer);
      return {};
    },
  });
}

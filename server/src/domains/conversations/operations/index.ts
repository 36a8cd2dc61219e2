// The operations on conversations.

import type { Clock } from "../../../kernel/clock.ts";
import type { Operation } from "../../../kernel/operation.ts";
import type { InstallationKeys, Keychain } from "../../keys/index.ts";
import type { Pipeline } from "../pipeline.ts";
import type { TypingBoard } from "../typing-board.ts";
import { createHandBack, createShowTyping, createTakeConversation } from "./attend-conversation.ts";
import { createListMessages } from "./list-messages.ts";
import { createGetConversation, createListConversations } from "./read-conversations.ts";
import { createGetTrace, createListTraces } from "./read-traces.ts";
import { createRedirectMember } from "./redirect-member.ts";
import { createSendMessages } from "./send-messages.ts";
import { createSendResponses } from "./send-responses.ts";

export interface ConversationDeps {
  readonly keychain: Keychain;
  /** Opens the names of the people who answer. */
  readonly installation: Pick<InstallationKeys, "sealer">;
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly typing: Pick<TypingBoard, "isTyping">;
}

/** All of them. */
export function createConversationOperations(deps: ConversationDeps): readonly Operation[] {
  return [
    createSendResponses(deps),
    createRedirectMember(deps),
    createListConversations(deps),
    createGetConversation(deps),
    createTakeConversation(deps),
    createHandBack(deps),
    createSendMessages(deps),
    createShowTyping(deps),
    createListMessages(deps),
    createGetTrace(deps),
    createListTraces(deps),
  ];
}

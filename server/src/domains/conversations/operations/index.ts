// The operations on conversations.

import type { Clock } from "../../../kernel/clock.ts";
import type { Operation } from "../../../kernel/operation.ts";
import type { Keychain } from "../../keys/index.ts";
import type { Pipeline } from "../pipeline.ts";
import { createListMessages } from "./list-messages.ts";
import { createGetTrace, createListTraces } from "./read-traces.ts";
import { createRedirectMember } from "./redirect-member.ts";
import { createSendResponses } from "./send-responses.ts";

export interface ConversationDeps {
  readonly keychain: Keychain;
  readonly clock: Clock;
  readonly pipeline: Pipeline;
}

/** All of them. */
export function createConversationOperations(deps: ConversationDeps): readonly Operation[] {
  return [
    createSendResponses(deps),
    createRedirectMember(deps),
    createListMessages(deps),
    createGetTrace(deps),
    createListTraces(deps),
  ];
}

// POST typing: whoever answers may see that the visitor is writing. Kept nowhere.

import { z } from "zod";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { toMemberKey } from "../../conversations/index.ts";
import { toNotice } from "../live/keys.ts";
import { notify } from "../store.ts";
import type { VisitorDeps } from "./deps.ts";
import { channelParams } from "./start.ts";
import { visit } from "./visit.ts";

export function createShowVisitorTyping(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.showTyping",
    summary: "Says that the visitor is writing, or has stopped. Say it again every few seconds.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/typing",
    params: channelParams,
    body: z.strictObject({ isTyping: z.boolean() }),
    output: z.object({}),
    successStatus: 204,
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "kept nowhere" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input }) {
      const visited = await visit(deps, tx, actor);
      // Before the first message there is nobody to see it.
      if (visited.conversation === undefined) return {};
      const key = toMemberKey(visited.actor.channelId, visited.who.externalKey);
      await notify(tx, [toNotice(key, input.isTyping ? "writing" : "paused")]);
      return {};
    },
  });
}

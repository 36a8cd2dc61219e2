// POST contact: outside business hours a visitor leaves an address with what they ask, so that nobody's question is lost.

import { z } from "zod";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { contactFields, toContactMessage } from "../contact/contact-message.ts";
import { assertMayBegin, Heard, say, sendingFields, toPlatformId } from "./begin.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct } from "./guard-act.ts";
import { channelParams } from "./start.ts";
import { visit } from "./visit.ts";

export function createLeaveWord(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.leaveWord",
    summary: "Leaves a question and an address to answer to.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/contact",
    params: channelParams,
    body: z.strictObject({ ...contactFields, ...sendingFields }),
    output: Heard,
    successStatus: 202,
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "messages are kept as messages" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input, requestId, origin }) {
      const visited = await visit(deps, tx, actor);
      const { clientId, proof } = input;
      const remember = await guardAct(deps, tx, { ...visited, act: "contact", address: origin.address, proof });
      assertMayBegin(visited, input.consent);
      const { externalId } = visited.who;
      const platformMessageId = toPlatformId(visited.actor, clientId);
      const message = toContactMessage(input, { platformMessageId, externalId, nowMs: deps.clock.nowMs() });
      return say(deps, tx, { visited, message, clientId, requestId, remember });
    },
  });
}

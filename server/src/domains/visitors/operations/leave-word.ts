// POST contact: outside business hours a visitor leaves an address with what they ask, so that nobody's question is lost.

import { z } from "zod";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import { contactFields, toContactMessage } from "../contact/contact-message.ts";
import { assertMayBegin, beginOnce, hear, toPlatformId } from "./begin.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct, Proof } from "./guard-act.ts";
import { channelParams } from "./start.ts";
import { visit } from "./visit.ts";

export function createLeaveWord(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.leaveWord",
    summary: "Leaves a question and an address to answer to.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/contact",
    params: channelParams,
    body: z.strictObject({
      ...contactFields,
      clientId: z
        .string()
        .max(64)
        .regex(/^[A-Za-z0-9_-]{8,64}$/, { error: "must be 8 to 64 of A-Z a-z 0-9 _ -" }),
      consent: z.literal(true).optional(),
      proof: Proof.optional(),
    }),
    output: z.object({ clientId: z.string().max(64), isRepeat: z.boolean() }),
    successStatus: 202,
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "messages are kept as messages" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input, requestId, origin }) {
      const visited = await visit(deps, tx, actor);
      const remember = await guardAct(deps, tx, {
        ...visited,
        act: "contact",
        address: origin.address,
        proof: input.proof,
      });
      assertMayBegin(visited, input.consent);
      const { externalId } = visited.who;
      const platformMessageId = toPlatformId(visited.actor, input.clientId);
      const message = toContactMessage(input, { platformMessageId, externalId, nowMs: deps.clock.nowMs() });
      await beginOnce(tx, visited);
      const { tenant } = tx;
      return afterCommit(async () => {
        await remember();
        const isRepeat = await hear(deps, { tenant, visited, message, requestId });
        return { status: 202, body: { clientId: input.clientId, isRepeat } };
      });
    },
  });
}

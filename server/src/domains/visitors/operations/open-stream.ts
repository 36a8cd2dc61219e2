// GET stream: what is new in the visitor's conversation, as it comes.

import { z } from "zod";
import type { VisitorActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import type { MessageId, Tenant } from "../../../kernel/ids.ts";
import { afterCommit, type Operation, operation, StreamAnswer } from "../../../kernel/operation.ts";
import { toMemberKey } from "../../conversations/index.ts";
import { visitorErrors } from "../errors.ts";
import type { Reading } from "../live/visitor-streams.ts";
import { tokenSeconds } from "../sessions/token.ts";
import type { VisitorDeps } from "./deps.ts";
import { readMessages } from "./read-messages.ts";
import { channelParams } from "./start.ts";
import { visit } from "./visit.ts";

const readMax = 100;

/** Looks for news: a transaction of its own each time. */
function createReader(deps: VisitorDeps, tenant: Tenant, actor: VisitorActor) {
  return async (after: MessageId | undefined): Promise<Reading> =>
    deps.database.withTenant(actor, tenant, async (tx) => {
      const visited = await visit(deps, tx, actor);
      const messages = await readMessages(tx, visited, { after, first: readMax });
      const { conversation } = visited;
      const hasMore = messages.length >= readMax;
      return { mode: conversation?.mode, agentName: conversation?.agentName, messages, hasMore };
    });
}

export function createOpenStream(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.openStream",
    summary: "A stream (text/event-stream) of messages, the mode and typing, from `after` on.",
    method: "GET",
    path: "/chat/v1/channels/{channelId}/stream",
    params: channelParams,
    query: z.strictObject({ after: idOf("message").optional() }),
    output: z.object({ event: z.enum(["ready", "message", "mode", "typing", "end"]) }),
    answers: "text/event-stream",
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "a visitor reads what they wrote and were told" },
    rate: "read",
    stepUp: false,
    async run({ tx, actor, input, origin }) {
      const { actor: visitor, who } = await visit(deps, tx, actor);
      deps.streams.assertRoom(visitor.channelId);
      const { visitorId, site } = visitor;
      // SECURITY: no longer than a token is good. A copied one shows itself when it is used after its exchange; whoever only
      // listened with it would not be noticed.
      const seconds = tokenSeconds;
      const key = toMemberKey(visitor.channelId, who.externalKey);
      const read = createReader(deps, tx.tenant, visitor);
      // After the commit: a transaction that fails would leave the place taken by nobody.
      return afterCommit(async () => {
        const onClose = deps.limits.openStream({ visitorId, address: origin.address });
        if (onClose === undefined) throw new AppError(visitorErrors.tooManyStreams, { retryAfterSeconds: 10 });
        const owner = { visitorId, key, site, after: input.after, seconds, read, onClose };
        return new StreamAnswer((response) => deps.streams.attach(response, owner));
      });
    },
  });
}

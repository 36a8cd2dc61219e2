// POST token: another token for one that is about to run out or has.

import { z } from "zod";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import { endReused } from "../sessions/authenticate.ts";
import { rotateToken } from "../sessions/rotate.ts";
import type { VisitorDeps } from "./deps.ts";
import { channelParams, tokenView } from "./start.ts";
import { assertVisitor, getWebChannel } from "./visit.ts";

export function createRotateToken(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.rotateToken",
    summary: "Gives another token for this one, once. Ask again with the same rotationId when the answer was lost.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/token",
    params: channelParams,
    body: z.strictObject({
      rotationId: z
        .string()
        .max(64)
        .regex(/^[A-Za-z0-9_-]{22,64}$/, { error: "must be 22 to 64 of A-Z a-z 0-9 _ -" }),
    }),
    output: z.object(tokenView),
    scope: "visitor",
    rotatesToken: true,
    permission: { none: "a visitor's own session" },
    audit: { none: "goes on with a session; a copied token is recorded when it shows" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input, requestId, origin }) {
      const visitor = assertVisitor(actor);
      await getWebChannel(deps, visitor);
      const issued = await rotateToken(deps, tx, { actor: visitor, rotationId: input.rotationId });
      if (issued !== undefined) return issued;
      const { visitorId, channelId } = visitor;
      const reused = { visitorId, channelId, tenant: tx.tenant, remoteAddress: origin.address, requestId };
      return afterCommit(() => endReused(deps, reused));
    },
  });
}

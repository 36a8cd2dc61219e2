// POST start: a token for a visitor nobody has seen. Stores nothing.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import { issueToken, toIdentityNonce } from "../sessions/rotate.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct, Proof } from "./guard-act.ts";
import { assertVisitor, getWebChannel } from "./visit.ts";

export const tokenView = { token: z.string().max(128), expiresAt: z.iso.datetime() };
export const channelParams = z.strictObject({ channelId: idOf("channel") });

export function createStart(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.start",
    summary: "A token for a visitor. Nothing is stored before the first message.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/start",
    params: channelParams,
    body: z.strictObject({ proof: Proof.optional() }),
    output: z.object({
      ...tokenView,
      visitorId: idOf("visitor"),
      isVerified: z.boolean(),
      mode: z.string().max(20),
      nonce: z.string().max(32),
    }),
    scope: "visitor",
    begins: true,
    permission: { none: "anybody may open a chat that their page is listed for" },
    audit: { none: "nothing is stored" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input, origin }) {
      const visitor = assertVisitor(actor);
      const { web } = await getWebChannel(deps, visitor);
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor: visitor, reason: "visitor" });
      const { proof } = input;
      const guarded = { act: "start", actor: visitor, address: origin.address, web, sealer, proof } as const;
      const remember = await guardAct(deps, tx, guarded);
      const { visitorId } = visitor;
      const known = { visitorId, isVerified: false, mode: "bot", nonce: toIdentityNonce(deps, visitorId) };
      return afterCommit(async () => {
        await remember();
        return { status: 200, body: { ...issueToken(deps, visitor), ...known } };
      });
    },
  });
}

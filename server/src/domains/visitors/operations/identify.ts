// POST identify: the website says who its visitor is, by a token its own server signed. It begins a session of that member;
// what was said before stays with the unknown visitor who said it.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { afterCommit, type Operation, operation } from "../../../kernel/operation.ts";
import { newId } from "../../../platform/crypto/random.ts";
import { toVerifiedId } from "../../channels/index.ts";
import { verifyIdentity } from "../identity/verify-identity.ts";
import { issueToken, toIdentityNonce } from "../sessions/rotate.ts";
import { beginVisitor } from "../sessions/who.ts";
import { endVisitor } from "../store.ts";
import { assertConsented } from "./begin.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct } from "./guard-act.ts";
import { channelParams, tokenView } from "./start.ts";
import { type Visit, visit } from "./visit.ts";

const jwtMax = 8_192;

/** Begins the session of a verified member in one transaction with the end of the one it follows. */
async function begin(deps: VisitorDeps, { actor, channel, sealer }: Visit, jwt: string) {
  const { tenant } = channel;
  const { channelId, site } = actor;
  const { subject, name, email, isEmailVerified } = await verifyIdentity(deps.identities, {
    ...{ channel, jwt },
    nonce: toIdentityNonce(deps, actor.visitorId),
    nowMs: deps.clock.nowMs(),
  });
  const visitorId = newId("visitor");
  const beginning = { visitorId, channelId, site, externalId: toVerifiedId(subject), isVerified: true };
  await deps.database.withTenant(actor, tenant, async (tx) => {
    await beginVisitor(tx, sealer, { ...beginning, identity: { name, email, isEmailVerified } });
    if (actor.isBegun) await endVisitor(tx, actor.visitorId, "identified");
  });
  const issued = issueToken(deps, { visitorId, generation: 0, channelId, site });
  return { ...issued, visitorId, isVerified: true, ...(name === undefined ? {} : { name }) };
}

export function createIdentify(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.identify",
    summary:
      "Begins the session of the person whom the website vouches for. Nothing of an unknown visitor becomes theirs.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/identify",
    params: channelParams,
    body: z.strictObject({ jwt: z.string().min(1).max(jwtMax), consent: z.literal(true).optional() }),
    output: z.object({
      ...tokenView,
      visitorId: idOf("visitor"),
      isVerified: z.boolean(),
      name: z.string().max(200).optional(),
    }),
    scope: "visitor",
    permission: { none: "the token signed by the website is the right" },
    audit: { none: "sessions of visitors are not recorded one by one; refusals are in the log" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input, origin }) {
      const visited = await visit(deps, tx, actor);
      await guardAct(deps, tx, { ...visited, act: "identify", address: origin.address });
      // What the website says of its visitor is stored, so they must have agreed first. The token is not used up by this.
      assertConsented(visited, input.consent);
      return afterCommit(async () => ({ status: 200, body: await begin(deps, visited, input.jwt) }));
    },
  });
}

// What every operation for visitors looks up first: the channel, who the visitor is, and their conversation.

import { type Caller, channelLimitsOf, type VisitorActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { ConversationId } from "../../../kernel/ids.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { Channel, WebSettings } from "../../channels/index.ts";
import { findConversationOf, type MemberConversation } from "../../conversations/index.ts";
import type { Sealer } from "../../keys/index.ts";
import { visitorErrors } from "../errors.ts";
import type { SessionDeps } from "../sessions/deps.ts";
import { findWho, type Who } from "../sessions/who.ts";

export interface Visit {
  readonly actor: VisitorActor;
  readonly channel: Channel;
  readonly web: WebSettings;
  readonly sealer: Sealer;
  readonly who: Who;
  /** Undefined before the first message. */
  readonly conversation: MemberConversation | undefined;
}

/** The visitor an operation of theirs was called by. SECURITY: nobody else is ever let in here. */
export function assertVisitor(actor: Caller): VisitorActor {
  if (actor.kind === "visitor" && channelLimitsOf(actor)?.length === 1) return actor;
  throw new AppError(visitorErrors.tokenRequired);
}

/** The channel as it is now. Throws when it was switched off meanwhile. */
export async function getWebChannel(
  { directory }: Pick<SessionDeps, "directory">,
  { channelId }: Pick<VisitorActor, "channelId">,
): Promise<{ channel: Channel; web: WebSettings }> {
  const channel = await directory.find(channelId);
  if (channel?.enabled !== true || channel.web === undefined) throw new AppError(visitorErrors.sessionEnded);
  return { channel, web: channel.web };
}

/** Looks up where a visitor stands. */
export async function visit(deps: SessionDeps, tx: TenantTx, caller: Caller): Promise<Visit> {
  const actor = assertVisitor(caller);
  const { channel, web } = await getWebChannel(deps, actor);
  const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "visitor" });
  const who = await findWho(tx, actor, sealer);
  // SECURITY: a session may have ended since the token was looked at; what was on its way then is not done any more.
  if (who.stored?.endReason !== undefined) throw new AppError(visitorErrors.sessionEnded);
  const conversation = await findConversationOf(
    tx,
    { channelId: actor.channelId, externalKey: who.externalKey },
    sealer,
  );
  return { actor, channel, web, sealer, who, conversation };
}

/** Throws 404 when a request names another conversation than the visitor's. SECURITY: there is no other for them. */
export function assertOwn({ conversation }: Visit, named: ConversationId | undefined): void {
  if (named === undefined || named === conversation?.conversationId) return;
  throw new AppError(visitorErrors.conversationNotFound);
}

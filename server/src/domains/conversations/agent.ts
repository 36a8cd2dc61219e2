// Who answers: a person of the organisation, under the name they have there, or a token, which speaks for people elsewhere
// and says their names itself.

import type { Caller } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { InstallationKeys } from "../keys/index.ts";
import { findUserName } from "../organisations/index.ts";
import { conversationErrors } from "./errors.ts";
import type { Assignee } from "./inbox-store.ts";
import type { Author } from "./types.ts";

export interface Agent {
  readonly assignee: Assignee;
  /** What the member is shown. */
  readonly name: string | undefined;
}

/** Who the caller is in a list of who has what. Throws 404 for somebody who can have nothing. */
export function toAssignee(actor: Caller): Assignee {
  if (actor.kind === "user") return actor.userId;
  if (actor.kind === "token") return actor.tokenId;
  throw new AppError(conversationErrors.conversationNotFound, { note: actor.kind });
}

/**
 * The caller as somebody who answers.
 * SECURITY: a person has the name their organisation knows; only a token names somebody. Throws
 * `conversations.name_not_yours`.
 */
export async function toAgent(
  tx: TenantTx,
  who: { readonly actor: Caller; readonly agentName?: string | undefined },
  installation: Pick<InstallationKeys, "sealer">,
): Promise<Agent> {
  const { actor, agentName } = who;
  const assignee = toAssignee(actor);
  if (actor.kind !== "user") return { assignee, name: agentName };
  if (agentName !== undefined) throw new AppError(conversationErrors.nameNotYours);
  return { assignee, name: await findUserName(tx.organisation, actor.userId, await installation.sealer()) };
}

/** Whose name a message bears; undefined when there is nothing to say of them. */
export function toAuthor(actor: Caller, { name }: Agent): Author | undefined {
  const userId = actor.kind === "user" ? { userId: actor.userId } : {};
  return actor.kind === "user" || name !== undefined ? { ...userId, ...(name !== undefined && { name }) } : undefined;
}

// The first thing a visitor sends, and every one after it: what stands before it, and how it reaches the pipeline.

import { z } from "zod";
import type { VisitorActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { type AfterCommit, afterCommit } from "../../../kernel/operation.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { InboundMessage } from "../../channels/index.ts";
import { visitorErrors } from "../errors.ts";
import { beginVisitor } from "../sessions/who.ts";
import type { VisitorDeps } from "./deps.ts";
import { Proof, type Remember } from "./guard-act.ts";
import type { Visit } from "./visit.ts";

/** What everything a visitor sends brings: the browser's own name for it, and what may stand before it. */
export const sendingFields = {
  clientId: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_-]{8,64}$/, { error: "must be 8 to 64 of A-Z a-z 0-9 _ -" }),
  consent: z.literal(true).optional(),
  proof: Proof.optional(),
};

/** What is answered to it. Sent again it is heard once. */
export const Heard = z.object({ clientId: z.string().max(64), isRepeat: z.boolean() });

/** SECURITY: where consent is asked for, nothing of a visitor is stored before it was given. */
export function assertConsented({ actor, web }: Pick<Visit, "actor" | "web">, consent: boolean | undefined): void {
  if (web.consentRequired && !actor.isBegun && consent !== true) throw new AppError(visitorErrors.consentRequired);
}

/** Throws what stands between a visitor and anything of theirs being stored. */
export function assertMayBegin(visited: Visit, consent: boolean | undefined): void {
  const { web, who } = visited;
  if (web.identity.mode === "required" && !who.isVerified) throw new AppError(visitorErrors.identityRequired);
  assertConsented(visited, consent);
}

/** Stores the visitor's session with what is sent first. */
async function beginOnce(tx: TenantTx, { actor, who, sealer }: Visit): Promise<void> {
  if (who.stored !== undefined) return;
  const { visitorId, channelId, site } = actor;
  const { externalId, isVerified } = who;
  await beginVisitor(tx, sealer, { visitorId, channelId, site, externalId, isVerified });
}

/** The replay key of what a browser calls `clientId`: two visitors may call their messages alike. */
export function toPlatformId({ visitorId }: VisitorActor, clientId: string): string {
  return `${visitorId}:${clientId}`;
}

/** What is said, once nothing stands before it. */
export interface Saying {
  readonly visited: Visit;
  readonly message: InboundMessage;
  readonly clientId: string;
  readonly requestId: string;
  /** From `guardAct`. */
  readonly remember: Remember;
}

/** Stores the session with what is said first; hands the message to the pipeline after the commit, and says if it was heard. */
export async function say(
  { pipeline }: Pick<VisitorDeps, "pipeline">,
  tx: TenantTx,
  { visited, message, clientId, requestId, remember }: Saying,
): Promise<AfterCommit<z.infer<typeof Heard>>> {
  await beginOnce(tx, visited);
  const { tenant } = tx;
  const { channelId } = visited.actor;
  return afterCommit(async () => {
    await remember();
    const [receipt] = await pipeline.accept({ tenant, channelId, events: [message], correlationId: requestId });
    return { status: 202, body: { clientId, isRepeat: receipt?.isRepeat ?? false } };
  });
}

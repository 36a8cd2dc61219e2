// The first thing a visitor sends, and every one after it: what stands before it, and how it reaches the pipeline.

import type { VisitorActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { Tenant } from "../../../kernel/ids.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { InboundMessage } from "../../channels/index.ts";
import { visitorErrors } from "../errors.ts";
import { beginVisitor } from "../sessions/who.ts";
import type { VisitorDeps } from "./deps.ts";
import type { Visit } from "./visit.ts";

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
export async function beginOnce(tx: TenantTx, { actor, who, sealer }: Visit): Promise<void> {
  if (who.stored !== undefined) return;
  const { visitorId, channelId, site } = actor;
  const { externalId, isVerified } = who;
  await beginVisitor(tx, sealer, { visitorId, channelId, site, externalId, isVerified });
}

/** The replay key of what a browser calls `clientId`: two visitors may call their messages alike. */
export function toPlatformId({ visitorId }: VisitorActor, clientId: string): string {
  return `${visitorId}:${clientId}`;
}

/** Hands a message to the pipeline, with no transaction open. Answers whether it had been heard before. */
export async function hear(
  { pipeline }: Pick<VisitorDeps, "pipeline">,
  heard: { tenant: Tenant; visited: Visit; message: InboundMessage; requestId: string },
): Promise<boolean> {
  const { tenant, visited, message, requestId } = heard;
  const { channelId } = visited.actor;
  const [receipt] = await pipeline.accept({ tenant, channelId, events: [message], correlationId: requestId });
  return receipt?.isRepeat ?? false;
}

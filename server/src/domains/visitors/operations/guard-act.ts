// The limits of one act of a visitor. Past a soft figure, or where the channel always wants it, some computing time is asked
// for first; past a hard one the answer is no.

import { z } from "zod";
import type { VisitorActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { toNetwork } from "../../../kernel/network.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { WebSettings } from "../../channels/index.ts";
import type { Sealer } from "../../keys/index.ts";
import type { VisitorAct } from "../limits/limit-table.ts";
import { toLimitError, type VisitorStanding } from "../limits/visitor-limits.ts";
import { proofErrors } from "../proof/errors.ts";
import { checkProof, issueProof, type Solved, toDifficulty } from "../proof/proof.ts";
import type { VisitorDeps } from "./deps.ts";

/** A solved challenge, as a request brings it. */
export const Proof = z.strictObject({ challenge: z.string().max(64), solution: z.string().max(32) });

export interface GuardedAct {
  readonly act: VisitorAct;
  readonly actor: VisitorActor;
  readonly address: string;
  readonly web: WebSettings;
  readonly sealer: Sealer;
  readonly proof?: Solved | undefined;
}

function wantsProof({ act, web }: GuardedAct, standing: VisitorStanding): boolean {
  if (web.proofOfWork === "never") return false;
  return standing.wantsProof || (act === "start" && web.proofOfWork === "always");
}

type GuardDeps = Pick<VisitorDeps, "limits" | "clock">;

/** Remembers that a visitor proved work, so that they are not asked again soon. */
export type Remember = () => Promise<void>;

const nothingProved: Remember = () => Promise.resolve();

/**
 * Counts an act. Throws `visitors.rate_limited`, or `visitors.proof_required` with the challenge to solve.
 * SECURITY: what is returned must be called after the commit, and only then: a solution is used up in the transaction of the
 * act, so an act that fails gives it back, and would otherwise buy another visitor's peace each time.
 */
export async function guardAct(deps: GuardDeps, tx: TenantTx, guarded: GuardedAct): Promise<Remember> {
  const { act, actor, address, sealer, proof } = guarded;
  const { visitorId, channelId, appId, site } = actor;
  // At the start of a chat nobody has a visitor yet.
  const caller = { visitorId: act === "start" ? undefined : visitorId, channelId, appId, address };
  const standing = await deps.limits.count(act, caller);
  if (standing.isExceeded) throw toLimitError(standing);
  if (!wantsProof(guarded, standing)) return nothingProved;
  const place = { channelId, site, network: toNetwork(address), nowMs: deps.clock.nowMs() };
  if (proof !== undefined && (await checkProof(tx, sealer, { proof, place }))) {
    return () => deps.limits.notePass(visitorId);
  }
  await deps.limits.giveBack(act, caller);
  const challenge = issueProof(sealer, place, toDifficulty(standing.pressure));
  throw new AppError(proofErrors.required, { retryAfterSeconds: 1, members: { proof: challenge } });
}

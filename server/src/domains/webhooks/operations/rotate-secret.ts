// POST /api/v1/webhook-endpoints/{endpointId}/rotate-secret: another secret, with an overlap for the receiver to change over.

import { z } from "zod";
import type { Clock } from "../../../kernel/clock.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import type { Keychain } from "../../keys/index.ts";
import { endpointBounds, rotateSecret } from "../create-endpoint.ts";

/** Both secrets sign until `previousSecretUntil`; with an overlap of 0 hours the one before ends at once. */
export function createRotateSecret(deps: { readonly keychain: Keychain; readonly clock: Clock }): Operation {
  return operation({
    name: "webhookEndpoints.rotateSecret",
    summary: "Gives a webhook endpoint another signing secret, shown once. The one before signs too for a while.",
    method: "POST",
    path: "/api/v1/webhook-endpoints/{endpointId}/rotate-secret",
    params: z.strictObject({ endpointId: idOf("endpoint") }),
    body: z.strictObject({ overlapHours: z.int().min(0).max(endpointBounds.overlapHoursMax).optional() }),
    output: z.object({ secret: z.string().max(100), previousSecretUntil: z.iso.datetime().optional() }),
    scope: "app",
    permission: "webhook:write",
    audit: "webhook_endpoint.secret_rotated",
    rate: "write",
    stepUp: true,
    async run({ tx, actor, input }) {
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const overlapHours = input.overlapHours ?? endpointBounds.overlapHours;
      const what = { endpointId: input.endpointId, overlapHours };
      const { secret, previousUntil } = await rotateSecret(tx, what, { sealer, clock: deps.clock });
      return { secret, ...(previousUntil === undefined ? {} : { previousSecretUntil: previousUntil.toISOString() }) };
    },
  });
}

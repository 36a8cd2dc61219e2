// Replays: a delivery is made again with the same id and body, and its whole schedule before it.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import type { EndpointId } from "../../../kernel/ids.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import { findEndpoint } from "../endpoint-store.ts";
import { webhookErrors } from "../errors.ts";
import { findDelivery, replayDelivery, replayFailed } from "../log-store.ts";

/** More than this is another call: one transaction must stay short. */
const replayMax = 10_000;

async function assertOn(tx: TenantTx, endpointId: EndpointId): Promise<void> {
  const endpoint = await findEndpoint(tx, endpointId);
  if (endpoint === undefined) throw new AppError(webhookErrors.endpointNotFound);
  if (!endpoint.enabled) throw new AppError(webhookErrors.endpointOff);
}

/** 202; a delivery that is being tried this moment is left as it is. */
const replayOperation: Operation = operation({
  name: "deliveries.replay",
  summary: "Makes one webhook delivery again, at once.",
  method: "POST",
  path: "/api/v1/webhook-deliveries/{deliveryId}/replay",
  params: z.strictObject({ deliveryId: idOf("delivery") }),
  output: z.object({ deliveryId: idOf("delivery"), state: z.literal("pending") }),
  successStatus: 202,
  scope: "app",
  permission: "webhook:write",
  audit: "webhook_delivery.replayed",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    const { deliveryId } = input;
    const delivery = await findDelivery(tx, deliveryId);
    if (delivery === undefined) throw new AppError(webhookErrors.deliveryNotFound);
    await assertOn(tx, delivery.endpointId);
    await replayDelivery(tx, deliveryId);
    return { deliveryId, state: "pending" as const };
  },
});

const replayFailedOperation: Operation = operation({
  name: "webhookEndpoints.replayFailed",
  summary: "Makes every failed delivery of an endpoint since a time again, the oldest first, up to 10,000 a call.",
  method: "POST",
  path: "/api/v1/webhook-endpoints/{endpointId}/replay-failed",
  params: z.strictObject({ endpointId: idOf("endpoint") }),
  body: z.strictObject({ since: z.iso.datetime({ offset: true }) }),
  output: z.object({
    replayed: z.int(),
    /** There are more: call again. */
    hasMore: z.boolean(),
  }),
  successStatus: 202,
  scope: "app",
  permission: "webhook:write",
  audit: "webhook_delivery.failed_replayed",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    await assertOn(tx, input.endpointId);
    const replayed = await replayFailed(tx, input.endpointId, { since: new Date(input.since), most: replayMax });
    return { replayed, hasMore: replayed === replayMax };
  },
});

/** Of one delivery, and of all that failed. */
export const replayOperations: readonly Operation[] = [replayOperation, replayFailedOperation];

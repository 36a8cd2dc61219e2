// The operations on webhooks.

import type { Clock } from "../../../kernel/clock.ts";
import type { Operation } from "../../../kernel/operation.ts";
import { createDeliveryOperations } from "./deliveries.ts";
import { createEndpointOperations, type EndpointOperationDeps } from "./endpoints.ts";
import { replayOperations } from "./replay.ts";
import { createRotateSecret } from "./rotate-secret.ts";

export interface WebhookDeps extends EndpointOperationDeps {
  readonly clock: Clock;
}

/** All of them. */
export function createWebhookOperations(deps: WebhookDeps): readonly Operation[] {
  return [
    ...createEndpointOperations(deps),
    createRotateSecret(deps),
    ...createDeliveryOperations(deps),
    ...replayOperations,
  ];
}

// Webhook endpoints over the API: make, list, change, remove.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import type { OutboundClient } from "../../../platform/outbound/index.ts";
import type { Keychain } from "../../keys/index.ts";
import { createEndpoint, endpointBounds, removeEndpoint, updateEndpoint } from "../create-endpoint.ts";
import { findEndpoint, listEndpoints } from "../endpoint-store.ts";
import { webhookErrors } from "../errors.ts";
import { EndpointView, eventsField, headersField, toEndpointView, urlField } from "./endpoint-view.ts";

export interface EndpointOperationDeps {
  readonly keychain: Keychain;
  readonly outbound: Pick<OutboundClient, "assertAllowedUrl">;
}

const path = "/api/v1/webhook-endpoints";
const params = z.strictObject({ endpointId: idOf("endpoint") });
const reading = { none: "reading settings; views hold no secret" };

function createOperation(deps: EndpointOperationDeps): Operation {
  return operation({
    name: "webhookEndpoints.create",
    summary: "Makes a webhook endpoint of a channel. The signing secret is shown once.",
    method: "POST",
    path,
    body: z.strictObject({
      channelId: idOf("channel"),
      url: urlField,
      events: eventsField,
      headers: headersField.optional(),
      /** Signs with an Ed25519 key (`v1a`) besides. */
      asymmetric: z.boolean().optional(),
    }),
    output: z.object({
      endpointId: idOf("endpoint"),
      secret: z.string().max(100),
      publicKey: z.string().max(100).optional(),
    }),
    successStatus: 201,
    scope: "app",
    permission: "webhook:write",
    audit: "webhook_endpoint.created",
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input }) {
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const endpoint = { ...input, headers: input.headers ?? {} };
      const { endpointId, secret, publicKey } = await createEndpoint(tx, endpoint, { sealer, outbound: deps.outbound });
      return { endpointId, secret, ...(publicKey === undefined ? {} : { publicKey }) };
    },
  });
}

function createListOperation(deps: EndpointOperationDeps): Operation {
  return operation({
    name: "webhookEndpoints.list",
    summary: "The app's webhook endpoints, oldest first.",
    method: "GET",
    path,
    output: z.object({ items: z.array(EndpointView).max(endpointBounds.perChannel * 1000) }),
    scope: "app",
    permission: "webhook:read",
    audit: reading,
    rate: "read",
    stepUp: false,
    async run({ tx, actor }) {
      const stored = await listEndpoints(tx);
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      return { items: stored.map((one) => toEndpointView(one, sealer)) };
    },
  });
}

function createGetOperation(deps: EndpointOperationDeps): Operation {
  return operation({
    name: "webhookEndpoints.get",
    summary: "One webhook endpoint.",
    method: "GET",
    path: `${path}/{endpointId}`,
    params,
    output: EndpointView,
    scope: "app",
    permission: "webhook:read",
    audit: reading,
    rate: "read",
    stepUp: false,
    async run({ tx, actor, input }) {
      const stored = await findEndpoint(tx, input.endpointId);
      if (stored === undefined) throw new AppError(webhookErrors.endpointNotFound);
      return toEndpointView(stored, await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" }));
    },
  });
}

function createUpdateOperation(deps: EndpointOperationDeps): Operation {
  return operation({
    name: "webhookEndpoints.update",
    summary: "Changes a webhook endpoint, or switches it on or off.",
    method: "PATCH",
    path: `${path}/{endpointId}`,
    params,
    body: z.strictObject({
      url: urlField.optional(),
      events: eventsField.optional(),
      /** Replaces all custom headers. */
      headers: headersField.optional(),
      enabled: z.boolean().optional(),
    }),
    output: EndpointView,
    scope: "app",
    permission: "webhook:write",
    audit: "webhook_endpoint.updated",
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input }) {
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      return toEndpointView(await updateEndpoint(tx, input, { sealer, outbound: deps.outbound }), sealer);
    },
  });
}

const deleteOperation: Operation = operation({
  name: "webhookEndpoints.delete",
  summary: "Removes a webhook endpoint and its secrets. What still waits for it is not delivered.",
  method: "DELETE",
  path: `${path}/{endpointId}`,
  params,
  output: z.object({}),
  successStatus: 204,
  scope: "app",
  permission: "webhook:write",
  audit: "webhook_endpoint.deleted",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    await removeEndpoint(tx, input.endpointId);
    return {};
  },
});

/** The operations on endpoints themselves. */
export function createEndpointOperations(deps: EndpointOperationDeps): readonly Operation[] {
  return [
    createOperation(deps),
    createListOperation(deps),
    createGetOperation(deps),
    createUpdateOperation(deps),
    deleteOperation,
  ];
}

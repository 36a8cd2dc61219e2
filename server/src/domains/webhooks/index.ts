export {
  type CreatedEndpoint,
  createEndpoint,
  type EndpointInput,
  rotateSecret,
  updateEndpoint,
} from "./create-endpoint.ts";
export { webhookErrors } from "./errors.ts";
export { replayDelivery } from "./log-store.ts";
export { createWebhookOperations, type WebhookDeps } from "./operations/index.ts";
export { toBody } from "./to-body.ts";
export { type EventKind, eventKinds } from "./types.ts";
export { Webhooks, type WebhooksOptions } from "./webhooks.ts";

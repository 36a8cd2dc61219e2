export { type ApiOptions, buildApi, openApiPath, toOrigin } from "./build-api.ts";
export type { Answer, AuditEntry, Means, RecordAudit } from "./call.ts";
export { buildChat } from "./chat/build-chat.ts";
export type { ChatChannel } from "./chat/chat-channel.ts";
export {
  type CookiePolicy,
  type Cookies,
  listSessionHeaders,
  readCookie,
  readCookies,
  strictCookies,
  toCookie,
} from "./cookies.ts";
export { Denials } from "./denials.ts";
export { apiErrors } from "./errors.ts";
export {
  allLayers,
  assertSameOrigin,
  type ForgeryLayers,
  forgeryHeader,
  isForgeryToken,
  issueForgeryToken,
} from "./forgery.ts";
export { type Authenticate, type Credentials, type Demand, placeHeaders } from "./guard.ts";
export { removeKeptOver } from "./idempotency/store.ts";
export { createInvoke, type InternalCall, type Invoke } from "./invoke.ts";
export { LiveHub, type LiveHubOptions } from "./live/live-hub.ts";
export { createLiveOperations } from "./live/open-live.ts";
export { createMetricsRegistry } from "./metrics-registry.ts";
export { buildOpenApi } from "./openapi.ts";
export { buildOperationsSurface, type OperationsOptions, type ReadinessCheck } from "./operations-surface.ts";
export { isPermitted } from "./permissions.ts";
export { type RateFigures, RateLimits, type RateTable, rateTable, toRateError } from "./rate-limits.ts";

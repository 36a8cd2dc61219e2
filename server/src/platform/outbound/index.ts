// What the rest of the server may use of the outgoing connections.

export { type HostPort, parseAllowList } from "./allow-list.ts";
export {
  createOutboundClient,
  type OutboundClient,
  type OutboundClientOptions,
  type OutboundRequest,
  type OutboundResponse,
} from "./client.ts";
export { outboundErrors } from "./errors.ts";

export { toAddress } from "./address.ts";
export { BodyRoom, holdRoom } from "./body-room.ts";
export { httpErrors } from "./errors.ts";
export { EventStream } from "./event-stream.ts";
export { acceptJsonBodies, acceptOctets, bodyBytesMaxDefault, parseJsonBody } from "./json-body.ts";
export { type ListenerLimits, listenerLimits } from "./listener.ts";
export { RequestMetrics } from "./metrics.ts";
export { type ProblemFields, toAppError, toProblem } from "./problem.ts";
export {
  acceptRawBodies,
  type RawReply,
  type RawRequest,
  type RawRoute,
  registerRawRoute,
  toRouterPath,
} from "./raw-route.ts";
export type { HttpLog, SendProblem } from "./send-problem.ts";
export { createHttpServer, HttpServer, type HttpServerOptions, type Surface } from "./server.ts";
export { listSurfaceHeaders, type SurfaceName } from "./surface-headers.ts";
export type { TlsMaterial } from "./tls.ts";

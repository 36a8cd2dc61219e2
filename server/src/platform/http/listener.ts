// The node server under Fastify, with the limits that keep slow and greedy peers from holding it.

import { createServer, type RequestListener, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { AppError } from "../../kernel/errors.ts";
import { httpErrors } from "./errors.ts";
import { createMalformedHandler } from "./malformed.ts";
import { problemMediaType, toProblem } from "./problem.ts";
import { toRequestId } from "./request-id.ts";
import type { HeaderList } from "./surface-headers.ts";
import { type TlsMaterial, toTlsOptions } from "./tls.ts";

export interface ListenerLimits {
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  /** An idle connection is kept this long: longer than the 60 s after which common proxies let go. */
  readonly keepAliveTimeoutMs: number;
  readonly headerBytesMax: number;
  readonly connectionsMax: number;
}

export const listenerLimits: ListenerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  headerBytesMax: 16 * 1024,
  connectionsMax: 10_000,
};

function toServerOptions(limits: ListenerLimits): ServerOptions {
  return {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.headerBytesMax,
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
    insecureHTTPParser: false,
    // Node would answer an absent Host without a body; the server's first hook refuses it like any other request.
    requireHostHeader: false,
  };
}

export interface ListenerOptions {
  readonly limits: ListenerLimits;
  readonly tls?: TlsMaterial;
  /** The headers of answers that no surface gives. */
  readonly headers: HeaderList;
}

/** Makes the server: HTTPS when `tls` is given. It answers broken HTTP itself and never lets it throw. */
export function createListener(handler: RequestListener, options: ListenerOptions): Server {
  const settings = toServerOptions(options.limits);
  const server: Server =
    options.tls === undefined
      ? createServer(settings, handler)
      : createTlsServer({ ...settings, ...toTlsOptions(options.tls) }, handler);
  server.maxConnections = options.limits.connectionsMax;
  server.on("clientError", createMalformedHandler(options.headers));
  server.on("checkExpectation", (request, response: ServerResponse) => {
    const body = JSON.stringify(toProblem(new AppError(httpErrors.expectationFailed), toRequestId(request)));
    for (const [name, value] of options.headers) response.setHeader(name, value);
    const own = { "content-type": problemMediaType, "content-length": Buffer.byteLength(body), connection: "close" };
    response.writeHead(417, own).end(body);
  });
  return server;
}

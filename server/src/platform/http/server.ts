// The web server: surfaces are mounted on it, each in a scope of its own with its own headers and body parser. What no
// surface takes is answered here, always as a problem body with every security header.

import type { IncomingMessage, Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type FastifyInstance, fastify, LogController } from "fastify";
import { AppError } from "../../kernel/errors.ts";
import { drain, watchUnused } from "./drain.ts";
import { httpErrors } from "./errors.ts";
import { createListener, type ListenerLimits, listenerLimits } from "./listener.ts";
import { collectMethods, guardMethods } from "./method-guard.ts";
import type { RequestMetrics } from "./metrics.ts";
import { toRequestId } from "./request-id.ts";
import { createProblemSender, type HttpLog, type SendProblem, setHeaders } from "./send-problem.ts";
import { type HeaderList, listSurfaceHeaders, type SurfaceName } from "./surface-headers.ts";
import { type TlsMaterial, toTlsOptions } from "./tls.ts";

/** A group of routes that share headers and the way bodies are read. One path belongs to one surface. */
export interface Surface {
  readonly name: SurfaceName;
  register(scope: FastifyInstance, sendProblem: SendProblem): void | Promise<void>;
}

export interface HttpServerOptions {
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. Empty: nobody's. */
  readonly trustedProxies: readonly string[];
  readonly log: HttpLog;
  readonly tls?: TlsMaterial;
  /** True when a proxy in front speaks HTTPS. With `tls` it is always true. */
  readonly isBehindHttps?: boolean;
  readonly metrics?: RequestMetrics;
  readonly limits?: Partial<ListenerLimits>;
  /** How long `close` waits for running requests. */
  readonly drainTimeoutMs?: number;
}

/**
 * SECURITY: an address has one spelling. Percent-encoding, `;` parameters, backslashes and the absolute form would let
 * the same route be reached by a path that a proxy's rules do not recognise; our own addresses need none of them.
 */
const plainAddress = /^\/[^%;\\?#]*(?:\?|$)/;

function refuseOddRequest(request: IncomingMessage): AppError | undefined {
  if (!plainAddress.test(request.url ?? "")) return new AppError(httpErrors.notFound);
  if (request.headers.host === undefined && request.httpVersionMinor === 1) {
    return new AppError(httpErrors.malformedRequest, { detail: "The request has no Host header." });
  }
  return undefined;
}

export class HttpServer {
  readonly #fastify: FastifyInstance;
  readonly #options: HttpServerOptions;
  readonly #headers: HeaderList;
  readonly #sendProblem: SendProblem;
  readonly #endUnused: () => void;
  #isDraining = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#headers = this.#headersOf("api");
    this.#sendProblem = createProblemSender({ log: options.log, headers: this.#headers });
    this.#fastify = this.#createFastify();
    this.#endUnused = watchUnused(this.#fastify.server);
    this.#fastify.removeAllContentTypeParsers();
    this.#fastify.addHook("onRequest", (request, _reply, done) => done(refuseOddRequest(request.raw)));
    this.#fastify.setErrorHandler((error, request, reply) => this.#sendProblem(error, { request, reply }));
    this.#fastify.setNotFoundHandler((request, reply) => {
      options.metrics?.observeUnknown(reply.elapsedTime / 1000);
      return this.#sendProblem(new AppError(httpErrors.notFound), { request, reply });
    });
  }

  /** True from the moment `close` was called: the readiness check says so to the load balancer. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Binds the routes of a surface. */
  mount(surface: Surface): void {
    const headers = this.#headersOf(surface.name);
    this.#fastify.register(async (scope) => {
      scope.addHook("onRequest", (request, reply, done) => {
        setHeaders(request, reply, headers);
        done();
      });
      this.#options.metrics?.observeRoutes(scope);
      const methods = collectMethods(scope);
      await surface.register(scope, this.#sendProblem);
      guardMethods(scope, methods);
    });
  }

  /** Binds everything that was mounted. `listen` does it too. Throws when two surfaces claim one path. */
  async ready(): Promise<void> {
    await this.#fastify.ready();
  }

  /** Begins to serve; port 0 takes a free one. Returns where. */
  async listen(at: { host: string; port: number }): Promise<{ host: string; port: number }> {
    await this.#fastify.listen(at);
    const address = this.#fastify.server.address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /** One request without a network, for tests and for the projections of the registry. */
  get inject(): FastifyInstance["inject"] {
    return this.#fastify.inject.bind(this.#fastify);
  }

  /** Takes a renewed certificate into use for connections to come. Throws `http.unsafe_setting`, keeping the former. */
  renewTls(material: TlsMaterial): void {
    const options = toTlsOptions(material);
    (this.#fastify.server as TlsServer).setSecureContext(options);
  }

  /** Stops accepting, lets running requests finish for `drainTimeoutMs` (10 s), then cuts what is left. */
  async close(): Promise<void> {
    this.#isDraining = true;
    const { server } = this.#fastify;
    const timeoutMs = this.#options.drainTimeoutMs ?? 10_000;
    await drain(server, () => this.#fastify.close(), { timeoutMs, endUnused: this.#endUnused });
  }

  #headersOf(surface: SurfaceName): HeaderList {
    return listSurfaceHeaders(surface, this.#options.tls !== undefined || this.#options.isBehindHttps === true);
  }

  #createFastify(): FastifyInstance {
    const { trustedProxies, tls } = this.#options;
    const limits = { ...listenerLimits, ...this.#options.limits };
    const listener = { limits, headers: this.#headers, ...(tls && { tls }) };
    try {
      return fastify({
        serverFactory: (handler): Server => createListener(handler, listener),
        trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
        logger: false,
        logController: new LogController({ disableRequestLogging: true }),
        requestIdHeader: false,
        genReqId: toRequestId,
        // Requests that arrive on open connections while draining are served; the answer closes the connection.
        return503OnClosing: false,
        frameworkErrors: (error, request, reply) => {
          this.#sendProblem(error, { request, reply });
        },
        routerOptions: {
          caseSensitive: true,
          ignoreTrailingSlash: false,
          ignoreDuplicateSlashes: false,
          maxParamLength: 128,
        },
      });
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      const detail =
        "The web server's settings are not accepted. Check that trusted proxies are addresses or CIDR ranges.";
      throw new AppError(httpErrors.unsafeSetting, { detail, cause });
    }
  }
}

/** Makes a server that has nothing mounted yet. Throws `http.unsafe_setting` for settings it cannot take. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  return new HttpServer(options);
}

// The only way out of the process: webhooks, media, HTTP actions, model providers, OIDC discovery and key services all
// call through this client. It connects to public addresses over verified TLS, or to exactly what the operator listed;
// it follows no redirect, keeps no cookie, reads no proxy variable and ends within the given time and size.

import type { LookupFunction } from "node:net";
import { Pool } from "undici";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { type AllowList, createAllowList, type HostPort } from "./allow-list.ts";
import { createConnector } from "./connector.ts";
import { parseDestination } from "./destination.ts";
import { outboundErrors } from "./errors.ts";
import { type Answer, Exchange } from "./exchange.ts";
import { toRequestHeaders } from "./headers.ts";
import { createOrigins, type Origins } from "./origins.ts";

export interface OutboundRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** From the call to the last byte of the answer. 15 000 unless told. */
  readonly timeoutMs?: number;
  /** 65 536 unless told. */
  readonly responseBytesMax?: number;
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  /** By lower-case name; repeated ones joined with a comma; no cookies. */
  readonly headers: Record<string, string>;
  /** As sent: a content coding is not undone. */
  readonly body: Buffer;
  readonly durationMs: number;
}

export interface OutboundClient {
  /**
   * Sends one request and answers with any status, redirects included. Throws `outbound.not_allowed`,
   * `outbound.timeout`, `outbound.failed` (also when `signal` ends it), `outbound.response_too_large` or
   * `outbound.header_refused`.
   */
  request(request: OutboundRequest): Promise<OutboundResponse>;
  /** The check that needs no DNS, for saving a setting. Throws `outbound.not_allowed`. */
  assertAllowedUrl(url: string): void;
  /** Takes no more requests, lets the others finish for up to five seconds, then fails them and closes every socket. */
  close(): Promise<void>;
}

export interface OutboundClientOptions {
  /** The operator's list: may be internal, may be plain HTTP. */
  readonly allow: readonly HostPort[];
  readonly clock: Clock;
  /** Replaces DNS, for tests with a lying resolver. Its answers are checked like any other. */
  readonly lookup?: LookupFunction;
  /** 64 unless told. */
  readonly connectionsPerOrigin?: number;
  /** The operator's certificate authorities, PEM, trusted besides the system's. */
  readonly trustedCertificates?: readonly string[];
}

const limits = {
  timeoutMs: 15_000,
  responseBytes: 65_536,
  connectionsPerOrigin: 64,
  waitingPerConnection: 64,
  origins: 4_096,
  originSweepMs: 15_000,
  idleSocketMs: 4_000,
  idleSocketMsMax: 10_000,
  closeGraceMs: 5_000,
};

/** Creates the client. Throws `outbound.allow_list_invalid` or `outbound.certificate_invalid` for bad settings. */
export function createOutboundClient(options: OutboundClientOptions): OutboundClient {
  const allow = createAllowList(options.allow);
  const traffic: Traffic = { allow, origins: openOrigins(options, allow), live: new Set(), isClosed: false };
  return {
    async request(request) {
      const startedMs = options.clock.nowMs();
      const { status, headers, body } = await send(traffic, request);
      return { status, headers, body, durationMs: options.clock.nowMs() - startedMs };
    },
    assertAllowedUrl(url) {
      parseDestination(url, allow);
    },
    async close() {
      traffic.isClosed = true;
      await waitForAll(traffic.live, limits.closeGraceMs);
      // The last first: those that wait must be gone before a place becomes free for them.
      for (const exchange of [...traffic.live].reverse()) exchange.fail(createRejection("closing", true));
      await traffic.origins.destroy();
    },
  };
}

interface Traffic {
  readonly allow: AllowList;
  readonly origins: Origins;
  readonly live: Set<Exchange>;
  isClosed: boolean;
}

function send(traffic: Traffic, request: OutboundRequest): Promise<Answer> {
  const { origin, path, where } = parseDestination(request.url, traffic.allow);
  const headers = toRequestHeaders(request.headers ?? {});
  const exchange = new Exchange({
    where,
    timeoutMs: request.timeoutMs ?? limits.timeoutMs,
    responseBytesMax: request.responseBytesMax ?? limits.responseBytes,
    signal: request.signal,
    dispatch: { origin, path, method: request.method, headers, body: request.body ?? null },
    onSettled(settled) {
      traffic.live.delete(settled);
      traffic.origins.abandon(origin, settled);
    },
    onReleased: () => traffic.origins.leave(origin),
  });
  if (exchange.isSettled) return exchange.answer;
  traffic.live.add(exchange);
  const entered = !traffic.isClosed && traffic.origins.enter(origin, exchange);
  if (!entered) exchange.fail(createRejection(where, traffic.isClosed));
  return exchange.answer;
}

function openOrigins(options: OutboundClientOptions, allow: AllowList): Origins {
  const { lookup, trustedCertificates = [], connectionsPerOrigin = limits.connectionsPerOrigin } = options;
  const connect = createConnector({ allow, lookup, trustedCertificates });
  const poolOptions: Pool.Options = {
    connect,
    connections: connectionsPerOrigin,
    pipelining: 1,
    allowH2: false,
    useMilo: false,
    keepAliveTimeout: limits.idleSocketMs,
    keepAliveMaxTimeout: limits.idleSocketMsMax,
    // The exchange's own timer covers the whole call; the pool's timers restart with every chunk.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return createOrigins({
    runningMax: connectionsPerOrigin,
    waitingMax: connectionsPerOrigin * limits.waitingPerConnection,
    originsMax: limits.origins,
    sweepMs: limits.originSweepMs,
    createPool: (origin) => new Pool(origin, poolOptions),
  });
}

function createRejection(where: string, isClosed: boolean): AppError {
  const reason = isClosed ? "the client is closed" : "too many requests wait or too many origins are in use";
  return new AppError(outboundErrors.failed, { note: `${where}: ${reason}` });
}

async function waitForAll(live: ReadonlySet<Exchange>, graceMs: number): Promise<void> {
  const { promise: graceOver, resolve: endGrace } = Promise.withResolvers<void>();
  const timer = setTimeout(endGrace, graceMs);
  await Promise.race([Promise.allSettled([...live].map((exchange) => exchange.answer)), graceOver]);
  clearTimeout(timer);
}

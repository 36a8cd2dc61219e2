// What operators and their machines ask: is it alive, is it ready, how is it doing. Alive and ready are one word to
// everybody; which check failed, and the metrics, are for operators: a caller on this machine or one with their token.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import { AppError } from "../kernel/errors.ts";
import { type HttpLog, httpErrors, type Surface } from "../platform/http/index.ts";

/** A part that must work before requests make sense. Rejects when it does not. */
export type ReadinessCheck = () => Promise<void>;

export interface OperationsOptions {
  readonly registry: Registry;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly isDraining: () => boolean;
  /** Answers whether this Authorization header is an operator's. */
  readonly isOperator: (authorization: string | undefined) => boolean | Promise<boolean>;
  readonly log: HttpLog;
}

const checkTimeoutMs = 2000;
const loopback = /^(?:127\.|::1$|::ffff:127\.)/;
const forwardingHeaders = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/**
 * Answers whether a request was made on this machine.
 * SECURITY: not when any proxy had a hand in it: behind one on this machine, everybody's connection comes from loopback.
 */
function isMadeHere(request: FastifyRequest): boolean {
  const address = request.raw.socket.remoteAddress ?? "";
  return loopback.test(address) && forwardingHeaders.every((name) => request.headers[name] === undefined);
}

async function isAllowed(options: OperationsOptions, request: FastifyRequest): Promise<boolean> {
  return isMadeHere(request) || (await options.isOperator(request.headers.authorization));
}

async function passes(name: string, check: ReadinessCheck, log: HttpLog): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), checkTimeoutMs);
  });
  try {
    const outcome = await Promise.race([check(), timeout]);
    if (outcome === "late") log.warn({ check: name, timeoutMs: checkTimeoutMs }, "a readiness check did not answer");
    return outcome !== "late";
  } catch (error) {
    log.warn({ check: name, err: error }, "a readiness check failed");
    return false;
  } finally {
    clearTimeout(timer);
  }
}

async function runChecks({ checks, log }: OperationsOptions): Promise<Record<string, "ok" | "failed">> {
  const results = Object.entries(checks).map(async ([name, check]) => {
    return [name, (await passes(name, check, log)) ? "ok" : "failed"] as const;
  });
  return Object.fromEntries(await Promise.all(results));
}

/** One run of the checks serves everybody who asks while it lasts: asking often costs the database nothing more. */
function shareRuns<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** The surface of `/health/live`, `/health/ready` and `/metrics`. */
export function buildOperationsSurface(options: OperationsOptions): Surface {
  const check = shareRuns(() => runChecks(options));
  const ready = async (request: FastifyRequest, reply: FastifyReply) => {
    const checks = await check();
    const isReady = !options.isDraining() && Object.values(checks).every((result) => result === "ok");
    const status = options.isDraining() ? "draining" : isReady ? "ready" : "not ready";
    reply.code(isReady ? 200 : 503);
    return (await isAllowed(options, request)) ? { status, checks } : { status };
  };
  return {
    name: "operations",
    register(scope) {
      scope.get("/health/live", async () => ({ status: "alive" }));
      scope.get("/health/ready", ready);
      scope.get("/metrics", async (request, reply) => {
        // SECURITY: to a stranger there is nothing here.
        if (!(await isAllowed(options, request))) throw new AppError(httpErrors.notFound);
        return reply.header("content-type", options.registry.contentType).send(await options.registry.metrics());
      });
    },
  };
}

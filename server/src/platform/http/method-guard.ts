// Every address answers every method: one it does not take is 405 with `Allow` (RFC 9110 15.5.6), OPTIONS is 204 with
// `Allow`. The answer comes before the body is read.

import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { AppError } from "../../kernel/errors.ts";
import { httpErrors } from "./errors.ts";

const everyMethod: readonly HTTPMethods[] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/** Which methods each address of a scope takes. */
export type MethodsByUrl = Map<string, Set<string>>;

/** Begins to note the routes of a scope. Call before its routes are bound. */
export function collectMethods(scope: FastifyInstance): MethodsByUrl {
  const methods: MethodsByUrl = new Map();
  scope.addHook("onRoute", (route) => {
    const known = methods.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) known.add(method);
    methods.set(route.url, known);
  });
  return methods;
}

/** Binds the refusals of what is left. Call after the scope's routes are bound. */
export function guardMethods(scope: FastifyInstance, collected: MethodsByUrl): void {
  for (const [url, taken] of collected) {
    const left = everyMethod.filter((method) => !taken.has(method));
    const allow = [...taken, "OPTIONS"].sort().join(", ");
    const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header("allow", allow);
      if (request.method === "OPTIONS") return reply.code(204).send();
      throw new AppError(httpErrors.methodNotAllowed);
    };
    scope.route({ method: left, url, exposeHeadRoute: false, onRequest: refuse, handler: refuse });
  }
}

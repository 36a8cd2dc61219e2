// Routes that get the exact bytes of the body, before any parsing: a platform's signature covers bytes, not meaning. The
// hot path of the product, so a raw route has no hooks but its surface's headers.

import type { IncomingHttpHeaders } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { toAddress } from "./address.ts";
import { bodyBytesMaxDefault } from "./json-body.ts";

export interface RawRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came; empty when there was none. */
  readonly body: Buffer;
  readonly requestId: string;
  /** The caller's network address, behind trusted proxies the one they name. */
  readonly remoteAddress: string;
}

export interface RawReply {
  readonly status: number;
  readonly contentType?: string;
  readonly body?: string | Buffer;
}

export interface RawRoute {
  readonly method: "GET" | "POST";
  /** Path template with `{field}` for each parameter. */
  readonly path: `/${string}`;
  readonly bodyBytesMax?: number;
  /** Answers, or throws an `AppError`, which becomes a problem body. */
  handle(request: RawRequest): Promise<RawReply>;
}

const nothing = Buffer.alloc(0);

function toRawRequest(request: FastifyRequest): RawRequest {
  return {
    params: request.params as Record<string, string>,
    query: request.query as Record<string, string | readonly string[]>,
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : nothing,
    requestId: request.id,
    remoteAddress: toAddress(request),
  };
}

function sendRawReply(reply: FastifyReply, answer: RawReply): FastifyReply {
  reply.code(answer.status);
  if (answer.contentType !== undefined) reply.header("content-type", answer.contentType);
  return reply.send(answer.body ?? "");
}

/** `{field}` of a path template as the router spells it. */
export function toRouterPath(template: string): string {
  return template.replaceAll(/\{([A-Za-z]+)\}/g, ":$1");
}

/** Makes the scope hand over bodies of every type as bytes. Once a scope, before its raw routes. */
export function acceptRawBodies(scope: FastifyInstance): void {
  scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
}

/** Binds a raw route. The scope must have been through `acceptRawBodies`. */
export function registerRawRoute(scope: FastifyInstance, route: RawRoute): void {
  scope.route({
    method: route.method,
    url: toRouterPath(route.path),
    bodyLimit: route.bodyBytesMax ?? bodyBytesMaxDefault,
    handler: async (request, reply) => sendRawReply(reply, await route.handle(toRawRequest(request))),
  });
}

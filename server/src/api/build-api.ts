// Binds the registry of operations to REST. The only way to a route: what is not in the list cannot be called, and what
// is in it has passed every guard it declares.

import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Operation, Origin } from "../kernel/operation.ts";
import type { Secret } from "../kernel/secret.ts";
import {
  acceptJsonBodies,
  bodyBytesMaxDefault,
  type SendProblem,
  type Surface,
  toRouterPath,
} from "../platform/http/index.ts";
import { assertDeclared } from "./assert-declared.ts";
import type { Answer, Call, Means } from "./call.ts";
import { findCondition, matchesTag, parseEntityTags, toEntityTag } from "./concurrency/entity-tag.ts";
import { readCookies } from "./cookies.ts";
import type { Denials } from "./denials.ts";
import { apiErrors } from "./errors.ts";
import type { ForgeryLayers } from "./forgery.ts";
import { type Authenticate, admit, type GuardOptions } from "./guard.ts";
import { performOnce, readIdempotencyKey } from "./idempotency/perform-once.ts";
import { buildOpenApi } from "./openapi.ts";
import { perform } from "./perform.ts";
import { assertChannel } from "./permissions.ts";
import { RateLimits, type RateTable, rateTable } from "./rate-limits.ts";
import { readInput } from "./read-input.ts";

export interface ApiOptions extends Means {
  readonly operations: readonly Operation[];
  readonly authenticate: Authenticate;
  readonly pepper: Secret<Buffer>;
  readonly publicOrigin: string | undefined;
  readonly forgeryLayers?: ForgeryLayers | undefined;
  readonly denials?: Pick<Denials, "note"> | undefined;
  /** Every permission of the catalogue; an operation that asks for another one is refused at the start. */
  readonly permissions?: readonly string[];
  readonly rateTable?: RateTable;
  /** Shared with whoever else calls operations for people; made from `rateTable` where there is nobody else. */
  readonly rateLimits?: RateLimits;
}

/** Where the document is served. */
export const openApiPath = "/api/v1/openapi.json";

/** Writes the head of a stream with every header of its surface, and hands the rest over. */
function sendStream(reply: FastifyReply, attach: (response: ServerResponse) => void): FastifyReply {
  reply.hijack();
  const headers = { ...reply.getHeaders(), "content-type": "text/event-stream", "cache-control": "no-store" };
  reply.raw.writeHead(200, headers as OutgoingHttpHeaders);
  attach(reply.raw);
  return reply;
}

/** Answers GET with the tag of what is answered, and without it to whoever has it already. */
function sendTagged(request: FastifyRequest, reply: FastifyReply, body: unknown): FastifyReply {
  const tag = toEntityTag(body);
  reply.header("etag", tag);
  const known = parseEntityTags(request.headers["if-none-match"]);
  if (known !== undefined && matchesTag(known, tag)) return reply.code(304).send();
  return reply.send(JSON.stringify(body));
}

function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  if (answer.attach !== undefined) return sendStream(reply, answer.attach);
  reply.code(answer.status);
  for (const [name, value] of answer.headers ?? []) reply.header(name, value);
  if (answer.isReplayed === true) reply.header("idempotent-replayed", "true");
  if (answer.body === undefined) return reply.send();
  reply.header("content-type", "application/json; charset=utf-8");
  if (request.method === "GET" && answer.status === 200) return sendTagged(request, reply, answer.body);
  return reply.send(JSON.stringify(answer.body));
}

async function answer(call: Call, request: FastifyRequest, means: Means): Promise<Answer> {
  const key = call.operation.method === "POST" ? readIdempotencyKey(request.headers["idempotency-key"]) : undefined;
  if (key === undefined) return perform(call, means);
  // Kept answers belong to an app; what happens outside of one guards against repetition itself.
  if (call.operation.scope !== "app") throw new AppError(apiErrors.idempotencyUnsupported);
  return performOnce(call, key, means);
}

const userAgentMax = 512;

/** Where a request came from. */
export function toOrigin(request: FastifyRequest): Origin {
  const userAgent = (request.headers["user-agent"] ?? "").slice(0, userAgentMax);
  return { address: request.ip, userAgent, deviceToken: readCookies(request.headers.cookie).device };
}

interface Binding {
  readonly options: ApiOptions;
  readonly guard: GuardOptions;
  readonly sendProblem: SendProblem;
}

function bindOperation(scope: FastifyInstance, operation: Operation, binding: Binding): void {
  const { options, guard, sendProblem } = binding;
  const actors = new WeakMap<FastifyRequest, Caller>();
  const fields = operation.problemFields;
  scope.route({
    method: operation.method,
    url: toRouterPath(operation.path),
    bodyLimit: operation.bodyBytesMax ?? bodyBytesMaxDefault,
    errorHandler: (error, request, reply) => {
      void sendProblem(error, { request, reply, ...(fields && { fields }) });
    },
    onRequest: async (request, reply) => {
      actors.set(request, await admit(guard, operation, { request, reply }));
    },
    handler: async (request, reply) => {
      const actor = actors.get(request);
      // SECURITY: nobody is nobody, should a route ever be reached past its guard.
      if (actor === undefined) throw new AppError(apiErrors.forbidden);
      const input = readInput(operation, request);
      assertChannel(actor, operation, input);
      const condition = findCondition(operation, request.headers["if-match"], options.operations);
      const call = { operation, actor, input, requestId: request.id, origin: toOrigin(request), condition };
      return sendAnswer(request, reply, await answer(call, request, options));
    },
  });
}

function assertAudited(options: ApiOptions): void {
  if (options.recordAudit !== undefined) return;
  const audited = options.operations.find((operation) => typeof operation.audit === "string");
  if (audited === undefined) return;
  throw new AppError(apiErrors.misdeclared, { note: `${audited.name} is audited, but there is nothing to record it` });
}

/** The surface of all operations. Throws `api.misdeclared` when a declaration leaves something open. */
export function buildApi(options: ApiOptions): Surface {
  assertDeclared(options.operations, options.permissions);
  assertAudited(options);
  const document = JSON.stringify(buildOpenApi(options.operations));
  const { authenticate, pepper, publicOrigin, forgeryLayers, denials } = options;
  const rateLimits = options.rateLimits ?? new RateLimits(options.rateTable ?? rateTable);
  const guard = { authenticate, pepper, publicOrigin, forgeryLayers, rateLimits, denials };
  return {
    name: "api",
    register(scope, sendProblem) {
      acceptJsonBodies(scope);
      for (const operation of options.operations) bindOperation(scope, operation, { options, guard, sendProblem });
      scope.get(openApiPath, (_request, reply) =>
        reply.header("content-type", "application/json; charset=utf-8").send(document),
      );
    },
  };
}

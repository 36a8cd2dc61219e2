// Binds the registry of operations to REST. The only way to a route: what is not in the list cannot be called, and what
// is in it has passed every guard it declares.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Operation, Origin } from "../kernel/operation.ts";
import type { Secret } from "../kernel/secret.ts";
import {
  acceptJsonBodies,
  acceptOctets,
  BodyRoom,
  bodyBytesMaxDefault,
  holdRoom,
  type SendProblem,
  type Surface,
  toAddress,
  toRouterPath,
} from "../platform/http/index.ts";
import { assertDeclared } from "./assert-declared.ts";
import type { Answer, Call, Means } from "./call.ts";
import { findCondition } from "./concurrency/entity-tag.ts";
import { readCookies } from "./cookies.ts";
import type { Denials } from "./denials.ts";
import { apiErrors } from "./errors.ts";
import type { ForgeryLayers } from "./forgery.ts";
import { type Authenticate, admit } from "./guard.ts";
import { performOnce, readIdempotencyKey } from "./idempotency/perform-once.ts";
import { buildOpenApi } from "./openapi.ts";
import { perform } from "./perform.ts";
import { assertChannel } from "./permissions.ts";
import { RateLimits, type RateTable, rateTable } from "./rate-limits.ts";
import { readInput } from "./read-input.ts";
import { sendAnswer } from "./send-answer.ts";

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
  return { address: toAddress(request), userAgent, deviceToken: readCookies(request.headers.cookie).device };
}

/** Lets a request through to an operation, or throws. */
export type Admit = (operation: Operation, at: { request: FastifyRequest; reply: FastifyReply }) => Promise<Caller>;

export interface Binding {
  readonly means: Means;
  readonly operations: readonly Operation[];
  readonly admit: Admit;
  readonly sendProblem: SendProblem;
}

/** What a file that is being fetched holds: a piece in clear, one sealed, and what is not sent yet. */
const downloadBytes = 512 * 1024;

function bindOperation(
  scope: FastifyInstance,
  operation: Operation,
  binding: Binding & { readonly downloads: BodyRoom },
): void {
  const { means, operations, admit, sendProblem, downloads } = binding;
  const actors = new WeakMap<FastifyRequest, Caller>();
  const fields = operation.problemFields;
  scope.route({
    method: operation.method,
    url: toRouterPath(operation.path),
    bodyLimit: operation.bodyBytesMax ?? bodyBytesMaxDefault,
    // A stream without its body would be one that nobody reads and that stays open.
    exposeHeadRoute: operation.answers !== "text/event-stream",
    errorHandler: (error, request, reply) => {
      void sendProblem(error, { request, reply, ...(fields && { fields }) });
    },
    onRequest: async (request, reply) => {
      actors.set(request, await admit(operation, { request, reply }));
    },
    handler: async (request, reply) => {
      const actor = actors.get(request);
      // SECURITY: nobody is nobody, should a route ever be reached past its guard.
      if (actor === undefined) throw new AppError(apiErrors.forbidden);
      const bytes = Buffer.isBuffer(request.body) ? request.body : undefined;
      const { params, query } = request;
      const input = readInput(operation, { params, query, body: bytes === undefined ? request.body : undefined });
      assertChannel(actor, operation, input);
      const condition = findCondition(operation, request.headers["if-match"], operations);
      const call = { operation, actor, input, requestId: request.id, origin: toOrigin(request), condition, bytes };
      const answered = await answer(call, request, means);
      // SECURITY: a file is held a piece at a time for as long as whoever fetches it likes to read.
      if (answered.file !== undefined) holdRoom(downloads, { request, reply }, downloadBytes);
      return sendAnswer(request, reply, answered);
    },
  });
}

/** Binds operations in a scope: those that take JSON, and, with a parser of their own, those that take bytes. */
export async function bindOperations(
  scope: FastifyInstance,
  listed: readonly Operation[],
  bound: Binding,
): Promise<void> {
  const binding = { ...bound, downloads: new BodyRoom() };
  acceptJsonBodies(scope);
  const [inJson, inBytes] = [listed.filter((one) => !one.takesBytes), listed.filter((one) => one.takesBytes)];
  for (const operation of inJson) bindOperation(scope, operation, binding);
  // Awaited: whoever binds what is left of the methods of each address must have seen all of them.
  await scope.register(async (inner) => {
    acceptOctets(inner);
    for (const operation of inBytes) bindOperation(inner, operation, binding);
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
    async register(scope, sendProblem) {
      const { operations } = options;
      const listed = operations.filter((operation) => operation.scope !== "visitor");
      const admitCaller: Admit = (operation, at) => admit(guard, operation, at);
      await bindOperations(scope, listed, { means: options, operations, admit: admitCaller, sendProblem });
      scope.get(openApiPath, (_request, reply) =>
        reply.header("content-type", "application/json; charset=utf-8").send(document),
      );
    },
  };
}

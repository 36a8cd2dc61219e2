// The public chat: the operations for visitors of websites, on a surface of their own. No cookie is read or set here. A
// request must come from a site the channel lists, whoever sends it; a browser's page of such a site is let in by CORS.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { VisitorActor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import { parseId } from "../../kernel/ids.ts";
import type { Operation } from "../../kernel/operation.ts";
import { type SendProblem, type Surface, toAddress } from "../../platform/http/index.ts";
import { bindOperations } from "../build-api.ts";
import type { Means } from "../call.ts";
import { apiErrors } from "../errors.ts";
import { listRateHeaders, type RateLimits, toRateError } from "../rate-limits.ts";
import { assertNoTokenInAddress } from "../read-input.ts";
import type { AuthenticateVisitor, ChatChannel, FindChatChannel, GreetVisitor } from "./chat-channel.ts";
import { findSite, type RequestSite, siteHeader } from "./site.ts";

export interface ChatOptions extends Means {
  readonly operations: readonly Operation[];
  readonly findChannel: FindChatChannel;
  readonly authenticateVisitor: AuthenticateVisitor;
  readonly greetVisitor: GreetVisitor;
  readonly rateLimits: RateLimits;
  readonly publicOrigin: string | undefined;
}

interface Placed extends RequestSite {
  readonly channel: ChatChannel;
}

const allowedHeaders = `Authorization, Content-Type, If-None-Match, Last-Event-ID, ${siteHeader}`;
const shownHeaders = "ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-Id";
/** Ten minutes: how long a browser need not ask again. A site taken off the list is refused at once all the same. */
const preflightSeconds = 600;
/** The longest text with every character escaped is half of this. */
const bodyBytesMax = 64 * 1024;

function allowOrigin(reply: FastifyReply, origin: string): void {
  reply.header("access-control-allow-origin", origin);
  reply.header("access-control-expose-headers", shownHeaders);
}

function answerPreflight(reply: FastifyReply): FastifyReply {
  reply.header("access-control-allow-methods", "GET, POST");
  reply.header("access-control-allow-headers", allowedHeaders);
  reply.header("access-control-max-age", preflightSeconds);
  return reply.code(204).send();
}

/** Where a request stands. Throws 404 for a channel that is not there or off, 403 for a site it does not list. */
async function place(options: ChatOptions, request: FastifyRequest): Promise<Placed> {
  const { channelId: named } = request.params as { channelId?: string };
  const channelId = parseId("channel", named);
  const channel = channelId === undefined ? undefined : await options.findChannel(channelId);
  if (channel === undefined) throw new AppError(apiErrors.unknownChannel);
  const found = findSite(request.headers, options);
  // SECURITY: an empty list is nobody; who says no site is nobody's.
  if (found === undefined || !channel.origins.includes(found.site)) throw new AppError(apiErrors.siteRefused);
  return { ...found, channel };
}

async function admitVisitor(
  options: ChatOptions,
  operation: Operation,
  { placed, request, reply }: { placed: Placed; request: FastifyRequest; reply: FastifyReply },
): Promise<VisitorActor> {
  assertNoTokenInAddress(request.query);
  const { channel, site } = placed;
  const { authorization } = request.headers;
  const actor =
    operation.begins === true
      ? options.greetVisitor(channel, site)
      : await options.authenticateVisitor({
          ...{ authorization, channel, site, remoteAddress: toAddress(request), requestId: request.id },
          isRotation: operation.rotatesToken === true,
        });
  const standing = await options.rateLimits.count(actor, operation.rate, toAddress(request));
  for (const [name, value] of listRateHeaders(standing)) reply.header(name, value);
  if (standing.isExceeded) throw toRateError(standing);
  return actor;
}

/** SECURITY: anybody may begin to send a body; what visitors write is short, and so is what is held for them. */
function withBound(operation: Operation): Operation {
  return { ...operation, bodyBytesMax: operation.bodyBytesMax ?? bodyBytesMax };
}

async function bindChat(scope: FastifyInstance, options: ChatOptions, sendProblem: SendProblem): Promise<void> {
  const places = new WeakMap<FastifyRequest, Placed>();
  scope.addHook("onRequest", async (request, reply) => {
    const placed = await place(options, request);
    places.set(request, placed);
    if (placed.foreignOrigin === undefined) return undefined;
    allowOrigin(reply, placed.foreignOrigin);
    const isPreflight = request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
    return isPreflight ? answerPreflight(reply) : undefined;
  });
  const { operations } = options;
  await bindOperations(scope, operations.filter((operation) => operation.scope === "visitor").map(withBound), {
    ...{ means: options, operations, sendProblem },
    admit: (operation, { request, reply }) => {
      const placed = places.get(request);
      // SECURITY: who was not placed is let in nowhere.
      if (placed === undefined) throw new AppError(apiErrors.siteRefused);
      return admitVisitor(options, operation, { placed, request, reply });
    },
  });
}

/** The surface of the operations of scope `visitor`. */
export function buildChat(options: ChatOptions): Surface {
  return { name: "chat", register: (scope, sendProblem) => bindChat(scope, options, sendProblem) };
}

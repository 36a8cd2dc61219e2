// The guards of an operation, in order, before a byte of its body is read: no token in the address, who calls, with what
// permission, with which assurance, how often. What a token may not do is not counted: it would use up what its app may.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { TokenActor } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Operation } from "../kernel/operation.ts";
import { apiErrors } from "./errors.ts";
import { assertPermitted } from "./permissions.ts";
import { listRateHeaders, type RateLimits, toRateError } from "./rate-limits.ts";
import { assertNoTokenInAddress } from "./read-input.ts";

export interface Credentials {
  readonly authorization: string | undefined;
  readonly remoteAddress: string;
}

/** From credentials to an actor. Throws an `AppError` of status 401 for anything but a living token. */
export type Authenticate = (credentials: Credentials) => Promise<TokenActor>;

export interface GuardOptions {
  readonly authenticate: Authenticate;
  readonly rateLimits: RateLimits;
}

async function authenticate(options: GuardOptions, request: FastifyRequest): Promise<TokenActor> {
  const { authorization } = request.headers;
  try {
    return await options.authenticate({ authorization, remoteAddress: request.ip });
  } catch (error) {
    if (error instanceof AppError && error.status === 401) await options.rateLimits.countFailure(request.ip);
    throw error;
  }
}

/** Lets a request through to `operation`, or throws. Returns who calls. */
export async function admit(
  options: GuardOptions,
  operation: Operation,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<TokenActor> {
  assertNoTokenInAddress(request.query);
  const actor = await authenticate(options, request);
  assertPermitted(actor.scopes, operation.permission);
  // SECURITY: a token is never a person with a second factor at hand.
  if (operation.stepUp) throw new AppError(apiErrors.stepUpRequired);
  const standing = await options.rateLimits.count(actor, operation.rate);
  for (const [name, value] of listRateHeaders(standing)) reply.header(name, value);
  if (standing.isExceeded) throw toRateError(standing);
  return actor;
}

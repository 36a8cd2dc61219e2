// The guards of an operation, in order, before a byte of its body is read: no token in the address, who calls and where,
// that no other site made the browser call, with what permission, with which assurance, how often. What a caller may not
// do is not counted: it would use up what its app may.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Caller, Permission, TokenActor, UserActor } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import { type AppId, type OrganisationId, parseId } from "../kernel/ids.ts";
import type { Operation, OperationScope } from "../kernel/operation.ts";
import type { Secret } from "../kernel/secret.ts";
import { toAddress } from "../platform/http/index.ts";
import { readCookies } from "./cookies.ts";
import type { Denials } from "./denials.ts";
import { apiErrors } from "./errors.ts";
import { allLayers, assertSameOrigin, type ForgeryLayers, forgeryHeader, isForgeryToken } from "./forgery.ts";
import { assertPermitted } from "./permissions.ts";
import { listRateHeaders, type RateLimits, toRateError } from "./rate-limits.ts";
import { assertNoTokenInAddress } from "./read-input.ts";

/** Where a person says they stand. Whether that is so is for `Authenticate` to find out. */
export interface Demand {
  readonly scope: OperationScope;
  readonly organisationId: OrganisationId | undefined;
  readonly appId: AppId | undefined;
  readonly isOpenWhileEnrolling: boolean;
  /** What is asked for: somebody may hold it in more or fewer channels than another permission. */
  readonly permission?: Permission | undefined;
}

export interface Credentials {
  readonly authorization: string | undefined;
  /** The session cookie's value; not looked at when there is an Authorization header. */
  readonly session: string | undefined;
  readonly remoteAddress: string;
  /** Names the request in the audit entry of a token's use. */
  readonly requestId?: string | undefined;
}

/**
 * From credentials to an actor. Throws an `AppError`: 401 for anything but a living token or session, 404 for an app or
 * organisation the caller has no part in.
 */
export type Authenticate = (credentials: Credentials, demand: Demand) => Promise<TokenActor | UserActor>;

export interface GuardOptions {
  readonly authenticate: Authenticate;
  readonly rateLimits: RateLimits;
  /** Keys the tokens against forged requests. */
  readonly pepper: Secret<Buffer>;
  /** `https://host`; undefined where none is configured. */
  readonly publicOrigin: string | undefined;
  /** Tests alone take layers away. */
  readonly forgeryLayers?: ForgeryLayers | undefined;
  readonly denials?: Pick<Denials, "note"> | undefined;
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);
/** How a person names where they stand. */
export const placeHeaders = { app: "parley-app", organisation: "parley-organisation" } as const;

function readPlace(request: FastifyRequest, operation: Operation): Demand {
  const { scope } = operation;
  const [app, organisation] = [request.headers[placeHeaders.app], request.headers[placeHeaders.organisation]];
  const appId = parseId("app", app);
  const organisationId = parseId("organisation", organisation);
  const isMistaken =
    (app !== undefined && appId === undefined) || (organisation !== undefined && organisationId === undefined);
  // An id that is not one names nothing, like one that is nobody's.
  if (isMistaken) throw new AppError(apiErrors.unknownPlace);
  const permission = typeof operation.permission === "string" ? operation.permission : undefined;
  const isOpenWhileEnrolling = operation.isOpenWhileEnrolling === true;
  return { scope, organisationId, appId, isOpenWhileEnrolling, permission };
}

async function authenticate(options: GuardOptions, operation: Operation, request: FastifyRequest): Promise<Caller> {
  const { authorization } = request.headers;
  const { session } = readCookies(request.headers.cookie);
  const demand = readPlace(request, operation);
  try {
    const credentials = { authorization, session, remoteAddress: toAddress(request), requestId: request.id };
    return await options.authenticate(credentials, demand);
  } catch (error) {
    if (error instanceof AppError && error.status === 401) await options.rateLimits.countFailure(toAddress(request));
    throw error;
  }
}

/** SECURITY: the cookie travels by itself, so a changing request that rests on it must show that its own site sent it. */
function assertNotForged(options: GuardOptions, actor: Caller, request: FastifyRequest): void {
  if (actor.kind === "token" || safeMethods.has(request.method)) return;
  const layers = options.forgeryLayers ?? allLayers;
  const { publicOrigin } = options;
  const hasCookie = request.headers.cookie !== undefined;
  if (layers.fetchMetadata) assertSameOrigin(request.headers, { publicOrigin, hasCookie });
  if (actor.kind !== "user" || !layers.token) return;
  if (isForgeryToken(options.pepper, actor.sessionId, request.headers[forgeryHeader])) return;
  throw new AppError(apiErrors.forgedRequest, { note: "no token" });
}

/** Throws when an operation asks for a second factor shown just now, and the caller has shown none. */
export function assertAssured(actor: Caller, operation: Operation): void {
  if (!operation.stepUp || (actor.kind === "user" && actor.isSteppedUp)) return;
  // SECURITY: a token is never a person with a second factor at hand.
  throw new AppError(actor.kind === "user" ? apiErrors.stepUpRequired : apiErrors.personRequired);
}

/** Lets a request through to `operation`, or throws. Returns who calls. */
export async function admit(
  options: GuardOptions,
  operation: Operation,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<Caller> {
  assertNoTokenInAddress(request.query);
  const actor: Caller =
    operation.scope === "public" ? { kind: "anonymous" } : await authenticate(options, operation, request);
  try {
    assertNotForged(options, actor, request);
    if (actor.kind !== "anonymous") assertPermitted(actor, operation.permission);
    assertAssured(actor, operation);
  } catch (error) {
    options.denials?.note({ actor, operation, error, requestId: request.id, remoteAddress: toAddress(request) });
    throw error;
  }
  const standing = await options.rateLimits.count(actor, operation.rate, toAddress(request));
  for (const [name, value] of listRateHeaders(standing)) reply.header(name, value);
  if (standing.isExceeded) throw toRateError(standing);
  return actor;
}

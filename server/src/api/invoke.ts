// Calls an operation from inside the server, for the pages that work without script: the same operation as over the
// interface, with the same input checks, permission, assurance, rate limit, audit record and view. How the caller proved
// who they are, and that no other site made their browser call, is the page's to have checked.

import type { Caller } from "../kernel/actor.ts";
import { AppError } from "../kernel/errors.ts";
import type { Operation, Origin } from "../kernel/operation.ts";
import type { Answer, Means } from "./call.ts";
import type { Denials } from "./denials.ts";
import { apiErrors } from "./errors.ts";
import { assertAssured } from "./guard.ts";
import { perform } from "./perform.ts";
import { assertChannel, assertPermitted } from "./permissions.ts";
import { type RateLimits, toRateError } from "./rate-limits.ts";
import { readInput } from "./read-input.ts";

export interface InternalCall {
  /** Who calls; or how to find out, for an operation that stands in an organisation or an app. */
  readonly actor: Caller | ((operation: Operation) => Promise<Caller>);
  /** The fields of path, query and body together. */
  readonly input: object;
  readonly requestId: string;
  readonly origin: Origin;
  /** Why a person can call only what is open while enrolling; undefined when they can call everything. */
  readonly held?: AppError | undefined;
}

/** Calls an operation by its name. Throws what the interface would answer. */
export type Invoke = (name: string, call: InternalCall) => Promise<Answer>;

/** The fields of an input by the part of a request they belong to. */
function toParts(operation: Operation, input: object): { params: object; query: object; body: object } {
  const pick = (schema: Operation["params"]): object => {
    const names = Object.keys(schema?.shape ?? {});
    return Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name)));
  };
  const [params, query] = [pick(operation.params), pick(operation.query)];
  const taken = new Set([...Object.keys(params), ...Object.keys(query)]);
  return { params, query, body: Object.fromEntries(Object.entries(input).filter(([name]) => !taken.has(name))) };
}

/** Makes the way to call operations from inside. */
export function createInvoke(
  operations: readonly Operation[],
  { means, rateLimits, denials }: { means: Means; rateLimits: RateLimits; denials?: Pick<Denials, "note"> },
): Invoke {
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  return async (name, { actor: given, input, requestId, origin, held }) => {
    const operation = byName.get(name);
    if (operation === undefined) throw new AppError(apiErrors.misdeclared, { note: `there is no operation ${name}` });
    const actor = typeof given === "function" ? await given(operation) : given;
    // SECURITY: an operation of people is never called for nobody.
    if (operation.scope !== "public" && actor.kind === "anonymous") throw new AppError(apiErrors.forbidden);
    if (operation.scope === "visitor") throw new AppError(apiErrors.forbidden, { note: "visitors call by themselves" });
    const isHeld = held !== undefined && actor.kind !== "anonymous" && operation.isOpenWhileEnrolling !== true;
    if (isHeld) throw held;
    try {
      if (actor.kind !== "anonymous") assertPermitted(actor, operation.permission);
      assertAssured(actor, operation);
    } catch (error) {
      denials?.note({ actor, operation, error, requestId, remoteAddress: origin.address });
      throw error;
    }
    const standing = await rateLimits.count(actor, operation.rate, origin.address);
    if (standing.isExceeded) throw toRateError(standing);
    const parsed = readInput(operation, toParts(operation, input));
    assertChannel(actor, operation, parsed);
    return perform({ operation, actor, input: parsed, requestId, origin }, means);
  };
}

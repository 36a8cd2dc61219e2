// What the operations of identity have in common.

import { AppError } from "../../../kernel/errors.ts";
import type { OperationContext } from "../../../kernel/operation.ts";
import type { AccountCaller } from "../deps.ts";
import { identityErrors } from "../errors.ts";
import type { RequestMark } from "../sessions/start-session.ts";

const recordsItself = { none: "the flow writes its own entries, in the transaction of what it changes" };

/** Changes one makes to one's own account, open to everybody who is signed in. */
export const ownAccount = {
  scope: "user",
  permission: { none: "a person's own account" },
  audit: recordsItself,
  rate: "write",
  stepUp: false,
} as const;

/** Reads of one's own account. */
export const ownReading = { ...ownAccount, audit: { none: "a person reads their own account" }, rate: "read" } as const;

/** For whoever has not said who they are. */
export const anybody = {
  scope: "public",
  permission: { none: "the way in: whoever comes has no rights yet" },
  audit: recordsItself,
  rate: "write",
  stepUp: false,
} as const;

type Asked = Pick<OperationContext<object, "user" | "public">, "actor" | "requestId" | "origin">;

/** The request as the flows know it. */
export function toMark({ requestId, origin }: Asked, operation: string): RequestMark {
  return { requestId, origin, operation };
}

/** The signed-in person. SECURITY: a token is nobody here, should the registry ever let one through. */
export function toCaller(asked: Asked, operation: string): AccountCaller {
  if (asked.actor.kind !== "user") throw new AppError(identityErrors.sessionRequired);
  return { ...toMark(asked, operation), actor: asked.actor };
}

// Making tokens over the API: create and rotate. Both show a token once, ask for a second factor and write a letter.

import { z } from "zod";
import type { Caller, UserActor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { createToken } from "../create-token.ts";
import { tokenErrors } from "../errors.ts";
import { tokenDays } from "../issue-token.ts";
import { toOccasion } from "../letters.ts";
import { overlapHours, rotateToken } from "../rotate-token.ts";
import type { TokenDeps } from "../token-deps.ts";
import { tokenBounds } from "./token-view.ts";

/** SECURITY: step-up keeps tokens out already; should it ever not, a token makes no token. */
function assertPerson(actor: Caller): UserActor {
  if (actor.kind !== "user") throw new AppError(tokenErrors.beyondMaker);
  return actor;
}

const Shown = { tokenId: idOf("token"), token: z.string().max(64), expiresAt: z.iso.datetime() };
const guards = {
  method: "POST",
  scope: "app",
  permission: "token:create",
  // What is made is held within the channels of who makes it.
  channel: "filters",
  rate: "write",
  stepUp: true,
} as const;

const CreateBody = z.strictObject({
  kind: z.enum(["api", "bot"]),
  name: z.string().min(1).max(200),
  /** Permissions, `channel:read`, or all of a resource, `channel:admin`. */
  scopes: z.array(z.string().min(3).max(80)).min(1).max(tokenBounds.scopes),
  /** Missing: every channel, or those you are limited to. */
  channelIds: z.array(idOf("channel")).min(1).max(tokenBounds.channels).optional(),
  /** Addresses or CIDR ranges it works from. Missing: from anywhere. */
  networks: z.array(z.string().min(1).max(50)).min(1).max(tokenBounds.networks).optional(),
  /** How long it lives: 90 days unless said. */
  days: z.int().min(1).max(tokenDays.most).optional(),
});

function createCreate(deps: TokenDeps): Operation {
  return operation({
    name: "tokens.create",
    summary: "Makes an access token of the app, which is shown once. It may do what you name, and never more than you.",
    path: "/api/v1/tokens",
    body: CreateBody,
    output: z.object(Shown),
    successStatus: 201,
    audit: "token.created",
    ...guards,
    async run({ tx, actor, input, origin }) {
      const making = { tx, actor: assertPerson(actor), occasion: toOccasion(deps, origin) };
      const { tokenId, token, expiresAt } = await createToken(deps, making, input);
      return { tokenId, token, expiresAt: expiresAt.toISOString() };
    },
  });
}

function createRotate(deps: TokenDeps): Operation {
  return operation({
    name: "tokens.rotate",
    summary: "Makes a token's successor with the same rights, shown once. The former works on for a while.",
    path: "/api/v1/tokens/{tokenId}/rotate",
    params: z.strictObject({ tokenId: idOf("token") }),
    body: z.strictObject({ overlapHours: z.int().min(0).max(overlapHours.most).optional() }),
    output: z.object({ ...Shown, formerUntil: z.iso.datetime() }),
    successStatus: 201,
    audit: "token.rotated",
    ...guards,
    async run({ tx, actor, input, origin }) {
      const making = { tx, actor: assertPerson(actor), occasion: toOccasion(deps, origin) };
      const rotation = { tokenId: input.tokenId, overlapHours: input.overlapHours ?? overlapHours.usual };
      const { tokenId, token, expiresAt, formerUntil } = await rotateToken(deps, making, rotation);
      return { tokenId, token, expiresAt: expiresAt.toISOString(), formerUntil: formerUntil.toISOString() };
    },
  });
}

/** The operations that show a token. */
export function createMakingOperations(deps: TokenDeps): readonly Operation[] {
  return [createCreate(deps), createRotate(deps)];
}

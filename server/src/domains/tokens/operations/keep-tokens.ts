// Looking after tokens over the API: list, get, revoke. Everybody sees and ends the tokens they made; others' need a
// permission, which is checked here because it depends on whose token it is.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import { tokenErrors } from "../errors.ts";
import { findListed, listTokens } from "../listing-store.ts";
import { mayRevoke, toSight } from "../sight.ts";
import { revokeToken } from "../store.ts";
import { TokenView, toTokenView } from "./token-view.ts";

const params = z.strictObject({ tokenId: idOf("token") });
const reading = {
  method: "GET",
  scope: "app",
  permission: { none: "shows your own tokens; those of others only with token:read" },
  channel: "filters",
  audit: { none: "reading about tokens; views hold no secret" },
  rate: "read",
  stepUp: false,
} as const;

const listOperation: Operation = operation({
  name: "tokens.list",
  summary: "The app's access tokens, oldest first: your own, and with token:read all others.",
  path: "/api/v1/tokens",
  query: z.strictObject({ first: queryInteger(1, 100).optional(), after: idOf("token").optional() }),
  output: z.object({ items: z.array(TokenView).max(100), after: idOf("token").optional() }),
  ...reading,
  async run({ tx, actor, input }) {
    const first = input.first ?? 50;
    const tokens = await listTokens(tx, toSight(actor), { first, after: input.after });
    const last = tokens.at(-1)?.tokenId;
    return {
      items: tokens.map(toTokenView),
      ...(tokens.length === first && last !== undefined ? { after: last } : {}),
    };
  },
});

const getOperation: Operation = operation({
  name: "tokens.get",
  summary: "One access token: what it may do, until when, and when it was used.",
  path: "/api/v1/tokens/{tokenId}",
  params,
  output: TokenView,
  ...reading,
  async run({ tx, actor, input }) {
    const token = await findListed(tx, toSight(actor), input.tokenId);
    if (token === undefined) throw new AppError(tokenErrors.notFound);
    return toTokenView(token);
  },
});

const revokeOperation: Operation = operation({
  name: "tokens.revoke",
  summary: "Ends an access token for good; its next call is refused.",
  method: "POST",
  path: "/api/v1/tokens/{tokenId}/revoke",
  params,
  output: TokenView,
  scope: "app",
  permission: { none: "ends your own tokens; those of others only with token:revoke" },
  channel: "filters",
  audit: "token.revoked",
  rate: "write",
  stepUp: false,
  async run({ tx, actor, input }) {
    const sight = toSight(actor);
    const token = await findListed(tx, sight, input.tokenId);
    if (token === undefined) throw new AppError(tokenErrors.notFound);
    if (!mayRevoke(actor, token)) throw new AppError(tokenErrors.notYours);
    await revokeToken(tx, token.tokenId);
    return toTokenView((await findListed(tx, sight, token.tokenId)) ?? token);
  },
});

/** The operations that show no token. */
export const keepingOperations: readonly Operation[] = [listOperation, getOperation, revokeOperation];

// POST /api/v1/leaked-tokens/revoke: for scanners of public code, and for anybody who finds a token.

import { z } from "zod";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { revokeLeaked } from "../revoke-leaked.ts";
import type { TokenDeps } from "../token-deps.ts";

/** 202 whatever was sent: a living token, one that has ended, one that never was. */
export function createRevokeLeaked(deps: TokenDeps): Operation {
  return operation({
    name: "tokens.revokeLeaked",
    summary: "Ends an access token that was found in public. Its maker is told; the answer is the same for any text.",
    method: "POST",
    path: "/api/v1/leaked-tokens/revoke",
    body: z.strictObject({ token: z.string().min(1).max(255) }),
    output: z.object({}),
    successStatus: 202,
    scope: "public",
    permission: { none: "whoever holds a token could do worse than end it" },
    audit: "token.leaked_revoked",
    rate: "write",
    stepUp: false,
    async run({ input, requestId, origin }) {
      await revokeLeaked(deps, { token: input.token, requestId, origin });
      return {};
    },
  });
}

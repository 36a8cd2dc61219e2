// The failures of access tokens.

import { defineErrors } from "../../kernel/errors.ts";

export const tokenErrors = defineErrors({
  missing: {
    code: "tokens.missing",
    status: 401,
    sentence: "Send an access token in the header `Authorization: Bearer ply_...`.",
  },
  refused: {
    code: "tokens.refused",
    status: 401,
    sentence: "The access token is not valid: it is unknown, expired or revoked.",
  },
});

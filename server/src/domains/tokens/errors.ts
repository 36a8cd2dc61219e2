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
  invalid: {
    code: "tokens.invalid",
    status: 400,
    sentence: "The token cannot be made like this. See errors for the fields.",
  },
  // SECURITY: nobody can hand out what they do not have.
  beyondMaker: {
    code: "tokens.beyond_maker",
    status: 403,
    sentence: "A token cannot do more than the person who makes it. See errors for what you may not do here yourself.",
  },
  notFound: { code: "tokens.not_found", status: 404, sentence: "There is no such token, or it is not yours to see." },
  notYours: {
    code: "tokens.not_yours",
    status: 403,
    sentence: "You can revoke tokens that you made. For another one you need the permission token:revoke.",
  },
  ended: {
    code: "tokens.ended",
    status: 409,
    sentence: "This token was rotated, has expired or was revoked. Make another one instead.",
  },
});

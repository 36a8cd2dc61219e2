import { defineErrors } from "../../../kernel/errors.ts";

export const identityTokenErrors = defineErrors({
  refused: {
    code: "visitors.identity_refused",
    status: 403,
    sentence:
      "The token that says who you are was not accepted. The website's server must sign another one for this chat.",
  },
  expired: {
    code: "visitors.identity_expired",
    status: 403,
    sentence: "The token that says who you are has expired. The website's server must sign another one.",
  },
});

import { defineErrors } from "../../../kernel/errors.ts";

export const limitErrors = defineErrors({
  rateLimited: {
    code: "visitors.rate_limited",
    status: 429,
    sentence: "That was a lot at once. Wait a moment and try again: Retry-After says how many seconds.",
  },
});

// The failures of the programming interface as such: who may call, how often, with what.

import { defineErrors } from "../kernel/errors.ts";

export const apiErrors = defineErrors({
  invalidRequest: {
    code: "api.invalid_request",
    status: 400,
    sentence: "The request is not what this operation takes. See errors for the fields.",
  },
  tokenInAddress: {
    code: "api.token_in_address",
    status: 400,
    sentence:
      "Send the token in the Authorization header. Addresses are written to logs; replace a token that was sent in one.",
  },
  forbidden: { code: "api.forbidden", status: 403, sentence: "The token does not have the permission this needs." },
  stepUpRequired: {
    code: "api.step_up_required",
    status: 403,
    sentence: "This needs a person who has just confirmed a second factor. A token cannot do it.",
  },
  rateLimited: {
    code: "api.rate_limited",
    status: 429,
    sentence: "Too many requests. Wait for the time in Retry-After.",
  },
  invalidIdempotencyKey: {
    code: "api.invalid_idempotency_key",
    status: 400,
    sentence: "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.",
  },
  idempotencyMismatch: {
    code: "api.idempotency_mismatch",
    status: 422,
    sentence: "This Idempotency-Key was used for another request. Use a key of its own for each request.",
  },
  idempotencyRunning: {
    code: "api.idempotency_running",
    status: 409,
    sentence: "A request with this Idempotency-Key is still running. Ask again for its answer.",
  },
  idempotencyAnswerLost: {
    code: "api.idempotency_answer_lost",
    status: 409,
    sentence:
      "The request with this Idempotency-Key was carried out, but its answer was lost. Do not repeat it; look up its effect.",
  },
  answerLost: {
    code: "api.answer_lost",
    status: 500,
    sentence: "The request was carried out, but its answer was lost. Do not repeat it; look up its effect.",
  },
  misdeclared: { code: "api.misdeclared", status: 500, sentence: "An operation is declared wrongly." },
});

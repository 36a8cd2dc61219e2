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
  forbidden: { code: "api.forbidden", status: 403, sentence: "You do not have the permission this needs." },
  stepUpRequired: {
    code: "api.step_up_required",
    status: 403,
    sentence: "Confirm that it is you: show a second factor again, then repeat this within ten minutes.",
  },
  personRequired: {
    code: "api.person_required",
    status: 403,
    sentence: "This needs a person who is signed in. A token cannot do it.",
  },
  placeRequired: {
    code: "api.place_required",
    status: 400,
    sentence: "Say where: send the header Parley-App, or Parley-Organisation for what concerns the whole organisation.",
  },
  unknownPlace: {
    code: "api.unknown_place",
    status: 404,
    sentence: "There is no such app or organisation, or you have no part in it.",
  },
  unknownChannel: { code: "api.unknown_channel", status: 404, sentence: "There is no such channel." },
  siteRefused: {
    code: "api.site_refused",
    status: 403,
    sentence: "This page may not show the chat. Whoever runs it can add the page's origin to the channel.",
  },
  forgedRequest: {
    code: "api.forged_request",
    status: 403,
    sentence: "The request does not come from a page of this server. Reload the page and try again.",
  },
  rateLimited: {
    code: "api.rate_limited",
    status: 429,
    sentence: "Too many requests. Wait for the time in Retry-After.",
  },
  invalidEntityTag: {
    code: "api.invalid_entity_tag",
    status: 400,
    sentence: "If-Match and If-None-Match take entity tags in double quotes, as an earlier answer's ETag gave them.",
  },
  conditionUnsupported: {
    code: "api.condition_unsupported",
    status: 400,
    sentence: "This operation takes no If-Match. Leave the header out.",
  },
  changedMeanwhile: {
    code: "api.changed_meanwhile",
    status: 412,
    sentence: "This was changed after you read it. Read it again, and repeat your change if it still makes sense.",
  },
  tooManyStreams: {
    code: "api.too_many_streams",
    status: 429,
    sentence: "Too many event streams are open. Close one, or wait for the time in Retry-After.",
  },
  invalidIdempotencyKey: {
    code: "api.invalid_idempotency_key",
    status: 400,
    sentence: "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces.",
  },
  idempotencyUnsupported: {
    code: "api.idempotency_unsupported",
    status: 400,
    sentence: "This operation takes no Idempotency-Key. Leave the header out.",
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

// The failures of HTTP itself: what is refused before any operation or channel sees it.

import { defineErrors } from "../../kernel/errors.ts";

export const httpErrors = defineErrors({
  malformedRequest: { code: "http.malformed_request", status: 400, sentence: "The request is not valid HTTP." },
  malformedBody: {
    code: "http.malformed_body",
    status: 400,
    sentence: "The body is not acceptable JSON. See errors for the places.",
  },
  notFound: { code: "http.not_found", status: 404, sentence: "There is nothing at this address." },
  methodNotAllowed: {
    code: "http.method_not_allowed",
    status: 405,
    sentence: "This address does not take this method. The Allow header names those it takes.",
  },
  timeout: { code: "http.timeout", status: 408, sentence: "The request took too long to arrive. Send it again." },
  tooLarge: { code: "http.too_large", status: 413, sentence: "The body is larger than this address takes." },
  addressTooLong: { code: "http.address_too_long", status: 414, sentence: "The address is too long." },
  unsupportedMediaType: {
    code: "http.unsupported_media_type",
    status: 415,
    sentence: "Send the body as application/json in UTF-8.",
  },
  expectationFailed: {
    code: "http.expectation_failed",
    status: 417,
    sentence: "Only `Expect: 100-continue` is supported.",
  },
  headersTooLarge: { code: "http.headers_too_large", status: 431, sentence: "The request headers are too large." },
  busy: {
    code: "http.busy",
    status: 429,
    sentence: "Too much is being received at the moment. Send it again after the time in Retry-After.",
  },
  unsafeSetting: { code: "http.unsafe_setting", status: 500, sentence: "The web server is set up wrongly." },
});

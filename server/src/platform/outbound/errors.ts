// The failures of an outgoing connection. Their public sentences are constant: what a socket, a resolver or a TLS stack
// said goes to `note`, for the log only, so that a caller cannot map a network by reading errors.

import { AppError, defineErrors } from "../../kernel/errors.ts";

export const outboundErrors = defineErrors({
  notAllowed: {
    code: "outbound.not_allowed",
    status: 400,
    sentence: "This destination is not allowed. Use a public https address on port 443 or 8443.",
  },
  timeout: {
    code: "outbound.timeout",
    status: 504,
    sentence: "The other side did not answer in time. Try again later.",
  },
  failed: {
    code: "outbound.failed",
    status: 502,
    sentence: "The other side could not be reached. Check the address, its certificate and that it is running.",
  },
  responseTooLarge: {
    code: "outbound.response_too_large",
    status: 502,
    sentence: "The other side sent a longer answer than is accepted. Make it answer more briefly.",
  },
  headerRefused: {
    code: "outbound.header_refused",
    status: 400,
    sentence: "A request header cannot be sent. Remove or correct it.",
  },
  allowListInvalid: {
    code: "outbound.allow_list_invalid",
    status: 500,
    sentence:
      "The list of allowed internal destinations has a mistake. Write entries as host:port, separated by commas.",
  },
  certificateInvalid: {
    code: "outbound.certificate_invalid",
    status: 500,
    sentence: "A trusted certificate is not in PEM form. Give the text that starts with BEGIN CERTIFICATE.",
  },
});

/**
 * The refusal of a destination. Every reason gives the same code, status and sentence; `note` tells the operator why.
 */
export function createRefusal(note: string): AppError {
  // SECURITY: one uniform refusal, so that nobody learns from it what an internal name or port is.
  return new AppError(outboundErrors.notAllowed, { note });
}

const timeoutCodes = new Set([
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "ETIMEDOUT",
]);

/** Turns whatever the transport raised into the `AppError` a caller may see. `where` is host:port, never a path. */
export function toOutboundError(error: unknown, where: string): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  const definition = timeoutCodes.has(code) ? outboundErrors.timeout : outboundErrors.failed;
  return new AppError(definition, { note: `${where}: ${code} ${message}`, cause: error });
}

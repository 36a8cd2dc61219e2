// The id that names one request in its answer, in logs and in audit entries.

import type { IncomingMessage } from "node:http";
import { drawBytes } from "../crypto/random.ts";

const acceptable = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * The caller's `x-request-id` when it is 16 to 64 letters, digits, `_` or `-`; otherwise 128 random bits.
 * SECURITY: nothing else reaches a log line or an answer.
 */
export function toRequestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  if (typeof given === "string" && acceptable.test(given)) return given;
  return drawBytes(16).toString("hex");
}

// Asks the operator's virus scanner about a file, before anything of it is kept.

import { AppError } from "../../kernel/errors.ts";
import type { OutboundClient, OutboundResponse } from "../../platform/outbound/index.ts";
import { fileErrors, refuseFile } from "./errors.ts";

const timeoutMs = 20_000;
const answerBytesMax = 16_384;
const retryAfterSeconds = 60;
const cleanStatuses = new Set([200, 204]);
const infectedStatuses = new Set([406, 422]);

export interface ScanDeps {
  readonly outbound: Pick<OutboundClient, "request">;
  /** Undefined: nobody is asked. */
  readonly scanUrl: string | undefined;
}

async function ask(deps: ScanDeps, url: string, bytes: Buffer): Promise<OutboundResponse> {
  try {
    return await deps.outbound.request({
      method: "POST",
      url,
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
      timeoutMs,
      responseBytesMax: answerBytesMax,
    });
  } catch (cause) {
    throw new AppError(fileErrors.scanUnavailable, { note: "no answer", cause, retryAfterSeconds });
  }
}

/**
 * Returns when the scanner says that the bytes are clean (200, 204), or when there is none. Throws `files.infected` for 406
 * and 422, `files.scan_unavailable` for every other answer and for none.
 * SECURITY: fails closed; what was not said to be clean is not kept.
 */
export async function scanFile(deps: ScanDeps, bytes: Buffer): Promise<void> {
  if (deps.scanUrl === undefined) return;
  const { status } = await ask(deps, deps.scanUrl, bytes);
  if (cleanStatuses.has(status)) return;
  if (infectedStatuses.has(status)) throw refuseFile(fileErrors.infected, "bytes", "the virus scanner refused them");
  throw new AppError(fileErrors.scanUnavailable, { note: `status ${status}`, retryAfterSeconds });
}

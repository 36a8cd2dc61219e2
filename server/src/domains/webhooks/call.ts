// One call of one endpoint: signed, sent through the guarded client, and read. Never throws for what the other side does.

import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { OutboundClient, OutboundResponse } from "../../platform/outbound/index.ts";
import type { ChannelDirectory } from "../channels/index.ts";
import { listSecrets, signStandard, signWithChannelSecret } from "./sign.ts";
import type { Attempt, Delivery, Endpoint } from "./types.ts";
import { toVerdict, type Verdict } from "./verdict.ts";

const timeoutMs = 15_000;
const excerptBytesMax = 1_024;

/** What came of an attempt. */
export interface Called {
  readonly verdict: Verdict | { readonly kind: "impossible" };
  readonly attempt: Attempt;
  readonly wasCalled: boolean;
}

export interface CallDeps {
  readonly directory: Pick<ChannelDirectory, "find">;
  readonly outbound: Pick<OutboundClient, "request">;
  readonly clock: Clock;
}

/** Calls the endpoint. Switched off, deleted, or its channel gone: nothing is called and the delivery has failed. */
export async function callEndpoint(
  deps: CallDeps,
  delivery: Delivery,
  endpoint: Endpoint | undefined,
): Promise<Called> {
  const atMs = deps.clock.nowMs();
  if (endpoint === undefined) return toImpossible(atMs, "webhooks.endpoint_not_found");
  if (!endpoint.enabled) return toImpossible(atMs, "webhooks.endpoint_off");
  const channel = await deps.directory.find(endpoint.channelId);
  if (channel === undefined) return toImpossible(atMs, "channels.not_found");
  try {
    const response = await deps.outbound.request({
      method: "POST",
      url: endpoint.url,
      headers: toHeaders(endpoint, { delivery, channelSecret: channel.channelSecret, atMs }),
      body: delivery.body,
      timeoutMs,
    });
    const attempt = { ...toAttempt(response), atMs };
    return { verdict: toVerdict(response, deps.clock.nowMs()), attempt, wasCalled: true };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { verdict: { kind: "retry" }, attempt: toFailedAttempt(deps, atMs, error.code), wasCalled: true };
  }
}

function toHeaders(
  endpoint: Endpoint,
  what: { readonly delivery: Delivery; readonly channelSecret: string; readonly atMs: number },
): Record<string, string> {
  const { delivery, channelSecret, atMs } = what;
  const signing = { secrets: listSecrets(endpoint, atMs), signer: endpoint.signer };
  return {
    ...endpoint.headers,
    // SECURITY: ours come last, so that no custom header stands in for a signature.
    "content-type": "application/json",
    "user-agent": "Parley-Webhooks/1",
    ...signStandard(signing, { id: delivery.deliveryId, body: delivery.body }, atMs),
    ...signWithChannelSecret(channelSecret, delivery.body),
  };
}

function toAttempt(response: OutboundResponse): Omit<Attempt, "atMs"> {
  const { status, body, durationMs } = response;
  // Text cut in the middle of a character ends in a replacement character, which says so.
  const text = body.subarray(0, excerptBytesMax).toString("utf8");
  return {
    statusCode: status,
    errorCode: undefined,
    durationMs: Math.round(durationMs),
    response: text === "" ? undefined : text,
  };
}

function toFailedAttempt(deps: CallDeps, atMs: number, errorCode: string): Attempt {
  const durationMs = Math.max(0, Math.round(deps.clock.nowMs() - atMs));
  return { atMs, durationMs, statusCode: undefined, errorCode, response: undefined };
}

function toImpossible(atMs: number, errorCode: string): Called {
  const attempt = { atMs, durationMs: 0, statusCode: undefined, errorCode, response: undefined };
  return { verdict: { kind: "impossible" }, attempt, wasCalled: false };
}

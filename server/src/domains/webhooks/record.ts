// What a batch of attempts of one app leads to: their rows, and what they say of the endpoints.

import { type EndpointId, toUuid } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { Sealer } from "../keys/index.ts";
import { bumpRevision } from "../organisations/index.ts";
import { type AttemptToStore, type EndpointNews, recordAttempts, switchOffFailing } from "./queue-store.ts";
import { failingMsMax } from "./schedule.ts";
import type { Attempt, Delivery, DeliveryState } from "./types.ts";

/** An attempt and what it means. */
export interface Recording {
  readonly delivery: Delivery;
  readonly state: DeliveryState;
  readonly attempt: Attempt;
  /** The endpoint was called: only then does the attempt say something of it. */
  readonly wasCalled: boolean;
  /** The endpoint asked for no more. */
  readonly isGone: boolean;
}

const goneReason = "The endpoint answered 410 Gone.";
const failingReason = "Every delivery failed for 5 days.";

function toNews(endpointId: EndpointId, recordings: readonly Recording[]): EndpointNews {
  const lastSuccess = recordings.findLastIndex((one) => one.state === "delivered");
  const failure = recordings.slice(lastSuccess + 1)[0];
  return {
    endpointId,
    hasSucceeded: lastSuccess >= 0,
    failedAt: failure === undefined ? undefined : new Date(failure.attempt.atMs),
    disabledReason: recordings.some((one) => one.isGone) ? goneReason : undefined,
  };
}

function toAttempt(recording: Recording, sealer: Sealer): AttemptToStore {
  const { delivery, state, attempt } = recording;
  const { atMs, durationMs, statusCode, errorCode, response } = attempt;
  const field = { table: "webhook_attempts", column: "response", row: toUuid(delivery.deliveryId) };
  return {
    ...{ deliveryId: delivery.deliveryId, state, durationMs, statusCode, errorCode },
    at: new Date(atMs),
    response: response === undefined ? undefined : sealer.seal(field, response),
  };
}

/** Records the attempts of one app. Returns the endpoints that were switched off, and why. */
export async function recordApp(
  tx: TenantTx,
  recordings: readonly Recording[],
  deps: { readonly sealer: Sealer; readonly nowMs: number },
): Promise<{ endpointId: EndpointId; reason: string }[]> {
  const called = recordings.filter((one) => one.wasCalled);
  const groups = Map.groupBy(called, (one) => one.delivery.endpointId);
  const news = [...groups].map(([endpointId, group]) => toNews(endpointId, group));
  const attempts = recordings.map((one) => toAttempt(one, deps.sealer));
  const recorded = recordAttempts(tx, attempts, news);
  const failing = news.filter((one) => one.failedAt !== undefined).map((one) => one.endpointId);
  const because = { since: new Date(deps.nowMs - failingMsMax), reason: failingReason };
  const switching = failing.length === 0 ? [] : switchOffFailing(tx, failing, because);
  const [, failed] = await Promise.all([recorded, switching]);
  const gone = news.filter((one) => one.disabledReason !== undefined).map((one) => one.endpointId);
  const off = [
    ...gone.map((endpointId) => ({ endpointId, reason: goneReason })),
    ...failed.map((endpointId) => ({ endpointId, reason: failingReason })),
  ];
  if (off.length > 0) await bumpRevision(tx);
  return off;
}

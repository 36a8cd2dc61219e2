// Statuses of sent messages: folded per message, recorded in one statement, passed on. A status that arrives before our own
// record of the message is put off for a moment.

import { parseId, toUuid } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import type { InboundStatus } from "../channels/index.ts";
import type { AppConfiguration } from "./app-configuration.ts";
import { changeReceipts, deferEvents, type PendingEvent, type StatusChange } from "./process-store.ts";
import { type Collected, finish, type RunContext } from "./run-event.ts";

export interface PendingStatus {
  readonly pending: PendingEvent;
  readonly status: InboundStatus;
}

/** Tries before a status of an unknown message is let go, and seconds between them. */
const attemptsMax = 4;
const deferSeconds = 2;

const rank = ["sent", "delivered", "read", "failed", "deleted"];

/** The blind index of a platform's message id. */
export function toPlatformKey(sealer: RunContext["sealer"], channelId: string, platformMessageId: string): Buffer {
  return sealer.blindIndex("receipts", "platform_id", `${channelId}:${platformMessageId}`);
}

function timeOf(group: readonly PendingStatus[], status: string): Date | undefined {
  const found = group.find((one) => one.status.status === status);
  return found === undefined ? undefined : new Date(found.status.atMs);
}

function toChange(context: RunContext, group: readonly PendingStatus[]): StatusChange {
  const latest = group.reduce((best, one) =>
    rank.indexOf(one.status.status) > rank.indexOf(best.status.status) ? one : best,
  );
  const { pending, status } = latest;
  return {
    channelId: pending.channelId,
    messageId: group.map((one) => parseId("message", one.status.reference)).find((id) => id !== undefined),
    platformKey: toPlatformKey(context.sealer, pending.channelId, status.platformMessageId),
    status: status.status,
    errorCode: status.errorCode,
    sentAt: timeOf(group, "sent"),
    deliveredAt: timeOf(group, "delivered"),
    readAt: timeOf(group, "read"),
    failedAt: timeOf(group, "failed"),
  };
}

/** Records the statuses of a batch of one app and adds what came of them to `collected`. */
export async function runStatuses(
  run: { tx: TenantTx; context: RunContext; configuration: AppConfiguration },
  statuses: readonly PendingStatus[],
  collected: Collected,
): Promise<void> {
  if (statuses.length === 0) return;
  const groups = [
    ...Map.groupBy(statuses, (one) => `${one.pending.channelId}:${one.status.platformMessageId}`).values(),
  ];
  const changed = await changeReceipts(
    run.tx,
    groups.map((group) => toChange(run.context, group)),
  );
  const byPosition = new Map(changed.map((one) => [one.position, one]));
  const early: PendingEvent[] = [];
  for (const [position, group] of groups.entries()) {
    const found = byPosition.get(position);
    for (const one of group) {
      if (found === undefined && one.pending.attempts < attemptsMax) early.push(one.pending);
      else recordStatus(run, { ...one, found }, collected);
    }
  }
  if (early.length > 0)
    await deferEvents(
      run.tx,
      early.map((pending) => pending.eventId),
      deferSeconds,
    );
}

function recordStatus(
  run: { context: RunContext; configuration: AppConfiguration },
  what: PendingStatus & { found: Awaited<ReturnType<typeof changeReceipts>>[number] | undefined },
  collected: Collected,
): void {
  const { pending, status, found } = what;
  finish(pending, collected);
  collected.results.set(pending.eventId, { outcome: "recorded", messageIds: [] });
  traceRecorded(
    run.context,
    { pending, conversationId: found?.conversationId, content: { status, known: found !== undefined } },
    collected,
  );
  if (found === undefined) return;
  const channelSettings = run.configuration.channels.get(pending.channelId)?.channel.settings ?? {};
  collected.events.push({
    kind: "status",
    eventId: pending.eventId,
    channelId: pending.channelId,
    channelSettings,
    memberId: found.memberId,
    conversationId: found.conversationId,
    messageId: found.messageId,
    atMs: status.atMs,
    correlationId: pending.correlationId,
    status,
  });
}

/** A trace of an event that is only recorded: a status, a notice, an event of a channel that is gone. */
export function traceRecorded(
  context: RunContext,
  what: { pending: PendingEvent; conversationId?: `cnv_${string}` | undefined; content: unknown },
  collected: Collected,
): void {
  if (!context.keepsTraces) return;
  const { pending } = what;
  const field = { table: "traces", column: "content", row: toUuid(pending.eventId) };
  const trace = {
    correlationId: pending.correlationId,
    receivedAt: pending.receivedAt.toISOString(),
    recorded: what.content,
  };
  collected.outcome.traces.push({
    eventId: pending.eventId,
    channelId: pending.channelId,
    conversationId: what.conversationId,
    outcome: "recorded",
    content: context.sealer.seal(field, JSON.stringify(trace)),
  });
}

// The developer log: what happened to each inbound event, step by step.

import { z } from "zod";
import { isAllowedChannel } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { parseId, toUuid } from "../../../kernel/ids.ts";
import { anyJson } from "../../../kernel/json-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import type { Keychain, Sealer } from "../../keys/index.ts";
import { conversationErrors } from "../errors.ts";
import { findTrace, listTraces, type StoredTrace } from "../history-store.ts";

const TraceView = z.object({
  traceId: idOf("trace"),
  channelId: idOf("channel"),
  conversationId: idOf("conversation").optional(),
  outcome: z.enum(["answered", "silent", "failed", "recorded"]),
  startedAt: z.iso.datetime(),
  /** Event, candidates, nodes run, actions, responses, state changes, times, errors. */
  detail: anyJson("Event, candidates, nodes run, actions, responses, state changes, times, errors."),
});

const Page = z.object({ items: z.array(TraceView).max(100), after: z.string().max(64).optional() });

function toView(trace: StoredTrace, sealer: Sealer): z.infer<typeof TraceView> {
  const { traceId, channelId, conversationId, outcome } = trace;
  const field = { table: "traces", column: "content", row: toUuid(traceId) };
  const detail = JSON.parse(sealer.open(field, trace.content).toString("utf8"));
  const conversation = conversationId === undefined ? {} : { conversationId };
  return { traceId, channelId, ...conversation, outcome, startedAt: trace.startedAt.toISOString(), detail };
}

interface Deps {
  readonly keychain: Keychain;
}

/** GET /api/v1/traces/{traceId}. A trace has the digits of its event's id. */
export function createGetTrace(deps: Deps): Operation {
  return operation({
    name: "traces.get",
    summary: "The trace of one inbound event.",
    method: "GET",
    path: "/api/v1/traces/{traceId}",
    params: z.strictObject({ traceId: idOf("trace") }),
    output: TraceView,
    scope: "app",
    permission: "trace:read",
    channel: "filters",
    audit: { none: "reading the developer log; reads of conversations are recorded as such" },
    rate: "read",
    stepUp: false,
    async run({ tx, actor, input }) {
      const trace = await findTrace(tx, input.traceId);
      if (trace === undefined || !isAllowedChannel(actor, trace.channelId))
        throw new AppError(conversationErrors.traceNotFound);
      return toView(trace, await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" }));
    },
  });
}

/** GET /api/v1/traces: newest first. */
export function createListTraces(deps: Deps): Operation {
  return operation({
    name: "traces.list",
    summary: "Traces of inbound events, newest first.",
    method: "GET",
    path: "/api/v1/traces",
    query: z.strictObject({
      first: queryInteger(1, 100).optional(),
      after: idOf("trace").optional(),
      channelId: idOf("channel").optional(),
    }),
    output: Page,
    scope: "app",
    permission: "trace:read",
    channel: { field: "channelId" },
    audit: { none: "reading the developer log; reads of conversations are recorded as such" },
    rate: "read",
    stepUp: false,
    async run({ tx, actor, input }) {
      const first = input.first ?? 20;
      const traces = await listTraces(tx, { first, after: input.after, channelId: input.channelId });
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      const items = traces.map((trace) => toView(trace, sealer));
      const last = items.at(-1)?.traceId;
      const hasMore = items.length === first && parseId("trace", last) !== undefined;
      return { items, ...(hasMore ? { after: last } : {}) };
    },
  });
}

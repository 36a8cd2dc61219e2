// The delivery log over the API.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { toUuid } from "../../../kernel/ids.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import type { Keychain, Sealer } from "../../keys/index.ts";
import { webhookErrors } from "../errors.ts";
import { findDelivery, type LoggedAttempt, type LoggedDelivery, listAttempts, listDeliveries } from "../log-store.ts";
import { deliveryStates, eventKinds } from "../types.ts";

const path = "/api/v1/webhook-deliveries";
const attemptsShown = 100;

const deliveryFields = {
  /** Also the `webhook-id` the receiver sees. */
  deliveryId: idOf("delivery"),
  endpointId: idOf("endpoint"),
  event: z.enum(eventKinds),
  state: z.enum(deliveryStates),
  attempts: z.int(),
  /** Names the request or event that led to it. */
  correlationId: z.string().max(200),
  createdAt: z.iso.datetime(),
  /** Of a pending delivery. */
  nextAttemptAt: z.iso.datetime().optional(),
  finishedAt: z.iso.datetime().optional(),
};

const AttemptView = z.object({
  at: z.iso.datetime(),
  durationMs: z.int(),
  statusCode: z.int().optional(),
  /** Why there was no answer. */
  errorCode: z.string().max(200).optional(),
  /** The first 1,024 bytes of the answer. */
  response: z.string().max(1024).optional(),
});

const DeliveryView = z.object(deliveryFields);
const DeliveryDetailView = z.object({
  ...deliveryFields,
  /** As it was signed and sent. */
  body: z.json().meta({ wire: { type: "object" } }),
  /** Newest first; those before a replay included. */
  attemptLog: z.array(AttemptView).max(attemptsShown),
});

function toView(delivery: LoggedDelivery): z.infer<typeof DeliveryView> {
  const { deliveryId, endpointId, event, state, attempts, correlationId, dueAt, finishedAt } = delivery;
  return {
    ...{ deliveryId, endpointId, event, state, attempts, correlationId },
    createdAt: delivery.createdAt.toISOString(),
    ...(state === "pending" ? { nextAttemptAt: dueAt.toISOString() } : {}),
    ...(finishedAt === undefined ? {} : { finishedAt: finishedAt.toISOString() }),
  };
}

function toAttemptView(attempt: LoggedAttempt, open: (sealed: Buffer) => string): z.infer<typeof AttemptView> {
  const { at, durationMs, statusCode, errorCode, response } = attempt;
  return {
    ...{ at: at.toISOString(), durationMs },
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(response === undefined ? {} : { response: open(response) }),
  };
}

function toDetailView(
  delivery: LoggedDelivery & { readonly body: Buffer },
  attempts: readonly LoggedAttempt[],
  sealer: Sealer,
): z.infer<typeof DeliveryDetailView> {
  const row = toUuid(delivery.deliveryId);
  const body = sealer.open({ table: "webhook_deliveries", column: "body", row }, delivery.body).toString("utf8");
  const response = { table: "webhook_attempts", column: "response", row };
  const open = (sealed: Buffer): string => sealer.open(response, sealed).toString("utf8");
  const attemptLog = attempts.map((attempt) => toAttemptView(attempt, open));
  return { ...toView(delivery), body: JSON.parse(body), attemptLog };
}

/** GET /api/v1/webhook-deliveries: newest first. */
const listOperation: Operation = operation({
  name: "deliveries.list",
  summary: "Webhook deliveries, newest first.",
  method: "GET",
  path,
  query: z.strictObject({
    first: queryInteger(1, 100).optional(),
    after: idOf("delivery").optional(),
    endpointId: idOf("endpoint").optional(),
    state: z.enum(deliveryStates).optional(),
  }),
  output: z.object({ items: z.array(DeliveryView).max(100), after: z.string().max(64).optional() }),
  scope: "app",
  permission: "webhook:read",
  audit: { none: "the list of deliveries; what they said is recorded when it is read" },
  rate: "read",
  stepUp: false,
  async run({ tx, input }) {
    const { after, endpointId, state } = input;
    const first = input.first ?? 50;
    const items = (await listDeliveries(tx, { first, after, endpointId, state })).map(toView);
    const last = items.at(-1)?.deliveryId;
    return { items, ...(items.length === first && last !== undefined ? { after: last } : {}) };
  },
});

function createGetOperation(deps: { readonly keychain: Keychain }): Operation {
  return operation({
    name: "deliveries.get",
    summary: "One webhook delivery: what was sent, and every attempt.",
    method: "GET",
    path: `${path}/{deliveryId}`,
    params: z.strictObject({ deliveryId: idOf("delivery") }),
    output: DeliveryDetailView,
    scope: "app",
    permission: "webhook:read",
    audit: "webhook_delivery.read",
    rate: "read",
    stepUp: false,
    async run({ tx, actor, input }) {
      const delivery = await findDelivery(tx, input.deliveryId);
      if (delivery === undefined) throw new AppError(webhookErrors.deliveryNotFound);
      const attempts = await listAttempts(tx, input.deliveryId, attemptsShown);
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      return toDetailView(delivery, attempts, sealer);
    },
  });
}

/** The operations that read the log. */
export function createDeliveryOperations(deps: { readonly keychain: Keychain }): readonly Operation[] {
  return [listOperation, createGetOperation(deps)];
}

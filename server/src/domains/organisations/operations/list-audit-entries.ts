// The audit log over the API.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import { type AuditEntryRead, listAudit } from "../../audit/index.ts";

const targetMax = 2_000;

const EntryView = z.object({
  entryId: idOf("event"),
  at: z.iso.datetime(),
  /** Who acted: `user:usr_...`, `token:tok_...`, `system:...`, `operator:...`. */
  actor: z.string().max(200),
  /** What was done, `noun.verbed`. */
  action: z.string().max(100),
  operation: z.string().max(200),
  appId: idOf("app").optional(),
  /** The ids that were acted on. */
  targets: z
    .record(z.string().max(100), z.string().max(targetMax))
    .meta({ wire: { type: "object", additionalProperties: { type: "string", maxLength: targetMax } } }),
  requestId: z.string().max(200),
  remoteAddress: z.string().max(200),
});

function toView({ at, appId, targets, ...entry }: AuditEntryRead): z.infer<typeof EntryView> {
  // What is written there is bounded where it is made; a log must be readable whatever is in it.
  const cut = Object.entries(targets).map(([name, value]) => [name.slice(0, 100), String(value).slice(0, targetMax)]);
  const shown = { ...entry, requestId: entry.requestId.slice(0, 200), targets: Object.fromEntries(cut) };
  return { ...shown, at: at.toISOString(), ...(appId === undefined ? {} : { appId }) };
}

const time = z.iso.datetime({ offset: true });

/** GET /api/v1/audit-entries: newest first. */
export const listAuditEntries: Operation = operation({
  name: "auditEntries.list",
  summary: "The organisation's audit log, newest first.",
  method: "GET",
  path: "/api/v1/audit-entries",
  query: z.strictObject({
    first: queryInteger(1, 100).optional(),
    after: idOf("event").optional(),
    from: time.optional(),
    /** Not included. */
    until: time.optional(),
    actor: z.string().min(1).max(200).optional(),
    action: z.string().min(1).max(100).optional(),
    appId: idOf("app").optional(),
  }),
  output: z.object({ items: z.array(EntryView).max(100), after: idOf("event").optional() }),
  scope: "organisation",
  permission: "audit:read",
  audit: { none: "entries about reading entries would fill the log with itself" },
  rate: "read",
  stepUp: false,
  async run({ tx, input }) {
    const { from, until, ...filter } = input;
    const first = input.first ?? 50;
    const items = await listAudit(tx, {
      ...filter,
      first,
      from: from === undefined ? undefined : new Date(from),
      until: until === undefined ? undefined : new Date(until),
    });
    const last = items.at(-1)?.entryId;
    return { items: items.map(toView), ...(items.length === first && last !== undefined ? { after: last } : {}) };
  },
});

// What a background job is: a name, a payload of ids, how it is tried, and what it does. Payloads stand in tables without
// row-level security and in clear, so whatever a person wrote must never get into one: the type refuses it, the definition
// refuses it, and so does a constraint of the database.

import { z } from "zod";
import { AppError, defineErrors } from "../../kernel/errors.ts";
import { isIdSchema } from "../../kernel/id-schema.ts";
import type { Id, IdKind } from "../../kernel/ids.ts";
import type { BatchTx, OrganisationTx, TenantTx } from "../../kernel/tenant-tx.ts";

export const jobErrors = defineErrors({
  invalid: {
    code: "jobs.invalid",
    status: 500,
    sentence: "A background job was declared or queued in a way that is not allowed. Nothing was queued.",
  },
  stuck: { code: "jobs.stuck", status: 500, sentence: "Background jobs did not stop in time." },
});

type PlainField = z.ZodType<Id<IdKind>> | z.ZodEnum | z.ZodNumberFormat | z.ZodBoolean;
/** What may stand in a payload: ids, words of a fixed list, whole numbers of at most six digits, yes and no. */
export type JobField = PlainField | z.ZodOptional<PlainField>;
export type PayloadShape = Readonly<Record<string, JobField>>;
export type PayloadSchema<S extends PayloadShape> = z.ZodObject<S, z.core.$strict>;

/** Where a job may be queued from. */
export type JobTx = TenantTx | OrganisationTx | BatchTx;

export interface JobContext {
  readonly jobId: string;
  /** Aborted when the job outran its time or the process stops: whatever else it does is in vain. */
  readonly signal: AbortSignal;
}

export interface JobOptions<S extends PayloadShape> {
  /** `domain.verb`. */
  readonly name: string;
  readonly payload: PayloadSchema<S>;
  /** Tries after the first; the pause doubles from `delaySeconds` up to `delaySecondsMax`. */
  readonly retry: { readonly limit: number; readonly delaySeconds: number; readonly delaySecondsMax: number };
  /** How long one try may take. */
  readonly expirySeconds: number;
  /** How many a process runs side by side: 1 unless said. */
  readonly concurrency?: number;
  /** Must bear being run again: a try whose process dies is repeated. */
  run(payload: z.output<PayloadSchema<S>>, context: JobContext): Promise<void>;
}

/** A declared job. */
export interface Job<Payload> {
  readonly name: string;
  /** As pg-boss stores it with the queue. */
  readonly policy: Readonly<Record<string, number | boolean>>;
  readonly concurrency: number;
  /** Throws `jobs.invalid` for anything that is not a payload of this job. */
  readonly parse: (payload: unknown) => Payload;
  readonly run: (payload: unknown, context: JobContext) => Promise<void>;
}

const namePattern = /^[a-z][a-z-]{0,39}\.[a-z][a-z-]{0,39}$/;
const fieldPattern = /^[a-z][a-zA-Z]{0,39}$/;
const wordPattern = /^[a-z][a-z_]{0,31}$/;
const integerMax = 999_999;
const day = 86_400;
/** A running job says twice in this time that its process lives; one that was silent as long is given to another. */
const heartbeatSeconds = 10;

function isHarmless(field: unknown): boolean {
  if (field instanceof z.ZodOptional) return isHarmless(field.unwrap());
  if (field instanceof z.ZodEnum) return field.options.every((word) => wordPattern.test(String(word)));
  if (field instanceof z.ZodNumber) {
    const [least, most] = [field.minValue ?? -Infinity, field.maxValue ?? Infinity];
    return field.isInt && least >= -integerMax && most <= integerMax;
  }
  return field instanceof z.ZodBoolean || (typeof field === "object" && field !== null && isIdSchema(field));
}

/** SECURITY: no schema that lets a free text, a telephone number or an unknown key through becomes a job's payload. */
function assertIdsOnly(name: string, schema: z.ZodObject): void {
  const isStrict = schema.def.catchall instanceof z.ZodNever;
  const [mistaken] =
    Object.entries(schema.shape).find(([key, field]) => !fieldPattern.test(key) || !isHarmless(field)) ?? [];
  if (isStrict && mistaken === undefined) return;
  throw new AppError(jobErrors.invalid, { note: `${name}: ${mistaken ?? "unknown keys"} may hold more than an id` });
}

/** Declares a job. Throws `jobs.invalid` when its payload could hold anything but ids. */
export function toJob<S extends PayloadShape>(options: JobOptions<S>): Job<z.output<PayloadSchema<S>>> {
  const { name, payload: schema, retry, expirySeconds } = options;
  if (!namePattern.test(name)) throw new AppError(jobErrors.invalid, { note: `${name} is not written domain.verb` });
  assertIdsOnly(name, schema);
  const parse = (payload: unknown): z.output<PayloadSchema<S>> => {
    const result = schema.safeParse(payload);
    if (result.success) return result.data;
    // The fields only: what stands in them may be what must not be told.
    const fields = result.error.issues.map((issue) => issue.path.join(".") || "unknown keys");
    throw new AppError(jobErrors.invalid, { note: `${name}: ${fields.join(", ")}` });
  };
  const policy = {
    retryLimit: retry.limit,
    retryDelay: retry.delaySeconds,
    retryBackoff: true,
    retryDelayMax: retry.delaySecondsMax,
    expireInSeconds: expirySeconds,
    heartbeatSeconds,
    retentionSeconds: 14 * day,
    deleteAfterSeconds: day,
  };
  return {
    name,
    policy,
    concurrency: options.concurrency ?? 1,
    parse,
    run: (payload, context) => options.run(parse(payload), context),
  };
}

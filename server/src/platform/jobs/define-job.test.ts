import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { idOf } from "../../kernel/id-schema.ts";
import { newId } from "../crypto/random.ts";
import { type JobField, type JobOptions, type PayloadShape, toJob } from "./define-job.ts";

const rest = {
  name: "test.run",
  retry: { limit: 1, delaySeconds: 1, delaySecondsMax: 1 },
  expirySeconds: 60,
  run: async () => undefined,
};
const context = { jobId: "1", signal: new AbortController().signal };

describe("a job's payload", () => {
  it("SECURITY: may be declared of ids, words of a list, yes and no, and short whole numbers, and of nothing else", () => {
    const fields: Record<string, JobField> = {
      id: idOf("channel"),
      maybe: idOf("app").optional(),
      word: z.enum(["first_run", "second"]),
      flag: z.boolean(),
      attempt: z.int().min(0).max(999_999),
    };
    for (const [key, field] of Object.entries(fields)) {
      expect(() => toJob({ ...rest, payload: z.strictObject({ [key]: field }) }), key).not.toThrow();
    }
    const refused: Record<string, z.ZodObject> = {
      text: z.strictObject({ field: z.string() }),
      boundedText: z.strictObject({ field: z.string().max(3) }),
      anything: z.strictObject({ field: z.any() }),
      unknown: z.strictObject({ field: z.unknown() }),
      longNumber: z.strictObject({ field: z.int().min(0).max(1_000_000) }),
      unboundedNumber: z.strictObject({ field: z.int() }),
      fraction: z.strictObject({ field: z.number().min(0).max(1) }),
      sentence: z.strictObject({ field: z.enum(["Hello there"]) }),
      list: z.strictObject({ field: z.array(idOf("app")) }),
      nested: z.strictObject({ field: z.strictObject({ id: idOf("app") }) }),
      union: z.strictObject({ field: z.union([idOf("app"), z.string()]) }),
      forged: z.strictObject({ field: z.custom(() => true) }),
      unknownKeys: z.looseObject({ id: idOf("app") }),
      lenient: z.object({ id: idOf("app") }),
      key: z.strictObject({ "a text as a key": idOf("app") }),
    };
    for (const [what, payload] of Object.entries(refused)) {
      const declaring = (): unknown => toJob({ ...rest, payload } as unknown as JobOptions<PayloadShape>);
      expect(declaring, what).toThrow(expect.objectContaining({ code: "jobs.invalid" }));
    }
  });

  it("SECURITY: of text does not compile", () => {
    expectTypeOf(z.string()).not.toExtend<JobField>();
    expectTypeOf(z.number()).not.toExtend<JobField>();
    expectTypeOf(z.array(z.string())).not.toExtend<JobField>();
    expectTypeOf(z.strictObject({ text: z.string() })).not.toExtend<JobField>();
    expectTypeOf(idOf("channel")).toExtend<JobField>();
    expectTypeOf<{ channelId: string }>().not.toExtend<ReturnType<typeof job.parse>>();
  });

  const job = toJob({ ...rest, payload: z.strictObject({ channelId: idOf("channel") }) });

  it("SECURITY: is refused when it holds anything else, without repeating what it holds", async () => {
    const channelId = newId("channel");
    expect(job.parse({ channelId })).toEqual({ channelId });
    for (const payload of [
      {},
      { channelId: "hello" },
      { channelId, text: "hello" },
      { channelId: newId("app") },
      null,
    ]) {
      expect(() => job.parse(payload)).toThrow(expect.objectContaining({ code: "jobs.invalid" }));
      expect(() => job.parse(payload)).not.toThrow("hello");
      expect(() => job.run(payload, context)).toThrow(expect.objectContaining({ code: "jobs.invalid" }));
    }
  });

  it.each(["Test.run", "run", "test.run.again", "test run"])("needs a job named domain.verb, not %s", (name) => {
    expect(() => toJob({ ...rest, name, payload: z.strictObject({}) })).toThrow(
      expect.objectContaining({ code: "jobs.invalid" }),
    );
  });
});

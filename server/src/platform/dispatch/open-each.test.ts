import { describe, expect, it } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import { databaseErrors } from "../db/index.ts";
import { openEach } from "./index.ts";

/** Opens five rows, the second and fourth of which cannot be. */
async function open(errors: readonly [unknown, unknown]) {
  const failed: number[] = [];
  const closed: { row: number; waitMs: number }[] = [];
  const opened = await openEach<number, string>({
    rows: [0, 1, 2, 3, 4],
    open: async (row) => {
      if (row === 1) throw errors[0];
      if (row === 3) throw errors[1];
      return row === 4 ? [] : [`item ${row}`];
    },
    onFailure: (row) => void failed.push(row),
    putOff: async (rows) => void closed.push(...rows),
  });
  return { opened, failed, closed };
}

describe("openEach", () => {
  it("SECURITY: opens what can be opened, in order, and puts off the rest: long for good, shortly for now", async () => {
    const { opened, failed, closed } = await open([new RangeError("torn"), new AppError(databaseErrors.unavailable)]);
    expect([opened, failed]).toEqual([
      ["item 0", "item 2"],
      [1, 3],
    ]);
    expect(closed).toEqual([
      { row: 1, waitMs: 1_800_000 },
      { row: 3, waitMs: 5_000 },
    ]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../kernel/errors.ts";
import { databaseErrors } from "../db/index.ts";
import { recordSurely } from "./record-surely.ts";

const away = new AppError(databaseErrors.unavailable);

describe("recordSurely", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Fails `failures` times with `error`; says how often it was asked. */
  async function record(failures: number, error: unknown, isStopping = () => false) {
    const failed: unknown[] = [];
    let asked = 0;
    const recorded = recordSurely({
      record: async () => {
        asked += 1;
        if (asked <= failures) throw error;
      },
      isStopping,
      onFailure: (cause) => failed.push(cause),
    });
    await vi.runAllTimersAsync();
    return { isRecorded: await recorded, asked, failed: failed.length };
  }

  it("asks again for as long as the database is away", async () => {
    expect(await record(40, away)).toEqual({ isRecorded: true, asked: 41, failed: 40 });
  });

  it("gives up what is refused five times for itself", async () => {
    expect(await record(40, new AppError(databaseErrors.conflict))).toEqual({ isRecorded: false, asked: 5, failed: 5 });
  });

  it("leaves it to a successor when the process stops", async () => {
    expect(await record(40, away, () => true)).toEqual({ isRecorded: false, asked: 1, failed: 1 });
  });
});

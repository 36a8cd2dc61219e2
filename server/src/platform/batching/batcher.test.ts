import { describe, expect, it } from "vitest";
import { Batcher } from "./batcher.ts";

describe("Batcher", () => {
  it("hands on items in order, one batch at a time, and gives each its own result", async () => {
    const batches: number[][] = [];
    let running = 0;
    const batcher = new Batcher<number, number>({
      batchMax: 4,
      handle: async (items) => {
        running += 1;
        expect(running).toBe(1);
        batches.push([...items]);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return items.map((item) => item * 10);
      },
    });
    const results = await Promise.all(Array.from({ length: 10 }, (_, index) => batcher.submit(index)));
    expect(results).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(batches.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(batches.length).toBe(3);
  });

  it("fails only the items of the batch that failed", async () => {
    const batcher = new Batcher<number, number>({
      batchMax: 2,
      handle: async (items) => {
        if (items.includes(1)) throw new RangeError("no ones");
        return items;
      },
    });
    const settled = await Promise.allSettled([0, 1, 2, 3].map((item) => batcher.submit(item)));
    expect(settled.map((one) => one.status)).toEqual(["rejected", "rejected", "fulfilled", "fulfilled"]);
    await batcher.drain();
    expect(batcher.backlog).toBe(0);
  });
});

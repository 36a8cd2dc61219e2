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

  it("fails only the items that cannot be handled when told to split, in order, and whole batches otherwise", async () => {
    const handled: number[][] = [];
    const batcher = new Batcher<number, number>({
      batchMax: 8,
      splitsOn: (error) => error instanceof RangeError,
      handle: async (items) => {
        if (items.includes(2) || items.includes(5)) throw new RangeError("not these");
        if (items.includes(9)) throw new TypeError("none of these");
        handled.push([...items]);
        return items;
      },
    });
    const submit = (items: readonly number[]) => Promise.allSettled(items.map((item) => batcher.submit(item)));
    const first = await submit([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(first.flatMap((one, item) => (one.status === "rejected" ? [item] : []))).toEqual([2, 5]);
    expect(handled).toEqual([[0, 1], [3], [4], [6, 7]]);
    const second = await submit([8, 9]);
    expect(second.map((one) => one.status)).toEqual(["rejected", "rejected"]);
  });

  describe("with batches that let the next one begin", () => {
    /** Handles items once they are let go; notes what began and what ended. */
    function createHeld(keysOf: (item: number) => readonly number[]) {
      const log: string[] = [];
      const held = new Map<string, () => void>();
      const batcher = new Batcher<number, number>({
        batchMax: 2,
        keysOf,
        handle: async (items, goOn) => {
          const name = items.join();
          log.push(`begin ${name}`);
          goOn();
          await new Promise<void>((resolve) => held.set(name, resolve));
          log.push(`end ${name}`);
          return items;
        },
      });
      const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
      const letGo = async (name: string): Promise<void> => {
        held.get(name)?.();
        await turn();
      };
      return { log, batcher, turn, letGo };
    }

    it("has two under way, and begins the third when one has ended", async () => {
      const { log, batcher, turn, letGo } = createHeld((item) => [item]);
      const all = Promise.all([1, 2, 3, 4, 5].map((item) => batcher.submit(item)));
      await turn();
      expect(log).toEqual(["begin 1,2", "begin 3,4"]);
      await letGo("3,4");
      expect(log.slice(2)).toEqual(["end 3,4", "begin 5"]);
      await letGo("1,2");
      await letGo("5");
      expect(await all).toEqual([1, 2, 3, 4, 5]);
      await batcher.drain();
    });

    it("never has two of one key under way, and keeps them in order; others pass by", async () => {
      const { log, batcher, turn, letGo } = createHeld((item) => [item % 10]);
      const all = Promise.all([1, 2, 11, 21, 3].map((item) => batcher.submit(item)));
      await turn();
      expect(log).toEqual(["begin 1,2", "begin 3"]);
      await letGo("3");
      expect(log).toHaveLength(3);
      let hasDrained = false;
      const draining = batcher.drain().then(() => {
        hasDrained = true;
      });
      await letGo("1,2");
      expect(log.slice(3)).toEqual(["end 1,2", "begin 11,21"]);
      expect(hasDrained).toBe(false);
      await letGo("11,21");
      expect(await all).toEqual([1, 2, 11, 21, 3]);
      await draining;
    });

    it("goes on after a batch that failed", async () => {
      const batcher = new Batcher<number, number>({
        batchMax: 1,
        keysOf: () => [7],
        handle: async (items, goOn) => {
          goOn();
          await new Promise((resolve) => setImmediate(resolve));
          if (items[0] === 1) throw new RangeError("no ones");
          return items;
        },
      });
      const settled = await Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)));
      expect(settled.map((one) => one.status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    });
  });
});

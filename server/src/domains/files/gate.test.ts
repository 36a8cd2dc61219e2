import { expect, it } from "vitest";
import { createSharedGate } from "./gate.ts";

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

it("SECURITY: one app's slow work leaves room for the others'", async () => {
  const gate = createSharedGate({ atOnce: 4, each: 2, waitingMax: 10 });
  const running: string[] = [];
  const finish: (() => void)[] = [];
  const work = (name: string) => () => {
    running.push(name);
    return new Promise<void>((resolve) => finish.push(resolve));
  };
  const slow = Array.from({ length: 6 }, () => gate("slow", work("slow")));
  const quick = gate("quick", work("quick"));
  await pause();
  expect(running).toEqual(["slow", "slow", "quick"]);
  while (running.length < 7 || finish.length > 0) {
    finish.shift()?.();
    await pause();
  }
  await Promise.all([...slow, quick]);
  expect(running).toHaveLength(7);
});

it("refuses when too many wait, and is open again afterwards", async () => {
  const gate = createSharedGate({ atOnce: 2, each: 1, waitingMax: 1 });
  const first = gate("one", pause);
  const second = gate("one", pause);
  expect(gate("one", pause)).toBeUndefined();
  await Promise.all([first, second]);
  await expect(gate("one", () => Promise.resolve("done"))).resolves.toBe("done");
});

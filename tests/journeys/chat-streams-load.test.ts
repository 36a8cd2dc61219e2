// A thousand visitors' streams on one process: what each costs, and how quickly a message reaches one of them.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectable } from "../bench/inspector.ts";
import { measureFreed, measureMemory, measureMessages, prepareCrowd, type Stage } from "../bench/measure-streams.ts";
import { measureTwice, print } from "../bench/measure-twice.ts";
import type { ChatStream } from "../support/chat.ts";
import { type ChatHouse, openChatHouse } from "../support/chat-house.ts";

const streamKiBMax = 25;
const messageP99Max = 150;

let house: ChatHouse;
let stage: Stage;
/** Opened by the first test; the others go on with them. */
let streams: ChatStream[] = [];

beforeAll(async () => {
  house = await openChatHouse(inspectable);
  stage = await prepareCrowd(house, 1_000);
}, 180_000);

afterAll(async () => {
  expect(await house?.close()).toBe(0);
}, 60_000);

describe("1 000 open streams of visitors", () => {
  it("hold less than 25 KiB each, in the memory of the process and in its heap", async () => {
    const { cost, streams: opened } = await measureMemory(stage);
    streams = opened;
    print("memory of a stream", cost);
    expect(cost.streams).toBe(1_000);
    // What the operating system counts depends on what was free before; the heap says what is really held.
    expect(cost.rssKiB).toBeLessThan(streamKiBMax);
    expect(cost.heapKiB + cost.externalKiB).toBeLessThan(streamKiBMax);
    expect(cost.heapKiB).toBeGreaterThan(0);
  }, 120_000);

  it("are reached by a message within 150 ms in 99 of 100 cases, every one of 300", async () => {
    const times = await measureTwice(
      "a message to one of 1 000",
      () => measureMessages(stage, streams, 300),
      ({ p99Ms }) => p99Ms < messageP99Max,
    );
    expect(times.p99Ms).toBeLessThan(messageP99Max);
    for (const { endedAtMs } of streams) expect(endedAtMs).toBeUndefined();
  }, 120_000);

  it("give their memory back when they are closed", async () => {
    const freedKiB = await measureFreed(stage, streams);
    print("given back by each", { freedKiB });
    expect(freedKiB).toBeGreaterThan(3);
  }, 60_000);
});

// Peers that hold connections, each in one of the ways there are: how quick the others are still served.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureSlow, prepareCrowd, type Stage } from "../bench/measure-streams.ts";
import { measureTwice } from "../bench/measure-twice.ts";
import { slowKinds } from "../bench/slow-peers.ts";
import { type ChatHouse, openChatHouse } from "../support/chat-house.ts";

const botP99Max = 1_000;

let house: ChatHouse;
let stage: Stage;

beforeAll(async () => {
  house = await openChatHouse();
  stage = await prepareCrowd(house, 1_000);
}, 180_000);

afterAll(async () => {
  expect(await house?.close()).toBe(0);
}, 60_000);

describe("peers that hold connections", () => {
  it.each([...slowKinds])(
    "SECURITY: slow %s: leave the Bot API's answers under a second in 99 of 100 cases",
    async (kind) => {
      const result = await measureTwice(
        `beside slow peers (${kind})`,
        () => measureSlow(stage, kind, 200),
        ({ p99Ms }) => p99Ms < botP99Max,
      );
      expect(result.p99Ms).toBeLessThan(botP99Max);
      expect(result.held).toBe(result.peers);
    },
    120_000,
  );
});

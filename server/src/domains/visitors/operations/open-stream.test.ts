import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { type AfterCommit, type OperationContext, StreamAnswer } from "../../../kernel/operation.ts";
import { VisitorLimits } from "../limits/visitor-limits.ts";
import type { StreamOwner } from "../live/visitor-streams.ts";
import { tokenSeconds } from "../sessions/token.ts";
import type { VisitorDeps } from "./deps.ts";
import { createOpenStream } from "./open-stream.ts";

const channelId = `chn_${"c".repeat(32)}` as const;
const limits = new VisitorLimits();
const attached: StreamOwner[] = [];
const deps = {
  directory: { find: async () => ({ channelId, enabled: true, web: {} }) },
  keychain: { sealerFor: async () => ({ blindIndex: () => Buffer.alloc(16) }) },
  streams: {
    assertRoom: () => undefined,
    attach: (_response: ServerResponse, owner: StreamOwner) => void attached.push(owner),
  },
  limits,
} as unknown as VisitorDeps;

function open(isBegun: boolean): Promise<AfterCommit<unknown>> {
  const visitorId = `vis_${"1".repeat(32)}`;
  const actor = {
    kind: "visitor",
    visitorId,
    channelId,
    channelIds: [channelId],
    isBegun,
    site: "https://shop.example",
  };
  const context = { actor, input: { channelId }, tx: { query: async () => [] }, origin: { address: "203.0.113.7" } };
  const { run } = createOpenStream(deps);
  return run(context as unknown as OperationContext<never>) as Promise<AfterCommit<unknown>>;
}

describe("a stream", () => {
  it("SECURITY: outlasts no token, so that nobody listens on with one that was copied and exchanged since", async () => {
    for (const isBegun of [true, false]) {
      const answer = await (await open(isBegun)).work();
      expect(answer).toBeInstanceOf(StreamAnswer);
      (answer as StreamAnswer).attach({} as ServerResponse);
    }
    expect(attached.map(({ seconds, site }) => [seconds <= tokenSeconds, site])).toEqual([
      [true, "https://shop.example"],
      [true, "https://shop.example"],
    ]);
  });

  it("takes its place among the open ones after the commit only: what is rolled back leaves none taken", async () => {
    for (const { onClose } of attached) onClose();
    for (let tries = 0; tries < 20; tries += 1) await open(true);
    await expect((await open(true)).work()).resolves.toBeInstanceOf(StreamAnswer);
  });
});

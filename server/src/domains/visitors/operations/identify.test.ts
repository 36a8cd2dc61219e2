import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../kernel/clock.ts";
import type { OperationContext } from "../../../kernel/operation.ts";
import { VisitorLimits } from "../limits/visitor-limits.ts";
import type { VisitorDeps } from "./deps.ts";
import { createIdentify } from "./identify.ts";

const channelId = `chn_${"c".repeat(32)}` as const;
const channel = {
  ...{ channelId, enabled: true, credentials: {} },
  web: { consentRequired: true, identity: { mode: "optional" }, proofOfWork: "auto" },
};
const deps = {
  directory: { find: async () => channel },
  keychain: { sealerFor: async () => ({ blindIndex: () => Buffer.alloc(16) }) },
  limits: new VisitorLimits(),
  clock: createManualClock(1_790_000_000_000),
} as unknown as VisitorDeps;

function identify(input: object, isBegun: boolean): Promise<unknown> {
  const actor = { kind: "visitor", visitorId: `vis_${"1".repeat(32)}`, channelId, channelIds: [channelId], isBegun };
  const context = {
    ...{ actor, input: { jwt: "a.b.c", channelId, ...input }, tx: { query: async () => [] }, requestId: "r" },
    origin: { address: "203.0.113.7" },
  };
  const { run } = createIdentify(deps);
  return run(context as unknown as OperationContext<never>) as Promise<unknown>;
}

describe("identify", () => {
  it("SECURITY: stores nothing the website says of a visitor who was asked for consent and gave none", async () => {
    await expect(identify({}, false)).rejects.toMatchObject({ code: "visitors.consent_required" });
    await expect(identify({ consent: true }, false)).resolves.toMatchObject({ work: expect.any(Function) });
    await expect(identify({}, true)).resolves.toMatchObject({ work: expect.any(Function) });
  });
});

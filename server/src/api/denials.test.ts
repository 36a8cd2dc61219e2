import { describe, expect, it } from "vitest";
import type { Caller } from "../kernel/actor.ts";
import { createManualClock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { Operation } from "../kernel/operation.ts";
import { createMemoryLog } from "../platform/http/testing.ts";
import { Denials } from "./denials.ts";
import { apiErrors } from "./errors.ts";
import { changeThing, createSampleServer, listThings, sampleActor } from "./testing/sample-api.ts";

function createStage() {
  const clock = createManualClock(1_000_000);
  const entries: object[] = [];
  const record = async (_actor: Caller, organisationId: string, entry: object) =>
    void entries.push({ organisationId, ...entry });
  return { clock, entries, denials: new Denials({ clock, log: createMemoryLog(), record }) };
}

const denied = {
  actor: sampleActor,
  operation: changeThing as Operation,
  error: new AppError(apiErrors.forbidden),
  requestId: "r",
  remoteAddress: "192.0.2.1",
};

describe("denials", () => {
  it("are in the log of the organisation in which somebody was denied, once a minute each", () => {
    const { denials, entries, clock } = createStage();
    for (let times = 0; times < 5; times += 1) denials.note(denied);
    expect(entries).toEqual([
      expect.objectContaining({
        organisationId: sampleActor.organisationId,
        action: "access.denied",
        operation: "things.change",
        targets: { code: "api.forbidden", permission: "things:write", appId: sampleActor.appId },
      }),
    ]);
    denials.note({ ...denied, operation: listThings as Operation });
    clock.advance(60_000);
    denials.note(denied);
    expect(entries).toHaveLength(3);
  });

  it("leave out what is no denial and whoever has not said who they are", () => {
    const { denials, entries } = createStage();
    denials.note({ ...denied, error: new AppError(apiErrors.invalidRequest) });
    denials.note({ ...denied, actor: { kind: "anonymous" } });
    denials.note({ ...denied, error: new TypeError("bug") });
    expect(entries).toEqual([]);
  });

  it("are noted by the guards of every operation", async () => {
    const { denials, entries } = createStage();
    const { server } = createSampleServer({ denials, authenticate: async () => ({ ...sampleActor, scopes: [] }) });
    const answer = await server.inject({ url: "/api/v1/things", headers: { authorization: "Bearer x" } });
    expect([answer.statusCode, entries.length]).toEqual([403, 1]);
  });
});

import { describe, expect, it } from "vitest";
import { afterCommit, type Operation } from "../kernel/operation.ts";
import type { ApiOptions } from "./build-api.ts";
import { createSampleServer, listThings, noDatabase, sendThing } from "./testing/sample-api.ts";

const holder = { authorization: "Bearer holder" };
const json = { authorization: "Bearer holder", "content-type": "application/json" };

describe("carrying out a call", () => {
  it("answers a bug, and logs it, when what an operation answers is not its view", async () => {
    const rolledBack: unknown[] = [];
    const withTenant: ApiOptions["database"]["withTenant"] = (_actor, _tenant, work) =>
      work({} as never).catch((error: unknown) => {
        rolledBack.push(error);
        throw error;
      });
    const broken: Operation = { ...(listThings as Operation), run: async () => ({ id: "secret", name: 1 }) };
    const { server, log } = createSampleServer({ operations: [broken], database: { ...noDatabase, withTenant } });
    const answer = await server.inject({ url: "/api/v1/things", headers: holder });
    expect([answer.statusCode, answer.json().code]).toEqual([500, "kernel.bug"]);
    expect(answer.body).not.toContain("secret");
    expect(rolledBack).toHaveLength(1);
    expect(log.lines.filter((line) => line.level === "error")).toHaveLength(1);
  });

  it.each([
    ["a view that is not declared", async () => ({ status: 200, body: { ok: 7 } })],
    ["a crash", async () => Promise.reject(new TypeError("secret"))],
  ])("does not say that nothing was changed when %s comes after the commit", async (_what, work) => {
    const late: Operation = { ...(sendThing as Operation), run: async () => afterCommit(work) };
    const { server, log } = createSampleServer({ operations: [late] });
    const answer = await server.inject({
      method: "POST",
      url: "/api/v1/send",
      headers: json,
      payload: { status: 200 },
    });
    expect([answer.statusCode, answer.json().code, answer.json().ok]).toEqual([500, "api.answer_lost", 0]);
    expect(answer.body).not.toContain("secret");
    expect(log.lines.filter((line) => line.level === "error")).toHaveLength(1);
  });
});

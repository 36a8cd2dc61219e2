import { describe, expect, it } from "vitest";
import { z } from "zod";
import { AppError } from "../kernel/errors.ts";
import type { Operation } from "../kernel/operation.ts";
import { operation } from "../kernel/operation.ts";
import { listSurfaceHeaders } from "../platform/http/index.ts";
import type { AuditEntry } from "./call.ts";
import { refusalCases } from "./testing/refusal-cases.ts";
import {
  absentId,
  changeThing,
  createSampleServer,
  listThings,
  noDatabase,
  sampleTokens,
  sendThing,
  thingId,
} from "./testing/sample-api.ts";
import { sendCase } from "./testing/send-case.ts";

const samples = [
  { declared: listThings as Operation, sample: { query: { first: "5" } } },
  {
    declared: changeThing as Operation,
    sample: { params: { thingId }, absent: { thingId: absentId }, body: { name: "n", notes: ["a"] } },
  },
  { declared: sendThing as Operation, sample: { body: { status: 200 } } },
];
const sweep = samples.flatMap(({ declared, sample }) =>
  refusalCases(declared, sample).map((refusal) => ({ ...refusal, title: `${declared.name} refuses ${refusal.title}` })),
);

const holder = { authorization: "Bearer holder" };
const json = { ...holder, "content-type": "application/json" };
const change = { method: "POST", url: `/api/v1/things/${thingId}` } as const;

describe("every operation", () => {
  it.each(sweep)("$title with $status", async (refusal) => {
    const { server } = createSampleServer();
    const answer = await sendCase(server, refusal, sampleTokens);
    expect(answer.status).toBe(refusal.status);
    expect(answer.headers).toMatchObject(Object.fromEntries(listSurfaceHeaders("api", false)));
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.problem).toMatchObject({ status: refusal.status, requestId: answer.headers["x-request-id"] });
    const named = answer.problem.errors?.map((mistake) => mistake.path) ?? [];
    expect(named).toEqual(expect.arrayContaining([refusal.path ?? []].flat()));
    const wanted = { 401: "www-authenticate", 405: "allow", 429: "retry-after" }[refusal.status];
    expect(Object.keys(answer.headers)).toEqual(expect.arrayContaining([wanted ?? []].flat()));
  });

  it("takes the good request that its refusals are made from", async () => {
    const { server } = createSampleServer();
    expect((await server.inject({ url: "/api/v1/things?first=5", headers: holder })).json()).toMatchObject({
      first: 5,
    });
    const answer = await server.inject({ ...change, headers: json, payload: { name: "n", notes: ["a"] } });
    expect(answer.statusCode).toBe(200);
  });

  it("says where its caller stands with the rate limit", async () => {
    const answer = await createSampleServer().server.inject({ url: "/api/v1/things", headers: holder });
    expect(answer.headers).toMatchObject({
      "ratelimit-limit": "20",
      "ratelimit-remaining": "19",
      "ratelimit-reset": "60",
    });
  });
});

describe("the input of an operation", () => {
  it("is refused with every mistake of path, query and body at once", async () => {
    const { server } = createSampleServer();
    const url = "/api/v1/things/nonsense?b=1";
    const answer = await server.inject({
      method: "POST",
      url,
      headers: json,
      payload: { name: "", notes: ["abcdef"], appId: 1 },
    });
    const paths = answer.json().errors.map((mistake: { path: string }) => mistake.path);
    expect(paths.sort()).toEqual(["appId", "b", "name", "notes[0]", "thingId"]);
  });

  it.each(["Infinity", "1e309", "0x10", " 5", "5 ", "05", "-0", "+5", "5.0", "", "101", "0", "9".repeat(400), "٥"])(
    "does not take %j for a number",
    async (first) => {
      const { server } = createSampleServer();
      const answer = await server.inject({
        url: `/api/v1/things?${new URLSearchParams({ first }).toString()}`,
        headers: holder,
      });
      expect(answer.statusCode).toBe(400);
      expect(answer.json().errors).toEqual([{ path: "first", message: "must be a whole number from 1 to 100" }]);
    },
  );

  it("does not take a query field twice", async () => {
    const answer = await createSampleServer().server.inject({ url: "/api/v1/things?first=1&first=2", headers: holder });
    expect(answer.json().errors[0].path).toBe("first");
  });

  it("shows a name from outside cut to a length that can be shown", async () => {
    const { server } = createSampleServer();
    const answer = await server.inject({ ...change, headers: json, payload: { name: "n", ["k".repeat(50_000)]: 1 } });
    expect(answer.statusCode).toBe(400);
    expect(answer.body.length).toBeLessThan(1000);
  });
});

describe("the registry", () => {
  it("answers the declared view and never a row", async () => {
    const answer = await createSampleServer().server.inject({ ...change, headers: json, payload: { name: "n" } });
    expect(answer.json()).toEqual({ id: thingId, name: "n" });
  });

  it("records a change with what it acted on, in the transaction of the change", async () => {
    const entries: AuditEntry[] = [];
    const { server } = createSampleServer({ recordAudit: async (_tx, entry) => void entries.push(entry) });
    const answer = await server.inject({ ...change, headers: json, payload: { name: "n" } });
    expect(entries).toEqual([
      {
        action: "thing.changed",
        operation: "things.change",
        requestId: answer.headers["x-request-id"],
        remoteAddress: "127.0.0.1",
        targets: { thingId },
        view: { id: thingId, name: "n" },
      },
    ]);
  });

  it("opens the transaction in the token's own tenant", async () => {
    const opened: unknown[] = [];
    const { server } = createSampleServer({
      database: { ...noDatabase, withTenant: (_actor, tenant, work) => (opened.push(tenant), work({} as never)) },
    });
    await server.inject({ url: "/api/v1/things", headers: holder });
    expect(opened).toEqual([{ organisationId: `org_${"4".repeat(32)}`, appId: `app_${"5".repeat(32)}` }]);
  });

  it("lets an operation choose status and body after the commit, and keeps its fields in problem bodies", async () => {
    const { server } = createSampleServer();
    const sent = await server.inject({ method: "POST", url: "/api/v1/send", headers: json, payload: { status: 502 } });
    expect([sent.statusCode, sent.json()]).toEqual([502, { ok: 0 }]);
    const refused = await server.inject({ method: "POST", url: "/api/v1/send", headers: json, payload: {} });
    expect(refused.json()).toMatchObject({ ok: 0, code: "api.invalid_request" });
  });

  it.each([
    ["an unbounded string", { body: z.strictObject({ a: z.string() }) }, "no maximum length"],
    ["an unbounded list", { body: z.strictObject({ a: z.array(z.boolean()) }) }, "no maximum length"],
    ["an open object", { body: z.object({ a: z.boolean() }) }, "unknown fields"],
    ["an open object inside", { body: z.strictObject({ a: z.object({ b: z.boolean() }) }) }, "unknown fields"],
    ["a name in two parts", { body: z.strictObject({ thingId: z.boolean() }) }, "declared in two"],
    ["a path that differs from its params", { path: "/api/v1/things" as const }, "differ"],
    ["a permission of another form", { permission: "things" as `${string}:${string}` }, "not `resource:verb`"],
    ["a guard waived without a reason", { audit: { none: "" } }, "does not say why"],
  ])("does not serve %s", (_what, change, message) => {
    const create = () => createSampleServer({ operations: [{ ...(changeThing as Operation), ...change }] });
    expect(create).toThrow(AppError);
    expect(create).toThrow(message);
  });

  it("serves a permission whose verb is two words", () => {
    const operations = [{ ...(listThings as Operation), permission: "bot:sendResponses" as const }];
    expect(() => createSampleServer({ operations })).not.toThrow();
  });

  it("does not serve two operations of one name or route, or an audited one that nothing records", () => {
    expect(() => createSampleServer({ operations: [listThings, listThings] })).toThrow("declared twice");
    const { path: _path, ...rest } = changeThing as Operation;
    const shadow: Operation = { ...rest, name: "things.shadow", path: "/api/v1/things/{other}" };
    expect(() => createSampleServer({ operations: [changeThing, shadow] })).toThrow("declared twice");
    expect(() => createSampleServer({ recordAudit: undefined })).toThrow("nothing to record");
  });
});

// Leaving out a guard does not compile; this stands here so that the type checker is the test.
const { permission: _permission, audit: _audit, rate: _rate, stepUp: _stepUp, ...unguarded } = listThings;
// @ts-expect-error permission, audit, rate and stepUp are required
export const refusedByCompiler = () => operation(unguarded);

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Keychain, toKeyRing } from "../../domains/keys/index.ts";
import { createApp, createOrganisation } from "../../domains/organisations/index.ts";
import type { TokenActor } from "../../kernel/actor.ts";
import { createManualClock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import { type Tenant, toUuid } from "../../kernel/ids.ts";
import { afterCommit, type Operation, operation } from "../../kernel/operation.ts";
import { Secret } from "../../kernel/secret.ts";
import { drawBytes, newId } from "../../platform/crypto/random.ts";
import { appStatement } from "../../platform/db/index.ts";
import { createTestDatabase, type TestDatabase } from "../../platform/db/testing/test-database.ts";
import type { HttpServer } from "../../platform/http/index.ts";
import { rateTable } from "../rate-limits.ts";
import { createSampleServer } from "../testing/sample-api.ts";
import { removeKeptOver } from "./store.ts";

const renameSql = appStatement<{ name: string }>(
  "idempotency_test.rename_app",
  "update apps set name = left(name || $3, 200) where organisation_id = $1 and app_id = $2 returning name",
);

let db: TestDatabase;
let tenants: Tenant[] = [];
let keychain: Keychain;
let runs = 0;
let fails: AppError | undefined;

const marker = "marker-in-a-reply";
const shared = { audit: { none: "It is only a test." }, rate: "send", stepUp: false } as const;

const append = operation({
  ...shared,
  name: "test.append",
  summary: "Appends to the app's name.",
  method: "POST",
  path: "/api/v1/append",
  body: z.strictObject({ text: z.string().max(10), more: z.string().max(10).optional() }),
  output: z.object({ name: z.string(), marker: z.string() }),
  scope: "app",
  permission: "things:write",
  successStatus: 201,
  run: async ({ tx, input }) => {
    runs += 1;
    const rows = await tx.query(renameSql, [input.text]);
    if (fails !== undefined) throw fails;
    return { name: rows[0]?.name ?? "", marker };
  },
});

const deliver = operation({
  ...shared,
  name: "test.deliver",
  summary: "Answers after the commit.",
  method: "POST",
  path: "/api/v1/deliver",
  body: z.strictObject({ status: z.int().min(0).max(599) }),
  output: z.object({ run: z.number() }),
  scope: "app",
  permission: "things:write",
  run: async ({ input }) => {
    runs += 1;
    const run = runs;
    return afterCommit(async () => {
      if (input.status === 0) throw new AppError({ code: "t.lost", status: 503, sentence: "Lost." });
      return { status: input.status, body: { run } };
    });
  },
});

const keep = operation({
  ...shared,
  name: "test.keep",
  summary: "Takes bytes.",
  method: "POST",
  path: "/api/v1/keep",
  query: z.strictObject({ name: z.string().max(10) }),
  takesBytes: true,
  output: z.object({ length: z.number() }),
  scope: "app",
  permission: "things:write",
  run: async ({ bytes }) => {
    runs += 1;
    return { length: bytes.length };
  },
});

beforeAll(async () => {
  db = await createTestDatabase();
  const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  const actor = { kind: "operator", command: "test" } as const;
  const organisationId = await createOrganisation(db.database, actor, "o");
  const options = { database: db.database, provider, actor };
  tenants = [await createApp(options, organisationId, "a"), await createApp(options, organisationId, "b")];
  keychain = new Keychain({ database: db.database, provider, clock: createManualClock(1_800_000_000_000) });
});

afterAll(async () => {
  await db?.close();
});

function serve(actor: Partial<TokenActor> = {}): HttpServer {
  runs = 0;
  fails = undefined;
  const tenant = tenants[0] as Tenant;
  const token: TokenActor = { kind: "token", tokenId: newId("token"), ...tenant, scopes: ["things:admin"], ...actor };
  return createSampleServer({
    operations: [append, deliver, keep] as Operation[],
    authenticate: async () => token,
    database: db.database,
    keychain,
    rateTable,
  }).server;
}

const ask = (server: HttpServer, key: string | undefined, payload: object, path = "append") =>
  server.inject({
    method: "POST",
    url: `/api/v1/${path}`,
    headers: { authorization: "x", "content-type": "application/json", ...(key && { "idempotency-key": key }) },
    payload,
  });

const send = (server: HttpServer, key: string, bytes: string) =>
  server.inject({
    method: "POST",
    url: "/api/v1/keep?name=a.txt",
    headers: { authorization: "x", "content-type": "application/octet-stream", "idempotency-key": key },
    payload: Buffer.from(bytes),
  });

describe("bytes with an Idempotency-Key", () => {
  it("get the same answer again only when they are the same bytes", async () => {
    const server = serve();
    const first = await send(server, "bytes", "one");
    const again = await send(server, "bytes", "one");
    expect([again.statusCode, again.body, again.headers["idempotent-replayed"]]).toEqual([200, first.body, "true"]);
    // As long and under the same name, but another file.
    const other = await send(server, "bytes", "two");
    expect([other.statusCode, other.json().code]).toEqual([422, "api.idempotency_mismatch"]);
    expect(runs).toBe(1);
  });

  it("are told from none", async () => {
    const server = serve();
    await send(server, "none", "");
    expect((await send(server, "none", "x")).json().code).toBe("api.idempotency_mismatch");
    expect((await send(server, "none", "")).headers["idempotent-replayed"]).toBe("true");
  });
});

describe("a request with an Idempotency-Key", () => {
  it("is carried out once when fifty arrive together", async () => {
    const server = serve();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(server, "fifty", { text: "x" })));
    expect(runs).toBe(1);
    const statuses = answers.map((answer) => answer.statusCode);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    const good = answers.filter((answer) => answer.statusCode === 201);
    expect(new Set(good.map((answer) => answer.body)).size).toBe(1);
    expect(good.filter((answer) => answer.headers["idempotent-replayed"] !== "true")).toHaveLength(1);
    for (const answer of answers.filter((one) => one.statusCode === 409)) {
      expect(answer.json().code).toBe("api.idempotency_running");
      expect(answer.headers["retry-after"]).toBe("1");
    }
  });

  it("is delivered once when fifty arrive together and the answer comes after the commit", async () => {
    const server = serve();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(server, "fifty-sent", { status: 202 }, "deliver")),
    );
    expect(runs).toBe(1);
    expect(answers.filter((answer) => answer.statusCode !== 202 && answer.statusCode !== 409)).toEqual([]);
    expect(answers.filter((answer) => answer.statusCode === 202).length).toBeGreaterThan(0);
  });

  it("gets the same answer again, also with its fields in another order", async () => {
    const server = serve();
    const first = await ask(server, "again", { text: "x", more: "y" });
    const second = await ask(server, "again", { more: "y", text: "x" });
    expect([second.statusCode, second.body]).toEqual([201, first.body]);
    expect(first.headers).not.toHaveProperty("idempotent-replayed");
    expect(second.headers["idempotent-replayed"]).toBe("true");
    expect(runs).toBe(1);
  });

  it("is refused when the key was used for another request", async () => {
    const server = serve();
    await ask(server, "other", { text: "x" });
    const other = await ask(server, "other", { text: "y" });
    expect([other.statusCode, other.json().code]).toEqual([422, "api.idempotency_mismatch"]);
    const path = await ask(server, "other", { status: 200 }, "deliver");
    expect(path.statusCode).toBe(422);
  });

  it.each([500, 503, 404])("frees its key when it failed with %i, and nothing of it is kept", async (status) => {
    const server = serve();
    fails = new AppError({ code: "t.failed", status, sentence: "No." });
    expect((await ask(server, `failed-${status}`, { text: "F" })).statusCode).toBe(status);
    fails = undefined;
    const second = await ask(server, `failed-${status}`, { text: "x" });
    expect([second.statusCode, second.json().name.includes("F")]).toEqual([201, false]);
  });

  it("keeps the answer that comes after the commit, frees the key for 500 or more, never repeats what was lost", async () => {
    const server = serve();
    const twice = async (key: string, status: number) => {
      const first = await ask(server, key, { status }, "deliver");
      const second = await ask(server, key, { status }, "deliver");
      return [first.statusCode, second.statusCode, second.json().run ?? second.json().code];
    };
    expect(await twice("delivered", 202)).toEqual([202, 202, 1]);
    expect(await twice("refused", 502)).toEqual([502, 502, 3]);
    expect(await twice("lost", 0)).toEqual([503, 409, "api.idempotency_running"]);
    await db.asAdmin("update idempotency_keys set created_at = now() - interval '5 minutes' where reply is null");
    const late = await ask(server, "lost", { status: 0 }, "deliver");
    expect(late.json().code).toBe("api.idempotency_answer_lost");
    expect(runs).toBe(4);
  });

  it("is known to its own token and app only", async () => {
    await ask(serve(), "mine", { text: "x" });
    const stranger = serve();
    expect((await ask(stranger, "mine", { text: "x" })).headers).not.toHaveProperty("idempotent-replayed");
    const elsewhere = serve({ ...(tenants[1] as Tenant) });
    expect((await ask(elsewhere, "mine", { text: "other" })).statusCode).toBe(201);
    expect(runs).toBe(1);
  });

  it("is forgotten after a day", async () => {
    const server = serve();
    await ask(server, "day", { text: "x" });
    await db.asAdmin("update idempotency_keys set created_at = now() - interval '25 hours'");
    expect((await ask(server, "day", { text: "y" })).statusCode).toBe(201);
    expect(runs).toBe(2);
    await db.asAdmin("update idempotency_keys set created_at = now() - interval '25 hours'");
    const removed = await db.database.withTenant({ kind: "system", job: "t" }, tenants[0] as Tenant, removeKeptOver);
    expect(removed).toBeGreaterThan(0);
    const tenant = tenants[0] as Tenant;
    const left = await db.asAdmin("select 1 from idempotency_keys where app_id = $1", [toUuid(tenant.appId)]);
    expect(left).toEqual([]);
  });

  it("leaves neither its key nor its answer readable in the database", async () => {
    await ask(serve(), "key-that-must-not-show", { text: "x" });
    const rows = await db.asAdmin<{ text: string; reply: Buffer }>(
      "select encode(key_hash || fingerprint || reply, 'escape') as text, reply from idempotency_keys where reply is not null",
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row.text).not.toContain("key-that-must-not-show");
      expect(row.reply.includes(marker)).toBe(false);
    }
  });

  it.each(["", " ", "a b", "x".repeat(256), "é"])("must have a plain key, not %j", async (key) => {
    const server = serve();
    const answer = await server.inject({
      method: "POST",
      url: "/api/v1/append",
      headers: { authorization: "x", "content-type": "application/json", "idempotency-key": key },
      payload: { text: "x" },
    });
    expect([answer.statusCode, answer.json().code, runs]).toEqual([400, "api.invalid_idempotency_key", 0]);
  });

  it("runs each time without a key", async () => {
    const server = serve();
    await ask(server, undefined, { text: "x" });
    await ask(server, undefined, { text: "x" });
    expect(runs).toBe(2);
  });
});

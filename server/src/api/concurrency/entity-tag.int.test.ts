import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { toKeyRing } from "../../domains/keys/index.ts";
import { createApp, createOrganisation } from "../../domains/organisations/index.ts";
import { type Operation, operation } from "../../kernel/operation.ts";
import { Secret } from "../../kernel/secret.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import { appStatement } from "../../platform/db/index.ts";
import { createTestDatabase, type TestDatabase } from "../../platform/db/testing/test-database.ts";
import type { HttpServer } from "../../platform/http/index.ts";
import { rateTable } from "../rate-limits.ts";
import { createSampleServer, sampleActor } from "../testing/sample-api.ts";

const readSql = appStatement<{ name: string }>(
  "entity_tag_test.read",
  "select name from apps where organisation_id = $1 and app_id = $2",
);
const renameSql = appStatement<{ name: string }>(
  "entity_tag_test.rename",
  "update apps set name = $3 where organisation_id = $1 and app_id = $2 returning name",
);

const shared = { audit: { none: "It is only a test." }, rate: "send", stepUp: false, scope: "app" } as const;
const View = z.object({ name: z.string() });

const read = operation({
  ...shared,
  name: "thing.get",
  summary: "Reads.",
  method: "GET",
  path: "/api/v1/thing",
  output: View,
  permission: "things:read",
  run: async ({ tx }) => ({ name: (await tx.query(readSql))[0]?.name ?? "" }),
});

const rename = operation({
  ...shared,
  name: "thing.rename",
  summary: "Renames.",
  method: "PATCH",
  path: "/api/v1/thing",
  body: z.strictObject({ name: z.string().max(50) }),
  output: View,
  permission: "things:write",
  run: async ({ tx, input }) => ({ name: (await tx.query(renameSql, [input.name]))[0]?.name ?? "" }),
});

let db: TestDatabase;
let server: HttpServer;
beforeAll(async () => {
  db = await createTestDatabase();
  const { provider } = toKeyRing(new Secret(drawBytes(32).toString("base64")));
  const actor = { kind: "operator", command: "test" } as const;
  const organisationId = await createOrganisation(db.database, actor, "o");
  const tenant = await createApp({ database: db.database, provider, actor }, organisationId, "a");
  const options = {
    operations: [read, rename] as Operation[],
    database: db.database,
    rateTable,
    authenticate: async () => ({ ...sampleActor, ...tenant }),
  };
  server = createSampleServer(options).server;
});
afterAll(() => db.close());

const get = (headers = {}) =>
  server.inject({ url: "/api/v1/thing", headers: { authorization: "Bearer holder", ...headers } });
const patch = (name: string, headers = {}) =>
  server.inject({
    method: "PATCH",
    url: "/api/v1/thing",
    headers: { authorization: "Bearer holder", "content-type": "application/json", ...headers },
    payload: { name },
  });

describe("an entity tag", () => {
  it("spares whoever has the answer already from reading it again", async () => {
    const tag = String((await get()).headers["etag"]);
    const again = await get({ "if-none-match": tag });
    expect([again.statusCode, again.body, again.headers["etag"]]).toEqual([304, "", tag]);
    expect((await get({ "if-none-match": '"other"' })).statusCode).toBe(200);
  });

  it("lets a change happen only to what was read", async () => {
    const tag = String((await get()).headers["etag"]);
    expect((await patch("b", { "if-match": tag })).statusCode).toBe(200);
    const late = await patch("c", { "if-match": tag });
    expect([late.statusCode, late.json().code]).toEqual([412, "api.changed_meanwhile"]);
    expect((await get()).json()).toEqual({ name: "b" });
  });

  it("lets exactly one of twenty that read the same change it", async () => {
    const tag = String((await get()).headers["etag"]);
    const names = Array.from({ length: 20 }, (_, index) => `name ${index}`);
    const answers = await Promise.all(names.map((name) => patch(name, { "if-match": tag })));
    expect(answers.filter(({ statusCode }) => statusCode === 200).length).toBe(1);
    expect(answers.filter(({ statusCode }) => statusCode === 412).length).toBe(19);
  });

  it.each(["unquoted", '"a', "", '"a";"b"', `"${"x".repeat(100)}"`])(
    "is refused when it is spelled %j",
    async (header) => {
      const answer = await patch("d", { "if-match": header });
      expect([answer.statusCode, answer.json().code]).toEqual([400, "api.invalid_entity_tag"]);
    },
  );
});

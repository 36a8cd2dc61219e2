// A small interface for tests of the registry itself: three operations over things kept in memory, behind a server.

import { z } from "zod";
import type { TokenActor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import { idOf } from "../../kernel/id-schema.ts";
import { afterCommit, operation } from "../../kernel/operation.ts";
import { queryInteger } from "../../kernel/query-schema.ts";
import { Secret } from "../../kernel/secret.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import type { HttpServer } from "../../platform/http/index.ts";
import { createMemoryLog, createTestServer } from "../../platform/http/testing.ts";
import { type ApiOptions, buildApi } from "../build-api.ts";
import { rateTable } from "../rate-limits.ts";

export const sampleErrors = {
  absent: { code: "things.absent", status: 404, sentence: "There is no such thing." },
  refused: { code: "sample.refused", status: 401, sentence: "The token is not valid." },
};

export const thingId = `chn_${"1".repeat(32)}` as const;
export const absentId = `chn_${"2".repeat(32)}` as const;

const ThingView = z.object({ id: idOf("channel"), name: z.string(), first: z.number().optional() });

export const listThings = operation({
  name: "things.list",
  summary: "Lists things.",
  method: "GET",
  path: "/api/v1/things",
  query: z.strictObject({ first: queryInteger(1, 100).default(20) }),
  output: ThingView,
  scope: "app",
  permission: "things:read",
  audit: { none: "Reading a list changes nothing." },
  rate: "read",
  stepUp: false,
  run: async ({ input }) => ({ id: thingId, name: "all", first: input.first }),
});

export const changeThing = operation({
  name: "things.change",
  summary: "Changes a thing.",
  method: "POST",
  path: "/api/v1/things/{thingId}",
  params: z.strictObject({ thingId: idOf("channel") }),
  body: z.strictObject({ name: z.string().min(1).max(20), notes: z.array(z.string().max(5)).max(3).optional() }),
  output: ThingView,
  scope: "app",
  permission: "things:write",
  audit: "thing.changed",
  rate: "write",
  stepUp: false,
  run: async ({ input }) => {
    if (input.thingId !== thingId) throw new AppError(sampleErrors.absent);
    // A row holds more than its view shows.
    const row = { id: input.thingId, name: input.name, passwordHash: "$argon2id$" };
    return row;
  },
});

export const sendThing = operation({
  name: "things.send",
  summary: "Sends a thing and waits.",
  method: "POST",
  path: "/api/v1/send",
  body: z.strictObject({ status: z.int().min(200).max(599) }),
  output: z.object({ ok: z.literal([0, 1]) }),
  scope: "app",
  permission: "things:send",
  audit: { none: "The message itself is the record." },
  rate: "send",
  stepUp: false,
  problemFields: { ok: 0 },
  run: async ({ input }) =>
    afterCommit(async () => ({ status: input.status, body: { ok: input.status < 300 ? 1 : 0 } as const })),
});

export const sampleTokens = { holder: "holder", unscoped: "unscoped" } as const;

export const sampleActor: TokenActor = {
  kind: "token",
  tokenId: `tok_${"3".repeat(32)}`,
  organisationId: `org_${"4".repeat(32)}`,
  appId: `app_${"5".repeat(32)}`,
  scopes: ["things:admin"],
};

/** What the registry hands the operations of this sample: they ask the database nothing. */
export const noDatabase: ApiOptions["database"] = {
  withTenant: (_actor, _tenant, work) => work({} as never),
  withOrganisation: (_actor, _organisation, work) => work({} as never),
  withUser: (_actor, _user, work) => work({} as never),
};

const figures = { perCaller: 20, perTenant: 100, seconds: 60 };

/** A server with the sample's operations and small rate limits; `options` replace any part. */
export function createSampleServer(options: Partial<ApiOptions> = {}): {
  server: HttpServer;
  log: ReturnType<typeof createMemoryLog>;
} {
  const log = createMemoryLog();
  const server = createTestServer({ log });
  server.mount(
    buildApi({
      operations: [listThings, changeThing, sendThing],
      authenticate: async ({ authorization }) => {
        if (authorization === "Bearer holder") return sampleActor;
        if (authorization !== "Bearer unscoped") throw new AppError(sampleErrors.refused);
        return { ...sampleActor, scopes: [], tokenId: `tok_${"6".repeat(32)}` };
      },
      database: noDatabase,
      pepper: new Secret(drawBytes(32)),
      publicOrigin: undefined,
      keychain: { sealerFor: () => Promise.reject(new AppError(sampleErrors.absent)) },
      recordAudit: async () => undefined,
      rateTable: { ...rateTable, read: figures, write: figures, send: figures },
      log,
      ...options,
    }),
  );
  return { server, log };
}

// The world of the security suites, on real PostgreSQL: organisation A with the apps A1 and A2, organisation B with B1, each
// with an object of every kind; people of every role; and the composed product to ask. What requests do is undone.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HTTPMethods, InjectOptions } from "fastify";
import type { Response } from "light-my-request";
import { forgeryHeader, rateTable } from "../../server/src/api/index.ts";
import { compose, type Product } from "../../server/src/compose.ts";
import { readConfig } from "../../server/src/config.ts";
import type { Core } from "../../server/src/core.ts";
import { PasswordHasher } from "../../server/src/domains/identity/index.ts";
import { keepSecret } from "../../server/src/domains/secrets/index.ts";
import { createPeopleStage, type PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { systemClock } from "../../server/src/kernel/clock.ts";
import { type ChannelId, parseId, type Tenant, toUuid } from "../../server/src/kernel/ids.ts";
import type { Operation } from "../../server/src/kernel/operation.ts";
import type { Database } from "../../server/src/platform/db/index.ts";
import { createLog } from "../../server/src/platform/log/log.ts";
import { type Credential, cast, listCastings, type PlaceName, type SuiteCaller } from "./callers.ts";
import { sampleLinks, samplePassword } from "./sample.ts";
import { UndoneDatabase } from "./undone-database.ts";
import {
  findTraffic,
  makeAppObjects,
  makeOrganisationObjects,
  makePasskey,
  type Objects,
  type PlantedSecrets,
  toAbsent,
} from "./world-objects.ts";

/** An app of the world with what is in it. */
export interface Place {
  readonly tenant: Tenant;
  readonly objects: Objects;
  readonly secrets: PlantedSecrets;
}

/** A good request of an operation, before a caller is chosen. */
export interface SampleRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly caller: SuiteCaller;
  readonly credential: Credential;
  readonly place: PlaceName;
}

export interface World {
  readonly stage: PeopleStage;
  readonly product: Product;
  readonly places: Readonly<Record<"a1" | "a2" | "b1", Place>>;
  readonly callers: readonly SuiteCaller[];
  readonly database: UndoneDatabase;
  /** Every line the product logged. */
  readonly logged: string[];
  readonly smtpPassword: string;
  /** The product once more, with the rate limits as they are set now, on another database handle. */
  composeAgain(database: Database): Promise<Product>;
  getCaller(name: string): SuiteCaller;
  ask(operation: Operation, request: SampleRequest, asked: Asked): Promise<Response>;
  /** The headers that say who asks and where. */
  toHeaders(operation: Operation, asked: Asked): Record<string, string>;
  send(options: InjectOptions): Promise<Response>;
  close(): Promise<void>;
}

/** Limits that thousands of requests a minute do not reach; the suite about limits lowers them. */
export function setRateLimits(perMinute: number): void {
  const figures = { perCaller: perMinute, perTenant: perMinute * 1_000, seconds: 60 };
  Object.assign(rateTable, { read: figures, write: figures, send: figures });
}

const smtpPassword = "canary-smtp-3f8a91c07d";

function readTestConfig(dataDir: string): ReturnType<typeof readConfig> {
  return readConfig({
    PARLEY_DATA_DIR: dataDir,
    PARLEY_PUBLIC_URL: "https://parley.example",
    PARLEY_SMTP_URL: `smtps://parley:${smtpPassword}@mail.example:465`,
    PARLEY_MAIL_FROM: "parley@example.org",
  });
}

interface Building {
  readonly stage: PeopleStage;
  readonly dataDir: string;
  readonly logged: string[];
}

function composeOn({ stage, dataDir, logged }: Building, database: Database, works: boolean): Promise<Product> {
  const { provider, pepper, keychain, installation, db } = stage;
  const log = createLog({ level: "debug", destination: { write: (line: string) => void logged.push(line) } });
  const opened = {
    ...{ database, connection: db.connection, isEmbedded: false },
    revive: async () => undefined,
    close: async () => undefined,
  };
  const core: Core = {
    ...{ config: readTestConfig(dataDir), log, clock: systemClock, opened, database, provider, pepper, keychain },
    ...{ installation, close: async () => undefined },
  };
  return compose(core, { works });
}

/** The product on a stage of its own. */
export async function composeFor(stage: PeopleStage): Promise<{ product: Product; close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), "parley-stage-"));
  const product = await composeOn({ stage, dataDir, logged: [] }, stage.db.database, false);
  const close = async (): Promise<void> => {
    await product.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { product, close };
}

/** Has a message come in at every app and waits until it left its traces. */
async function makeTraffic(building: Building, made: readonly { tenant: Tenant; channelId: string }[]) {
  const product = await composeOn(building, building.stage.db.database, true);
  await product.start();
  for (const { tenant, channelId } of made) {
    const message = { kind: "message", externalId: "visitor", sentAtMs: 1, type: "text", text: "order 1" } as const;
    await product.pipeline.accept({
      tenant,
      channelId: channelId as ChannelId,
      events: [{ ...message, platformMessageId: `m-${tenant.appId}` }],
      correlationId: "world",
    });
  }
  const found = [];
  for (const { tenant } of made) {
    let traffic = await findTraffic(building.stage, tenant);
    for (let tries = 0; traffic === undefined && tries < 400; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      traffic = await findTraffic(building.stage, tenant);
    }
    if (traffic === undefined) throw new Error("the world's message left no trace");
    found.push(traffic);
  }
  await product.stop();
  return found;
}

async function makePlaces(building: Building): Promise<World["places"]> {
  const { stage } = building;
  const [a, b] = [await stage.addOrganisation("A"), await stage.addOrganisation("B")];
  const tenants = [await stage.addApp(a, "A1"), await stage.addApp(a, "A2"), await stage.addApp(b, "B1")];
  const made = [];
  for (const tenant of tenants) made.push({ tenant, ...(await makeAppObjects(stage, tenant)) });
  const traffic = await makeTraffic(building, made);
  const filled: Place[] = [];
  for (const [index, { tenant, otherChannelId, channelSecret, webhookSecret, ...rest }] of made.entries()) {
    const { platformCredential, appTokens, ...ids } = rest;
    const secrets = { otherChannelId, channelSecret, webhookSecret, platformCredential, appTokens };
    const own = { ...tenant, ...ids, ...(await makeOrganisationObjects(stage, tenant)) };
    const objects = { ...own, ...(traffic[index] as (typeof traffic)[number]) };
    filled.push({ tenant, objects, secrets });
  }
  const [a1, a2, b1] = filled as [Place, Place, Place];
  return { a1, a2, b1 };
}

let addresses = 0;

/** Another network for every request, so that refusals, which are counted by network, are never too many. */
function nextAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** The path and query of a request. */
export function toUrl(operation: Operation, { params = {}, query = {} }: SampleRequest): string {
  const path = operation.path.replaceAll(/\{([A-Za-z]+)\}/g, (_match, name: string) => params[name] ?? "");
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}

function toCredentialHeaders({ caller, credential }: Asked): Record<string, string> {
  if (credential === "none") return {};
  if (credential === "api" || credential === "bot") return { authorization: `Bearer ${caller.tokens[credential]}` };
  const { token, csrf } = caller.sessions[credential];
  return { cookie: `__Host-parley=${token}`, [forgeryHeader]: csrf };
}

function toPlaceHeaders(places: World["places"], operation: Operation, { place, credential }: Asked) {
  const isToken = credential === "api" || credential === "bot";
  const { a1, a2, b1 } = places;
  if (operation.scope === "organisation" && place !== "sibling") {
    const named = {
      own: a1.tenant.organisationId,
      foreign: b1.tenant.organisationId,
      random: toAbsent("organisationId"),
    };
    return { "parley-organisation": named[place] };
  }
  if (place === "own" && isToken) return {};
  const named = { own: a1.tenant.appId, sibling: a2.tenant.appId, foreign: b1.tenant.appId, random: toAbsent("appId") };
  return { "parley-app": named[place] };
}

/** What belongs to a person and to no place is the owner's own: another session, a passkey. */
async function makeOwn(stage: PeopleStage, objects: Objects, callers: readonly SuiteCaller[]): Promise<Objects> {
  const owner = callers.find(({ name }) => name === "owner");
  if (owner === undefined) throw new Error("nobody owns the world");
  const { sessionId } = await stage.signIn(owner.userId);
  // Of two one can be removed.
  await makePasskey(stage, owner.userId);
  return { ...objects, sessionId, passkeyId: await makePasskey(stage, owner.userId) };
}

/** What the samples of signing in need: a password, and links that work. */
async function makeSignIn(stage: PeopleStage, callers: readonly SuiteCaller[]): Promise<void> {
  const userId = callers.find(({ name }) => name === "admin")?.userId;
  if (userId === undefined) throw new Error("the world has no admin");
  const hash = await new PasswordHasher({ pepper: stage.pepper }).hash(samplePassword);
  await stage.db.asAdmin("update users set password = $2, password_set_at = now() where user_id = $1", [
    toUuid(userId),
    hash,
  ]);
  const sealer = await stage.installation.sealer();
  const payload = "admin-moved@example.org";
  for (const purpose of ["reset", "email"] as const) {
    await keepSecret(stage.db.database, sampleLinks[purpose], { purpose, sealer, userId, payload });
  }
}

/** Builds the world. */
export async function createWorld(): Promise<World> {
  setRateLimits(10_000_000);
  const stage = await createPeopleStage();
  const dataDir = mkdtempSync(join(tmpdir(), "parley-world-"));
  const logged: string[] = [];
  const building = { stage, dataDir, logged };
  const made = await makePlaces(building);
  const channelId = parseId("channel", made.a1.objects.channelId) as ChannelId;
  const callers: SuiteCaller[] = [];
  for (const casting of listCastings(channelId)) callers.push(await cast(stage, made.a1.tenant, casting));
  const places = { ...made, a1: { ...made.a1, objects: await makeOwn(stage, made.a1.objects, callers) } };
  await makeSignIn(stage, callers);
  const database = new UndoneDatabase({ connection: stage.db.connection, connectionsMax: 8 });
  const product = await composeOn(building, database, false);
  const send: World["send"] = (options) => product.server.inject({ remoteAddress: nextAddress(), ...options });
  const toHeaders: World["toHeaders"] = (operation, asked) => ({
    ...toCredentialHeaders(asked),
    ...toPlaceHeaders(places, operation, asked),
    "sec-fetch-site": "same-origin",
  });
  return {
    ...{ stage, product, places, callers, database, logged, smtpPassword, send, toHeaders },
    composeAgain: (handle) => composeOn(building, handle, false),
    getCaller: (name) => {
      const caller = callers.find((one) => one.name === name);
      if (caller === undefined) throw new Error(`nobody is called ${name}`);
      return caller;
    },
    ask: (operation, request, asked) =>
      send({
        method: operation.method as HTTPMethods & "GET",
        url: toUrl(operation, request),
        headers: {
          ...toHeaders(operation, asked),
          ...(operation.body !== undefined && { "content-type": "application/json" }),
        },
        ...(operation.body !== undefined && { payload: JSON.stringify(request.body ?? {}) }),
      }),
    close: async () => {
      await product.stop();
      await database.close();
      await stage.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

// The world of the security suites, on real PostgreSQL: organisation A with the apps A1 and A2, organisation B with B1, each
// with an object of every kind; people of every role; and the composed product to ask. What requests do is undone.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HTTPMethods, InjectOptions } from "fastify";
import type { Response } from "light-my-request";
import { rateTable } from "../../server/src/api/index.ts";
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
import { cast, listCastings, type PlaceName, type SuiteCaller } from "./callers.ts";
import {
  issueVisitorToken,
  readStream,
  sampleSite,
  setVisitorLimits,
  type VisitorCaller,
  type VisitorObjects,
} from "./chat-world.ts";
import { sampleLinks, samplePassword } from "./sample.ts";
import { UndoneDatabase } from "./undone-database.ts";
import { makePasskey, type Objects } from "./world-objects.ts";
import { makePlaces, type Places } from "./world-places.ts";
import {
  type Asked,
  type AskedByVisitor,
  moveTo,
  type SampleRequest,
  toCredentialHeaders,
  toPayload,
  toPlaceHeaders,
  toUrl,
} from "./world-requests.ts";

export interface World {
  readonly stage: PeopleStage;
  readonly product: Product;
  readonly places: Places;
  readonly callers: readonly SuiteCaller[];
  readonly visitors: readonly VisitorCaller[];
  /** What another visitor of the first one's channel has. */
  readonly neighbour: VisitorObjects;
  readonly database: UndoneDatabase;
  /** Every line the product logged. */
  readonly logged: string[];
  readonly smtpPassword: string;
  /** The product once more, with the rate limits as they are set now, on another database handle. */
  composeAgain(database: Database): Promise<Product>;
  getCaller(name: string): SuiteCaller;
  getVisitor(name: string): VisitorCaller;
  askAsVisitor(operation: Operation, request: SampleRequest, asked: AskedByVisitor): Promise<Response>;
  ask(operation: Operation, request: SampleRequest, asked: Asked): Promise<Response>;
  /** The headers that say who asks and where. */
  toHeaders(operation: Operation, asked: Asked): Record<string, string>;
  send(options: InjectOptions): Promise<Response>;
  /** Waits until the product has heard that an app's configuration is another one. */
  hearOf(tenant: Tenant): Promise<void>;
  close(): Promise<void>;
}

/** Limits that thousands of requests a minute do not reach; the suite about limits lowers them. */
export function setRateLimits(perMinute: number): void {
  const figures = { perCaller: perMinute, perTenant: perMinute * 1_000, seconds: 60 };
  Object.assign(rateTable, { read: figures, write: figures, send: figures });
}

const noticeMs = 200;
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

let addresses = 0;

/** Another network for every request, so that refusals, which are counted by network, are never too many. */
function nextAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
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
  setVisitorLimits();
  const stage = await createPeopleStage();
  const dataDir = mkdtempSync(join(tmpdir(), "parley-world-"));
  const logged: string[] = [];
  const building = { stage, dataDir, logged };
  const {
    places: made,
    visitors,
    neighbour,
  } = await makePlaces({
    stage,
    composeWorker: () => composeOn(building, stage.db.database, true),
  });
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
  const sendTo = async (
    operation: Operation,
    request: SampleRequest,
    place: PlaceName,
    headers: Record<string, string>,
  ): Promise<Response> => {
    const content = toPayload(operation, request);
    const goesOn = operation.scope === "visitor" && operation.answers === "text/event-stream";
    const answer = await send({
      method: operation.method as HTTPMethods & "GET",
      url: toUrl(operation, moveTo(places, operation, place, request)),
      headers: { ...headers, ...(content && { "content-type": content.type }) },
      ...(content && { payload: content.payload }),
      ...(goesOn && { payloadAsStream: true }),
    });
    return goesOn ? readStream(answer) : answer;
  };
  return {
    ...{ stage, product, places, callers, visitors, neighbour, database, logged, smtpPassword, send, toHeaders },
    composeAgain: (handle) => composeOn(building, handle, false),
    getCaller: (name) => {
      const caller = callers.find((one) => one.name === name);
      if (caller === undefined) throw new Error(`nobody is called ${name}`);
      return caller;
    },
    getVisitor: (name) => {
      const visitor = visitors.find((one) => one.name === name);
      if (visitor === undefined) throw new Error(`no visitor is called ${name}`);
      return visitor;
    },
    ask: (operation, request, asked) => sendTo(operation, request, asked.place, toHeaders(operation, asked)),
    askAsVisitor: (operation, request, { visitor, place, from = { origin: sampleSite }, ...asked }) => {
      const { authorization = `Bearer ${issueVisitorToken(stage, visitor)}` } = asked;
      return sendTo(operation, request, place, { authorization, ...from });
    },
    hearOf: async ({ appId }) => {
      await stage.db.asAdmin("select pg_notify('parley_configuration', $1)", [toUuid(appId)]);
      // Notices come over a connection of their own.
      await new Promise((resolve) => setTimeout(resolve, noticeMs));
    },
    close: async () => {
      await product.stop();
      await database.close();
      await stage.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

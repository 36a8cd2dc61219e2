// A stage for tests of people who answer: the conversation scene, callers of all kinds, and the operations as they are run.

import type { TokenActor, UserActor } from "../../../kernel/actor.ts";
import { systemClock } from "../../../kernel/clock.ts";
import { type ChannelId, type ConversationId, type Tenant, toUuid } from "../../../kernel/ids.ts";
import { AfterCommit } from "../../../kernel/operation.ts";
import { newId } from "../../../platform/crypto/random.ts";
import type { Database, TenantTx } from "../../../platform/db/index.ts";
import { findConversationOf } from "../attend.ts";
import type { ConversationEvent } from "../events.ts";
import { toExternalKey } from "../lane.ts";
import { createConversationOperations } from "../operations/index.ts";
import type { Pipeline } from "../pipeline.ts";
import { TypingBoard } from "../typing-board.ts";
import { createScene, type Scene, type SceneApp } from "./scene.ts";

export type Person = UserActor | TokenActor;

export interface InboxStage {
  readonly scene: Scene;
  readonly pipeline: Pipeline;
  /** What was published, of everybody. */
  readonly published: ConversationEvent[];
  /** A person who holds everything in the app; with a name when the organisation knows one. */
  addPerson(tenant: Tenant, name?: string, channelIds?: readonly ChannelId[]): Promise<UserActor>;
  /** A token that holds everything in the app. */
  toToken(tenant: Tenant): TokenActor;
  /** Runs an operation in a transaction of its own, or in the one that is given. */
  call(name: string, actor: Person, input: object, within?: TenantTx | Database): Promise<Record<string, unknown>>;
  /** A member writes; returns what came of it. */
  write(app: SceneApp, externalId: string, text: string): Promise<ConversationId>;
  /** What the platform was asked to show a member. */
  textsTo(externalId: string): string[];
  close(): Promise<void>;
}

const scopes = ["conversation:read", "conversation:write"];
const origin = { address: "192.0.2.1", userAgent: "", deviceToken: undefined };
const operator = { kind: "operator", command: "test" } as const;
let written = 0;

async function enrol(scene: Scene, { organisationId }: Tenant, person: { userId: UserActor["userId"]; name: string }) {
  const sealer = await scene.installation.sealer();
  const [organisation, user] = [toUuid(organisationId), toUuid(person.userId)];
  const seal = (column: string, text: string): Buffer =>
    sealer.seal({ table: "organisation_users", column, row: `${organisation}${user}` }, text);
  await scene.db.asAdmin(
    "insert into organisation_users (organisation_id, user_id, email_index, email, name) values ($1, $2, $3, $4, $5)",
    [organisation, user, sealer.blindIndex("users", "email", user), seal("email", user), seal("name", person.name)],
  );
}

async function findConversation(scene: Scene, app: SceneApp, externalId: string): Promise<ConversationId> {
  const { tenant, channelId } = app;
  const sealer = await scene.keychain.sealerFor(tenant, { actor: operator, reason: "test" });
  const externalKey = toExternalKey(sealer, channelId, externalId);
  const found = await scene.db.database.withTenant(operator, tenant, (tx) =>
    findConversationOf(tx, { channelId, externalKey }, sealer),
  );
  if (found === undefined) throw new Error(`${externalId} has no conversation`);
  return found.conversationId;
}

/** Sets the stage. */
export async function createInboxStage(): Promise<InboxStage> {
  const scene = await createScene();
  const published: ConversationEvent[] = [];
  const pipeline = await scene.startPipeline({
    publish: async (_tx, events) => {
      published.push(...events);
    },
  });
  const { keychain, installation, db } = scene;
  const operations = createConversationOperations({
    ...{ keychain, installation, pipeline },
    clock: systemClock,
    typing: new TypingBoard(systemClock),
  });

  const call: InboxStage["call"] = async (name, actor, input, within = db.database) => {
    const operation = operations.find((one) => one.name === name);
    if (operation === undefined) throw new Error(`there is no ${name}`);
    const run = (tx: TenantTx): Promise<unknown> =>
      operation.run({ tx, actor, input, requestId: "request", origin, bytes: Buffer.alloc(0) } as never);
    const { organisationId, appId } = actor as Tenant;
    const result =
      "query" in within ? await run(within) : await within.withTenant(actor, { organisationId, appId }, run);
    return (result instanceof AfterCommit ? await result.work() : result) as Record<string, unknown>;
  };

  return {
    ...{ scene, pipeline, published, call },
    addPerson: async (tenant, name, channelIds) => {
      const userId = newId("user");
      if (name !== undefined) await enrol(scene, tenant, { userId, name });
      return { kind: "user", userId, sessionId: newId("session"), ...tenant, scopes, channelIds, isSteppedUp: false };
    },
    toToken: (tenant) => ({ kind: "token", tokenId: newId("token"), ...tenant, scopes }),
    write: async (app, externalId, text) => {
      written += 1;
      const message = {
        kind: "message",
        platformMessageId: `w-${written}`,
        externalId,
        sentAtMs: 1,
        type: "text",
      } as const;
      const { tenant, channelId } = app;
      const [receipt] = await pipeline.accept({
        ...{ tenant, channelId, correlationId: `w-${written}` },
        events: [{ ...message, text }],
      });
      if (receipt?.result === undefined) await pipeline.waitForEvent(receipt?.eventId ?? "evt_", 5_000);
      return findConversation(scene, app, externalId);
    },
    textsTo: (externalId) =>
      scene.platform.requests
        .map((request) => JSON.parse(String(request.body)))
        .filter((body) => body.to.id === externalId)
        .map((body) => body.message.text),
    close: () => scene.close(),
  };
}

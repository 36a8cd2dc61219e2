// A stage for tests of the pipeline: a real database, a demo app, and a platform that the test holds in its hand.

import { readFileSync } from "node:fs";
import { systemClock } from "../../../kernel/clock.ts";
import type { ChannelId, Tenant, TreeId } from "../../../kernel/ids.ts";
import { Presence } from "../../../platform/db/index.ts";
import { createTestDatabase, type TestDatabase } from "../../../platform/db/testing/test-database.ts";
import { createLog } from "../../../platform/log/log.ts";
import type { OutboundClient, OutboundRequest, OutboundResponse } from "../../../platform/outbound/index.ts";
import { importTree, ProgramLibrary, publishTree } from "../../bots/index.ts";
import { assignTrees, ChannelDirectory, createChannel } from "../../channels/index.ts";
import { InstallationKeys, Keychain, openKeyRing } from "../../keys/index.ts";
import { createApp, createOrganisation } from "../../organisations/index.ts";
import { lockClasses } from "../lane.ts";
import { Pipeline, type PipelineOptions } from "../pipeline.ts";

const operator = { kind: "operator", command: "test" } as const;
const sampleTree = new URL("../../../../../engine/examples/order-status.json", import.meta.url);

/** What the platform was told, and what it answers. */
export interface Platform extends OutboundClient {
  readonly requests: OutboundRequest[];
  answer: (request: OutboundRequest) => Promise<Pick<OutboundResponse, "status" | "body">>;
}

export function createPlatform(): Platform {
  let sent = 0;
  const platform: Platform = {
    requests: [],
    answer: async () => ({ status: 200, body: Buffer.from(JSON.stringify({ id: `platform-${++sent}` })) }),
    async request(request) {
      platform.requests.push(request);
      return { headers: {}, durationMs: 1, ...(await platform.answer(request)) };
    },
    assertAllowedUrl: () => undefined,
    close: async () => undefined,
  };
  return platform;
}

export interface SceneApp {
  readonly tenant: Tenant;
  readonly channelId: ChannelId;
  readonly treeId: TreeId;
}

export interface Scene {
  readonly db: TestDatabase;
  readonly keychain: Keychain;
  readonly installation: InstallationKeys;
  readonly directory: ChannelDirectory;
  readonly platform: Platform;
  readonly library: ProgramLibrary;
  /** An app with a custom channel that runs the order-status bot. */
  addApp(definition?: unknown): Promise<SceneApp>;
  /** A pipeline with its own presence, started. Stops with the scene. */
  startPipeline(options?: Partial<PipelineOptions>): Promise<Pipeline>;
  close(): Promise<void>;
}

/** Sets the stage. */
export async function createScene(): Promise<Scene> {
  const db = await createTestDatabase();
  const ringPath = `${db.connection.host}/ring-${db.connection.database}.json`;
  const { provider } = openKeyRing(ringPath, true);
  const clock = systemClock;
  const keychain = new Keychain({ database: db.database, provider, clock });
  const installation = new InstallationKeys({ database: db.database, provider, clock });
  const directory = new ChannelDirectory({ database: db.database, keychain, clock });
  const library = new ProgramLibrary();
  const platform = createPlatform();
  const log = createLog({ level: "fatal" });
  const organisationId = await createOrganisation(db.database, operator, "Test organisation");
  const stops: (() => Promise<void>)[] = [];

  const addApp = async (definition: unknown = JSON.parse(readFileSync(sampleTree, "utf8"))): Promise<SceneApp> => {
    const tenant = await createApp({ database: db.database, provider, actor: operator }, organisationId, "Test app");
    const sealer = await keychain.sealerFor(tenant, { actor: operator, reason: "test" });
    return db.database.withTenant(operator, tenant, async (tx) => {
      const settings = { callbackUrl: "https://platform.example/messages" };
      const { channelId } = await createChannel(
        tx,
        { kind: "custom", name: "Test", settings, credentials: {} },
        sealer,
      );
      const treeId = await importTree(tx, definition);
      await publishTree(tx, treeId, "");
      await assignTrees(tx, channelId, { defaultTreeIds: [treeId] });
      return { tenant, channelId, treeId };
    });
  };

  const startPipeline = async (options: Partial<PipelineOptions> = {}): Promise<Pipeline> => {
    const connection = db.connection;
    const noop = (): void => undefined;
    const presence = new Presence({
      ...{ connection, lockClass: lockClasses.process, channels: [], onNotice: noop, onReconnect: noop, log },
    });
    await presence.start();
    const pipeline = new Pipeline({
      ...{ database: db.database, keychain, directory, library, outbound: platform, clock, log, presence },
      publish: async () => undefined,
      apiUrls: {},
      works: true,
      ...options,
    });
    pipeline.start();
    stops.push(async () => {
      await pipeline.stop();
      await presence.stop();
    });
    return pipeline;
  };

  return {
    ...{ db, keychain, installation, directory, platform, library, addApp, startPipeline },
    close: async () => {
      for (const stop of stops) await stop();
      keychain.close();
      installation.close();
      await db.close();
    },
  };
}

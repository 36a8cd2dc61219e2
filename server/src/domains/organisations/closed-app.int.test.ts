import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toUuid } from "../../kernel/ids.ts";
import { createLog } from "../../platform/log/log.ts";
import { createScene, type Scene, type SceneApp } from "../conversations/testing/scene.ts";
import { suspendApp, suspendOrganisation } from "./lifecycle/close.ts";
import { purgeDeleted } from "./lifecycle/purge.ts";

const operator = { kind: "operator", command: "test" } as const;

let scene: Scene;
let app: SceneApp;
let notices: string[];
let listener: pg.Client;
beforeAll(async () => {
  scene = await createScene();
  app = await scene.addApp();
  notices = [];
  listener = new pg.Client(scene.db.connection);
  await listener.connect();
  listener.on("notification", (notice) => notices.push(notice.payload ?? ""));
  await listener.query("listen parley_configuration");
});
afterAll(async () => {
  await listener.end();
  await scene.close();
});

/** What a process does when it hears that an app changed, and what it then thinks of the channel. */
async function isChannelOpen(): Promise<boolean | undefined> {
  scene.directory.forgetAll();
  return (await scene.directory.find(app.channelId))?.enabled;
}

const change = (isSuspended: boolean) =>
  scene.db.database.withOrganisation(operator, app.tenant.organisationId, (tx) =>
    suspendApp(tx, app.tenant.appId, isSuspended),
  );

describe("the channels of a closed app", () => {
  it("are off while it or its organisation is suspended or will be deleted, and every process is told", async () => {
    await scene.db.asAdmin("update channels set enabled = true where channel_id = $1", [toUuid(app.channelId)]);
    expect(await isChannelOpen()).toBe(true);
    await change(true);
    expect(await isChannelOpen()).toBe(false);
    await change(false);
    expect(await isChannelOpen()).toBe(true);
    for (const isSuspended of [true, false]) {
      await scene.db.database.withOrganisation(operator, app.tenant.organisationId, (tx) =>
        suspendOrganisation(tx, isSuspended),
      );
      expect(await isChannelOpen()).toBe(!isSuspended);
    }
    await listener.query("select 1");
    expect(notices.map((uuid) => uuid.replaceAll("-", ""))).toEqual(Array(4).fill(toUuid(app.tenant.appId)));
  });
});

describe("purging an app in use", () => {
  it("deletes members, conversations and messages in an order that their references allow", async () => {
    const pipeline = await scene.startPipeline();
    await pipeline.accept({
      ...{ tenant: app.tenant, channelId: app.channelId, correlationId: "c-1" },
      events: [{ kind: "message", externalId: "x", sentAtMs: 1, type: "text", text: "hi", platformMessageId: "p-1" }],
    });
    const count = async (table: string) =>
      (await scene.db.asAdmin<{ count: number }>(`select count(*)::int as count from ${table}`))[0]?.count ?? 0;
    for (let tries = 0; tries < 100 && (await count("receipts")) === 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(Math.min(await count("members"), await count("messages"), await count("tree_versions"))).toBeGreaterThan(0);
    await scene.db.asAdmin("update apps set delete_after = now() - interval '1 second'");
    const log = createLog({ level: "silent" });
    const purged = await purgeDeleted({ database: scene.db.database, log, batchRows: 2 });
    expect(purged).toMatchObject({ apps: 1, failed: 0 });
    expect([await count("apps"), await count("members"), await count("channels"), await count("trees")]).toEqual([
      0, 0, 0, 0,
    ]);
  });
});

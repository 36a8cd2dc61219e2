import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toUuid } from "../../kernel/ids.ts";
import { createLog } from "../../platform/log/log.ts";
import { purgeReplayKeys } from "../conversations/index.ts";
import { createScene, type Scene } from "../conversations/testing/scene.ts";
import { Retention } from "./retention.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

describe("retention", () => {
  it("forgets replay keys after seven days, in every app, and not before", async () => {
    const apps = [await scene.addApp(), await scene.addApp()];
    for (const { tenant, channelId } of apps) {
      const ids = [tenant.organisationId, tenant.appId, channelId].map((id) => toUuid(id));
      for (const age of ["6 days", "8 days"]) {
        await scene.db.asAdmin(
          `insert into replay_keys values ($1, $2, $3, decode(md5($4::text), 'hex'), now() - $4::interval)`,
          [...ids, age],
        );
      }
    }
    const task = { name: "replay keys", run: (tx: Parameters<typeof purgeReplayKeys>[0]) => purgeReplayKeys(tx, 7) };
    const retention = new Retention({
      database: scene.db.database,
      log: createLog({ level: "silent" }),
      tasks: [task],
    });
    expect(await retention.runOnce()).toEqual({ "replay keys": 2 });
    expect((await scene.db.asAdmin("select 1 from replay_keys")).length).toBe(2);
    expect(await retention.runOnce()).toEqual({ "replay keys": 0 });
  });
});

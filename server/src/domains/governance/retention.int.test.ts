import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toUuid } from "../../kernel/ids.ts";
import { Jobs } from "../../platform/jobs/index.ts";
import { createLog } from "../../platform/log/log.ts";
import { purgeReplayKeys } from "../conversations/index.ts";
import { createScene, type Scene } from "../conversations/testing/scene.ts";
import { createRetention, type RetentionTask } from "./retention.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

const actor = { kind: "system", job: "test" } as const;
const replayKeys: RetentionTask = { name: "replay keys", run: (tx) => purgeReplayKeys(tx, 7) };
const countKeys = async (): Promise<number> => (await scene.db.asAdmin("select 1 from replay_keys")).length;

describe("retention", () => {
  it("forgets replay keys after seven days, in every app, and not before; a page of apps is a job that holds one id", async () => {
    for (const { tenant, channelId } of [await scene.addApp(), await scene.addApp(), await scene.addApp()]) {
      const ids = [tenant.organisationId, tenant.appId, channelId].map((id) => toUuid(id));
      for (const age of ["6 days", "8 days"]) {
        await scene.db.asAdmin(
          `insert into replay_keys values ($1, $2, $3, decode(md5($4::text), 'hex'), now() - $4::interval)`,
          [...ids, age],
        );
      }
    }
    const log = createLog({ level: "silent" });
    const jobs = new Jobs({ connection: scene.db.connection, log, pollSeconds: 1 });
    const broken: RetentionTask = { name: "broken", run: () => Promise.reject(new RangeError("broken")) };
    const { database } = scene.db;
    const retention = createRetention({ database, jobs, log, tasks: [broken, replayKeys], pageSize: 2 });
    await database.withBatch(actor, (batch) => jobs.enqueue(batch, retention, { payload: {} }));
    await jobs.start();
    await vi.waitFor(async () => expect(await countKeys()).toBe(3), 20_000);
    await vi.waitFor(() => expect(jobs.counts).toEqual({ done: 2, failed: 0 }), 20_000);
    await jobs.stop();
    const payloads = await scene.db.asAdmin(
      "select data from pgboss.job where name = 'governance.retention' order by created_on",
    );
    expect(payloads).toEqual([{ data: {} }, { data: { after: expect.stringMatching(/^app_[0-9a-f]{32}$/) } }]);
    const schedules = await scene.db.asAdmin("select name, cron, data from pgboss.schedule");
    expect(schedules).toEqual([{ name: "governance.retention", cron: "17 * * * *", data: {} }]);
  }, 60_000);
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toUuid } from "../../kernel/ids.ts";
import type { Pipeline } from "./pipeline.ts";
import { createScene, type Scene, type SceneApp } from "./testing/scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

const backlog = 10_000;
let counter = 0;

/** Has `count` messages of as many members taken in. Returns the last one's receipt. */
async function takeIn(pipeline: Pipeline, app: SceneApp, count: number): Promise<`evt_${string}`> {
  const events = Array.from({ length: count }, () => {
    counter += 1;
    const text = { type: "text", text: "order 1", sentAtMs: 1 } as const;
    return { kind: "message", platformMessageId: `m-${counter}`, externalId: `member-${counter}`, ...text } as const;
  });
  const receipts = await pipeline.accept({ ...app, events, correlationId: `c-${counter}` });
  return receipts.at(-1)?.eventId ?? "evt_";
}

async function countWaiting(app: SceneApp): Promise<number> {
  const own = [toUuid(app.tenant.appId)];
  const [row] = await scene.db.asAdmin<{ count: string }>("select count(*) from inbound_events where app_id = $1", own);
  return Number(row?.count);
}

describe("the queue of events", () => {
  it("gives every one of many apps its turn, in order within each", async () => {
    const apps = await Promise.all(Array.from({ length: 70 }, () => scene.addApp()));
    const door = await scene.startPipeline({ works: false });
    for (const app of apps) await takeIn(door, app, 3);
    const claim = "select * from parley_claim_inbound(1, 96, $1, $2)";
    const seen = new Map<string, number>();
    let turn = ["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"];
    for (let round = 0; round < 8; round += 1) {
      const rows = await scene.db.asAdmin<{ organisation_id: string; app_id: string; event_id: string }>(claim, turn);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) {
        const sequence = seen.get(row.app_id) ?? 0;
        seen.set(row.app_id, sequence + 1);
      }
      const ids = rows.map((row) => row.event_id);
      const first = await scene.db.asAdmin<{ event_id: string }>(
        `select distinct on (app_id) event_id from inbound_events where app_id = any(select app_id from inbound_events
           where event_id = any($1::uuid[])) order by app_id, sequence`,
        [ids],
      );
      // What is claimed of an app begins with the first of its events.
      expect(first.every((row) => ids.includes(row.event_id))).toBe(true);
      await scene.db.asAdmin("delete from inbound_events where event_id = any($1::uuid[])", [ids]);
      turn = [rows.at(-1)?.organisation_id ?? "", rows.at(-1)?.app_id ?? ""];
      if (round === 1) expect(seen.size).toBe(70);
      if ((await scene.db.asAdmin("select 1 from inbound_events")).length === 0) break;
    }
    expect([...seen.values()]).toEqual(apps.map(() => 3));
  }, 60_000);

  it(`works off one app's ${backlog} waiting events without delaying another app's single ones`, async () => {
    const [busy, quiet] = [await scene.addApp(), await scene.addApp()] as const;
    const door = await scene.startPipeline({ works: false });
    for (let count = 0; count < backlog; count += 500) await takeIn(door, busy, 500);
    expect(await countWaiting(busy)).toBe(backlog);
    const first = await takeIn(door, quiet, 1);
    const startMs = performance.now();
    const worker = await scene.startPipeline();
    expect(await worker.waitForEvent(first, 10_000)).toMatchObject({ outcome: "answered" });
    const firstMs = performance.now() - startMs;
    const doneBefore = worker.counts.processed;
    const later: { ms: number; others: number }[] = [];
    for (let index = 0; index < 10; index += 1) {
      const [sentMs, sentAfter] = [performance.now(), worker.counts.processed];
      const next = await takeIn(door, quiet, 1);
      expect(await worker.waitForEvent(next, 10_000)).toMatchObject({ outcome: "answered" });
      later.push({ ms: performance.now() - sentMs, others: worker.counts.processed - sentAfter - 1 });
    }
    const left = await countWaiting(busy);
    const most = { ms: Math.max(...later.map(({ ms }) => ms)), others: Math.max(...later.map(({ others }) => others)) };
    process.stdout.write(
      `behind ${backlog} events: the first after ${firstMs.toFixed(0)} ms and ${doneBefore} others, ` +
        `a later one after ${most.ms.toFixed(0)} ms and ${most.others} others at most; ${left} left\n`,
    );
    // A batch of the other app may be before it, and two at work when it comes; never the backlog.
    expect(doneBefore).toBeLessThan(500);
    expect(most.others).toBeLessThan(1_000);
    expect(left).toBeGreaterThan(backlog / 4);
  }, 120_000);
});

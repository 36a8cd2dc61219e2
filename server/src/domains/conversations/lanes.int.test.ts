// Order of a member's messages over transactions and processes: what is asked of lanes before anything is processed in them,
// and what of a lane goes out first.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toUuid } from "../../kernel/ids.ts";
import { embeddedRoles } from "../../platform/db/embedded/index.ts";
import { sessionOptions } from "../../platform/db/index.ts";
import type { Keychain } from "../keys/index.ts";
import { takeLanes } from "./ingest-store.ts";
import { isLaneBehind } from "./process-store.ts";
import { createScene, type Scene, type SceneApp } from "./testing/scene.ts";

const actor = { kind: "system", job: "test" } as const;
const own = 7;

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

interface TestLease {
  readonly owner: number | null;
  readonly seconds: number;
}

async function addSendings({ tenant }: SceneApp, lanes: readonly number[], lease: TestLease) {
  await scene.db.asAdmin(
    `insert into outbox (organisation_id, app_id, message_id, channel_id, conversation_id, lane, correlation_id, lease_owner,
       lease_until) select $1, $2, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), lane, '', $4,
       now() + make_interval(secs => $5) from unnest($3::integer[]) as lane`,
    [toUuid(tenant.organisationId), toUuid(tenant.appId), lanes, lease.owner, lease.seconds],
  );
}

async function addEvents({ tenant }: SceneApp, lanes: readonly number[]) {
  await scene.db.asAdmin(
    `insert into inbound_events (organisation_id, app_id, event_id, channel_id, kind, lane, external_key, payload,
       correlation_id, due_at) select $1, $2, gen_random_uuid(), gen_random_uuid(), 'message', lane, '', '', '', 'infinity'
       from unnest($3::integer[]) as lane`,
    [toUuid(tenant.organisationId), toUuid(tenant.appId), lanes],
  );
}

describe("taking lanes", () => {
  const lanes = { empty: 1, own: 2, others: 3, nobodys: 4, ending: 5, waiting: 6, held: 7 };
  let app: SceneApp;
  let other: SceneApp;

  beforeAll(async () => {
    [app, other] = [await scene.addApp(), await scene.addApp()];
    await addSendings(app, [lanes.own], { owner: own, seconds: 600 });
    await addSendings(app, [lanes.others], { owner: own + 1, seconds: 600 });
    await addSendings(app, [lanes.nobodys], { owner: null, seconds: 600 });
    await addSendings(app, [lanes.ending], { owner: own, seconds: 30 });
    await addEvents(app, [lanes.waiting]);
  });

  const take = (of: SceneApp, wanted: readonly number[]) =>
    scene.db.database.withBatch(actor, (tx) =>
      takeLanes(
        tx,
        wanted.map((lane) => ({ tenant: of.tenant, lane })),
        own,
      ),
    );

  it("SECURITY: says of each, in order, whether events wait and whether messages are with somebody else", async () => {
    const { empty, own: mine, others, nobodys, ending, waiting } = lanes;
    const taken = await take(app, [waiting, ending, nobodys, others, mine, empty]);
    expect(taken.map(({ isFree }) => isFree)).toEqual([false, true, true, true, true, true]);
    expect(taken.map(({ isBehind }) => isBehind)).toEqual([false, true, true, true, false, false]);
  });

  it("asks the same about one lane as about many", async () => {
    const all = Object.values(lanes);
    const taken = await take(app, all);
    const asked = await scene.db.database.withTenant(actor, app.tenant, (tx) =>
      Promise.all(all.map((lane) => isLaneBehind(tx, lane, own))),
    );
    expect(asked).toEqual(taken.map(({ isBehind }) => isBehind));
  });

  it("SECURITY: sees nothing of another app's lanes of the same number", async () => {
    for (const { isFree, isBehind } of await take(other, Object.values(lanes))) {
      expect({ isFree, isBehind }).toEqual({ isFree: true, isBehind: false });
    }
  });

  it("SECURITY: leaves a lane to the transaction that holds it", async () => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>();
    const holding = scene.db.database.withBatch(actor, async (tx) => {
      await takeLanes(tx, [{ tenant: app.tenant, lane: lanes.held }], own);
      hold();
      await over;
    });
    await isHeld;
    const [first] = await take(app, [lanes.held]);
    end();
    await holding;
    const [second] = await take(app, [lanes.held]);
    expect([first?.isFree, second?.isFree]).toEqual([false, true]);
  });

  it("reads what is in the lanes it is asked about, however much is in others", async () => {
    const crowd = Array.from({ length: 300 }, (_, index) => 1_000 + index);
    await addSendings(other, crowd, { owner: own, seconds: 600 });
    await addEvents(other, crowd);
    const client = new pg.Client({ ...scene.db.connection, user: embeddedRoles.admin, options: sessionOptions });
    await client.connect();
    const ask = "select * from parley_take_lanes(1, 7, array[$1::uuid], array[$2::uuid], array[1000])";
    await client.query("begin");
    await client.query(ask, [toUuid(other.tenant.organisationId), toUuid(other.tenant.appId)]);
    const { rows } = await client.query(
      `select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables
       where relname in ('inbound_events', 'outbox', 'apps') and seq_tup_read + coalesce(idx_tup_fetch, 0) > 2`,
    );
    await client.query("rollback");
    await client.end();
    expect(rows).toEqual([]);
  });

  it("tells each app's own configuration", async () => {
    await scene.db.asAdmin("update apps set configuration_revision = 77 where app_id = $1", [
      toUuid(other.tenant.appId),
    ]);
    const both = [app, other].map(({ tenant }) => ({ tenant, lane: lanes.empty }));
    const [of, ofOther] = await scene.db.database.withBatch(actor, (tx) => takeLanes(tx, both, own));
    expect(ofOther?.configurationRevision).toBe("77");
    expect(of?.configurationRevision).not.toBe("77");
  });
});

describe("a message that another process left", () => {
  it("SECURITY: goes out before what is said while it is being claimed", async () => {
    const app = await scene.addApp();
    const say = (text: string) => ({
      ...{ tenant: app.tenant, channelId: app.channelId, correlationId: "c" },
      events: [
        { kind: "message", type: "text", text, externalId: "judy", platformMessageId: text, sentAtMs: 1 } as const,
      ],
    });
    const textsOut = () =>
      scene.platform.requests
        .map(({ body }) => JSON.parse(String(body)) as { to: { id: string }; message: { text: string } })
        .filter(({ to }) => to.id === "judy")
        .map(({ message }) => message.text);
    const usual = scene.platform.answer;
    scene.platform.answer = async () => ({ status: 503, body: Buffer.from("") });
    const first = await scene.startPipeline();
    await first.accept(say("order 1"));
    await vi.waitFor(() => expect(textsOut()).toEqual(["Order 1 received"]));
    await first.stop();
    scene.platform.answer = usual;
    scene.platform.requests.length = 0;
    // The second process claims it, and is slow to read it.
    const { promise: isReadable, resolve: letRead } = Promise.withResolvers<void>();
    const keychain = Object.create(scene.keychain) as Keychain;
    keychain.sealerFor = async (tenant, purpose) => {
      if (purpose.reason === "sending") await isReadable;
      return scene.keychain.sealerFor(tenant, purpose);
    };
    await scene.db.asAdmin("update outbox set due_at = now() where app_id = $1", [toUuid(app.tenant.appId)]);
    const second = await scene.startPipeline({ keychain });
    await vi.waitFor(async () => {
      const rows = await scene.db.asAdmin("select 1 from outbox where app_id = $1 and lease_owner = $2", [
        toUuid(app.tenant.appId),
        second.lease.owner,
      ]);
      expect(rows.length).toBe(1);
    });
    await second.accept(say("order 2"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(textsOut()).toEqual([]);
    letRead();
    await vi.waitFor(() => expect(textsOut()).toEqual(["Order 1 received", "Order 2 received"]), { timeout: 10_000 });
  });
});

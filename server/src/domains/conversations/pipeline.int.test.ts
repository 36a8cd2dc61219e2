import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { fromUuid, toUuid } from "../../kernel/ids.ts";
import type { Arrival } from "./ingest.ts";
import { createScene, type Scene, type SceneApp } from "./testing/scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});
afterAll(() => scene.close());

let counter = 0;
function toArrival(app: SceneApp, externalId: string, text: string): Arrival {
  counter += 1;
  const message = {
    kind: "message",
    platformMessageId: `in-${counter}`,
    externalId,
    sentAtMs: 1,
    type: "text",
    text,
  } as const;
  return { tenant: app.tenant, channelId: app.channelId, events: [message], correlationId: `c-${counter}` };
}

function textsTo(externalId: string, { platform }: Pick<Scene, "platform"> = scene): string[] {
  const bodies = platform.requests.map((request) => JSON.parse(String(request.body)));
  return bodies.filter((body) => body.to.id === externalId).map((body) => body.message.text);
}

describe("the conversation pipeline", () => {
  it("answers a message once it is committed, and drops the same message sent again", async () => {
    const app = await scene.addApp();
    const pipeline = await scene.startPipeline();
    const arrival = toArrival(app, "alice", "order 42");
    const [first] = await pipeline.accept(arrival);
    const [again] = await pipeline.accept(arrival);
    expect([first?.isRepeat, again?.isRepeat]).toEqual([false, true]);
    await vi.waitFor(() => expect(textsTo("alice")).toEqual(["Order 42 received"]));
    await vi.waitFor(async () => {
      const rows = await scene.db.asAdmin("select status from receipts");
      expect(rows).toEqual([{ status: "sent" }]);
    });
    expect(await scene.db.asAdmin("select 1 from outbox")).toEqual([]);
    expect(await scene.db.asAdmin("select 1 from inbound_events")).toEqual([]);
    expect(await scene.db.asAdmin("select outcome from traces")).toEqual([{ outcome: "answered" }]);
  });

  it("answers a hundred messages of one member in order", async () => {
    const app = await scene.addApp();
    const pipeline = await scene.startPipeline();
    const orders = Array.from({ length: 100 }, (_, index) => index + 1);
    await Promise.all(orders.map((order) => pipeline.accept(toArrival(app, "bob", `order ${order}`))));
    await vi.waitFor(() => expect(textsTo("bob").length).toBe(100), { timeout: 10_000 });
    expect(textsTo("bob")).toEqual(orders.map((order) => `Order ${order} received`));
  });

  it("tries again what the platform could not take, with the same reference and before what came later", async () => {
    const app = await scene.addApp();
    const pipeline = await scene.startPipeline();
    const usual = scene.platform.answer;
    let failures = 2;
    scene.platform.answer = async (request) => {
      const isForCarol = JSON.parse(String(request.body)).to.id === "carol";
      if (isForCarol && failures-- > 0) return { status: 503, body: Buffer.from("") };
      return usual(request);
    };
    await pipeline.accept(toArrival(app, "carol", "order 1"));
    await pipeline.accept(toArrival(app, "carol", "order 2"));
    await vi.waitFor(() => expect(textsTo("carol").at(-1)).toBe("Order 2 received"), { timeout: 15_000 });
    scene.platform.answer = usual;
    const bodies = scene.platform.requests.map((request) => JSON.parse(String(request.body)));
    const toCarol = bodies.filter((body) => body.to.id === "carol");
    expect(toCarol.map((body) => body.message.text)).toEqual([
      "Order 1 received",
      "Order 1 received",
      "Order 1 received",
      "Order 2 received",
    ]);
    expect(new Set(toCarol.slice(0, 3).map((body) => body.id)).size).toBe(1);
  });

  it("SECURITY: sends once, and records, what shares a commit with another app's result that cannot be recorded", async () => {
    const [bad, good] = [await scene.addApp(), await scene.addApp()];
    const pipeline = await scene.startPipeline({
      publish: async (tx, events) => {
        if (tx.tenant.appId !== bad.tenant.appId || events[0]?.kind !== "outbound") return;
        throw new RangeError("planted");
      },
    });
    const usual = scene.platform.answer;
    const { promise: both, resolve: letGo } = Promise.withResolvers<void>();
    let calls = 0;
    scene.platform.answer = async (request) => {
      calls += 1;
      if (calls === 2) letGo();
      await both;
      return usual(request);
    };
    await Promise.all([
      pipeline.accept(toArrival(bad, "erin", "order 1")),
      pipeline.accept(toArrival(good, "frank", "order 2")),
    ]);
    const readReceipts = ({ tenant }: SceneApp): Promise<object[]> =>
      scene.db.asAdmin("select status from receipts where app_id = $1", [tenant.appId.slice(4)]);
    await vi.waitFor(async () => expect(await readReceipts(good)).toEqual([{ status: "sent" }]), { timeout: 10_000 });
    scene.platform.answer = usual;
    // Until the other one has been refused for the last time and is set aside.
    const waits =
      "select extract(epoch from due_at - clock_timestamp())::float as seconds from outbox where app_id = $1";
    await vi.waitFor(
      async () => {
        const [row] = await scene.db.asAdmin<{ seconds: number }>(waits, [bad.tenant.appId.slice(4)]);
        expect(row?.seconds).toBeGreaterThan(1_000);
      },
      { timeout: 20_000 },
    );
    expect([textsTo("erin"), textsTo("frank")]).toEqual([["Order 1 received"], ["Order 2 received"]]);
    expect(await readReceipts(bad)).toEqual([]);
  });

  it("SECURITY: sends what waits of one app although what waits of another cannot be read", async () => {
    const [bad, good] = [await scene.addApp(), await scene.addApp()];
    const pipeline = await scene.startPipeline();
    const usual = scene.platform.answer;
    scene.platform.answer = async (request) => {
      const { to } = JSON.parse(String(request.body));
      return ["grace", "heidi"].includes(to.id) ? { status: 503, body: Buffer.from("") } : usual(request);
    };
    await pipeline.accept(toArrival(bad, "grace", "order 1"));
    await pipeline.accept(toArrival(good, "heidi", "order 2"));
    const [badId, goodId] = [bad, good].map(({ tenant }) => toUuid(tenant.appId));
    await vi.waitFor(async () => {
      const free = await scene.db.asAdmin(
        `update outbox set due_at = now() + interval '1 hour' where app_id in ($1, $2) and lease_owner is null returning 1`,
        [badId, goodId],
      );
      expect(free.length).toBe(2);
    });
    await scene.db.asAdmin("update messages set content = '\\x00' where app_id = $1 and direction = 'outbound'", [
      badId,
    ]);
    scene.platform.answer = usual;
    await scene.db.asAdmin("update outbox set due_at = now() where app_id in ($1, $2)", [badId, goodId]);
    await vi.waitFor(() => expect(textsTo("heidi").length).toBeGreaterThan(1), { timeout: 10_000 });
    await vi.waitFor(async () => {
      const rows = await scene.db.asAdmin<{ app_id: string; later: boolean }>(
        `select app_id, due_at > now() + interval '20 minutes' and lease_owner is null as later from outbox
         where app_id in ($1, $2)`,
        [badId, goodId],
      );
      expect(rows.map((row) => [fromUuid("app", row.app_id), row.later])).toEqual([[bad.tenant.appId, true]]);
    });
  });

  it("SECURITY: answers one app although another's keys open nothing any more, and puts off what that one waits for", async () => {
    // A scene of its own: the pipelines of the others have all keys.
    const own = await createScene();
    onTestFinished(() => own.close());
    const [bad, good] = [await own.addApp(), await own.addApp()];
    const front = await own.startPipeline({ works: false });
    await front.accept(toArrival(bad, "ivan", "order 1"));
    await front.accept(toArrival(good, "judy", "order 2"));
    const keychain = Object.create(own.keychain, {
      sealerFor: {
        value: (...[tenant, why]: Parameters<typeof own.keychain.sealerFor>) => {
          if (tenant.appId === bad.tenant.appId) return Promise.reject(new RangeError("planted"));
          return own.keychain.sealerFor(tenant, why);
        },
      },
    });
    await own.startPipeline({ keychain });
    await vi.waitFor(() => expect(textsTo("judy", own)).toEqual(["Order 2 received"]), { timeout: 10_000 });
    await vi.waitFor(async () => {
      const rows = await own.db.asAdmin(
        "select attempts > 0 and due_at > now() + interval '30 seconds' as later from inbound_events where app_id = $1",
        [bad.tenant.appId.slice(4)],
      );
      expect(rows).toEqual([{ later: true }]);
    });
    expect(textsTo("ivan", own)).toEqual([]);
  });

  it("SECURITY: takes in what arrives with another app's event that cannot be stored", async () => {
    const [bad, good] = [await scene.addApp(), await scene.addApp()];
    const pipeline = await scene.startPipeline();
    const [refused, taken] = await Promise.allSettled([
      pipeline.accept({ ...toArrival(bad, "kim", "order 1"), correlationId: "\u0000" }),
      pipeline.accept(toArrival(good, "leo", "order 2")),
    ]);
    expect([refused?.status, taken?.status]).toEqual(["rejected", "fulfilled"]);
    await vi.waitFor(() => expect(textsTo("leo")).toEqual(["Order 2 received"]));
  });

  it("CVE-2026-48494: keeps members of one name in two apps apart", async () => {
    const [one, two] = [await scene.addApp(), await scene.addApp()];
    const pipeline = await scene.startPipeline();
    await pipeline.accept(toArrival(one, "dave", "order 7"));
    await pipeline.accept(toArrival(two, "dave", "order 8"));
    await vi.waitFor(() => expect(textsTo("dave").toSorted()).toEqual(["Order 7 received", "Order 8 received"]));
    const members = await scene.db.asAdmin<{ key: string }>(
      "select distinct encode(external_key, 'hex') as key from members m where app_id in ($1, $2)",
      [one.tenant.appId.slice(4), two.tenant.appId.slice(4)],
    );
    expect(members.length).toBe(2);
  });
});

import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { newId } from "../../platform/crypto/random.ts";
import { drawWebhookSecret } from "../channels/index.ts";
import type { SceneApp } from "../conversations/testing/scene.ts";
import { endpointBounds } from "./create-endpoint.ts";
import { openEndpoint } from "./endpoint.ts";
import { findEndpoint, type StoredEndpoint } from "./endpoint-store.ts";
import { insertDeliveries } from "./queue-store.ts";
import { listSecrets, signStandard } from "./sign.ts";
import { createStage, operator, type Stage } from "./testing/stage.ts";
import type { Endpoint } from "./types.ts";

let stage: Stage;
let app: SceneApp;
let url: string;
beforeAll(async () => {
  stage = await createStage();
  app = await stage.scene.addApp();
  url = (await stage.startReceiver()).url;
});
afterAll(() => stage.close());

async function read(endpointId: `whe_${string}`): Promise<Endpoint> {
  const { keychain, db } = stage.scene;
  const sealer = await keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
  const stored = await db.database.withTenant(operator, app.tenant, (tx) => findEndpoint(tx, endpointId));
  return openEndpoint(stored as StoredEndpoint, sealer);
}

/** A finished or pending delivery as the log holds it. */
async function log(endpointId: `whe_${string}`, state: string, ageDays = 0): Promise<`whd_${string}`> {
  const { keychain, db } = stage.scene;
  const deliveryId = newId("delivery");
  const sealer = await keychain.sealerFor(app.tenant, { actor: operator, reason: "test" });
  const row = deliveryId.slice(4);
  const body = sealer.seal({ table: "webhook_deliveries", column: "body", row }, '{"eventType":"INBOUND"}');
  const rest = { event: "inbound", correlationId: "c-1", dueAtMs: undefined } as const;
  const delivery = { deliveryId, endpointId, body, ...rest };
  // Due in a year, so that no process takes it up.
  await db.database.withTenant(operator, app.tenant, (tx) =>
    insertDeliveries(tx, [delivery], { owner: 0, seconds: 0 }),
  );
  await db.asAdmin(
    `update webhook_deliveries set state = $2, created_at = now() - make_interval(days => $3), lease_owner = null,
     due_at = now() + interval '1 year' where delivery_id = $1`,
    [row, state, ageDays],
  );
  await db.asAdmin(
    `insert into webhook_attempts (organisation_id, app_id, delivery_id, attempt_id, at, duration_ms)
     select organisation_id, app_id, delivery_id, delivery_id, now(), 1 from webhook_deliveries where delivery_id = $1`,
    [row],
  );
  return deliveryId;
}

describe("saving an endpoint", () => {
  it.each([
    "http://127.0.0.1/hook",
    "https://127.0.0.1/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/hook",
    "https://10.0.0.1/hook",
    "http://example.com/hook",
    "https://user:secret@example.com/hook",
    "ftp://example.com/hook",
    "https://example.com:22/hook",
    "not an address",
    `https://example.com/${"a".repeat(2048)}`,
  ])("refuses %s, naming the field", async (refused) => {
    const expected = { code: "webhooks.invalid_endpoint", status: 422, mistakes: [{ path: "url" }] };
    await expect(stage.addEndpoint(app, refused)).rejects.toMatchObject(expected);
    const { endpointId } = await stage.addEndpoint(app, url);
    const update = stage.run(app.tenant, "webhookEndpoints.update", { endpointId, url: refused });
    await expect(update).rejects.toMatchObject(expected);
    expect((await read(endpointId)).url).toBe(url);
    await stage.run(app.tenant, "webhookEndpoints.delete", { endpointId });
  });

  it("refuses reserved headers and no events, naming both", async () => {
    const input = { headers: { "webhook-signature": "v1,forged" }, events: [] };
    const mistakes = [{ path: "events" }, { path: "headers.webhook-signature" }];
    await expect(stage.addEndpoint(app, url, input)).rejects.toMatchObject({ mistakes });
  });

  it("refuses a channel of another app as one that does not exist, and more endpoints than a channel may have", async () => {
    const other = await stage.scene.addApp();
    const foreign = stage.addEndpoint(app, url, { channelId: other.channelId });
    await expect(foreign).rejects.toMatchObject({ code: "channels.not_found", status: 404 });
    for (let made = 0; made < endpointBounds.perChannel; made += 1) await stage.addEndpoint(other, url);
    await expect(stage.addEndpoint(other, url)).rejects.toMatchObject({ code: "webhooks.too_many_endpoints" });
  });
});

describe("views", () => {
  it("CVE-2026-65589: never hold a secret or the value of a header", async () => {
    const created = await stage.run(app.tenant, "webhookEndpoints.create", {
      ...{ channelId: app.channelId, url, events: ["inbound"], headers: { authorization: "Bearer hunter2" } },
      asymmetric: true,
    });
    const { endpointId, secret, publicKey } = created as {
      endpointId: `whe_${string}`;
      secret: string;
      publicKey: string;
    };
    expect(publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    const { previous, signer, ...rest } = await read(endpointId);
    expect({ previous, hasSigner: signer !== undefined }).toEqual({ previous: undefined, hasSigner: true });
    expect(rest).toMatchObject({ secret, headers: { authorization: "Bearer hunter2" } });
    const views = [
      await stage.run(app.tenant, "webhookEndpoints.get", { endpointId }),
      await stage.run(app.tenant, "webhookEndpoints.list"),
      await stage.run(app.tenant, "webhookEndpoints.update", { endpointId, events: ["status"] }),
    ];
    expect(views[0]).toMatchObject({ url, headerNames: ["authorization"], publicKey, enabled: true });
    expect(JSON.stringify(views)).not.toContain(secret);
    expect(JSON.stringify(views)).not.toContain("hunter2");
    expect(JSON.stringify(views)).not.toContain("whsec_");
  });
});

describe("the headers of an endpoint", () => {
  it("CVE-2026-48766, CVE-2026-25631: go to no other host than the one they were given for", async () => {
    const headers = { authorization: "Bearer hunter2" };
    const stored = "https://hooks.example/parley";
    const { endpointId } = await stage.addEndpoint(app, stored, { headers });
    const update = (input: object) => stage.run(app.tenant, "webhookEndpoints.update", { endpointId, ...input });
    for (const other of [
      "https://collector.example/parley",
      "https://hooks.example.collector.example/parley",
      "https://collector.example/hooks.example",
      "https://xhooks.example/parley",
      "https://hooks.example:8443/parley",
    ]) {
      await expect(update({ url: other }), other).rejects.toMatchObject({
        status: 422,
        mistakes: [{ path: "headers" }],
      });
      await expect(update({ url: other, enabled: true }), other).rejects.toMatchObject({ status: 422 });
      expect(await read(endpointId)).toMatchObject({ url: stored, headers });
    }
    // Another path of the same host is the same receiver; and whoever gives headers again may send them anywhere.
    await update({ url: "https://HOOKS.example:443/other" });
    expect(await read(endpointId)).toMatchObject({ headers });
    await update({ url: "https://collector.example/parley", headers: {} });
    expect(await read(endpointId)).toMatchObject({ url: "https://collector.example/parley", headers: {} });
    await update({ url: stored });
    expect(await read(endpointId)).toMatchObject({ url: stored, headers: {} });
    await update({ url: "https://collector.example/parley", headers: { "x-other": "1" } });
    expect(await read(endpointId)).toMatchObject({ headers: { "x-other": "1" } });
  });
});

describe("rotating a secret", () => {
  const body = Buffer.from("{}");

  it("lets receivers verify with either secret during the overlap, and with the current one alone without any", async () => {
    const { endpointId, secret: first } = await stage.addEndpoint(app, url);
    const rotate = async (overlapHours?: number): Promise<{ secret: string; previousSecretUntil?: string }> => {
      const input = { endpointId, ...(overlapHours === undefined ? {} : { overlapHours }) };
      return (await stage.run(app.tenant, "webhookEndpoints.rotateSecret", input)) as { secret: string };
    };
    const sign = async (): Promise<Record<string, string>> => {
      const nowMs = systemClock.nowMs();
      return signStandard(
        { secrets: listSecrets(await read(endpointId), nowMs) },
        { id: newId("delivery"), body },
        nowMs,
      );
    };
    const { secret: second, previousSecretUntil } = await rotate();
    const overlapMs = Date.parse(previousSecretUntil ?? "") - systemClock.nowMs();
    expect(Math.round(overlapMs / 60_000)).toBe(24 * 60);
    const during = await sign();
    for (const secret of [first, second]) new Webhook(secret).verify("{}", during);
    const { secret: third, ...rest } = await rotate(0);
    expect(rest).toEqual({});
    const after = await sign();
    new Webhook(third).verify("{}", after);
    for (const secret of [first, second]) expect(() => new Webhook(secret).verify("{}", after)).toThrow();
    expect(new Set([first, second, third, drawWebhookSecret()]).size).toBe(4);
  });
});

describe("the log", () => {
  it("pages newest first, by endpoint and state", async () => {
    const { endpointId } = await stage.addEndpoint(app, url);
    const ids = [await log(endpointId, "failed"), await log(endpointId, "delivered"), await log(endpointId, "failed")];
    type Page = { items: { deliveryId: string }[]; after?: string };
    const list = async (input: object): Promise<Page> =>
      (await stage.run(app.tenant, "deliveries.list", { endpointId, ...input })) as Page;
    const [a, b, c] = ids;
    expect((await list({})).items.map((one) => one.deliveryId)).toEqual([c, b, a]);
    expect((await list({ state: "failed" })).items.map((one) => one.deliveryId)).toEqual([c, a]);
    const page = await list({ first: 2 });
    expect(page.after).toBe(b);
    expect((await list({ first: 2, after: page.after })).items.map((one) => one.deliveryId)).toEqual([a]);
  });

  it("forgets deliveries and attempts after thirty days", async () => {
    const { endpointId } = await stage.addEndpoint(app, url);
    await log(endpointId, "delivered", 31);
    await log(endpointId, "failed", 45);
    const kept = await log(endpointId, "delivered", 29);
    await stage.startWebhooks();
    await vi.waitFor(async () => expect(await stage.listRows(endpointId)).toHaveLength(1), { timeout: 5_000 });
    const attempts = await stage.scene.db.asAdmin<{ id: string }>(
      `select replace(a.delivery_id::text, '-', '') as id from webhook_attempts a left join webhook_deliveries d
       using (delivery_id) where d.delivery_id is null or d.endpoint_id = $1`,
      [endpointId.slice(4)],
    );
    expect(attempts.map((row) => row.id)).toEqual([kept.slice(4)]);
  });
});

describe("tenants", () => {
  it("CVE-2026-41947: another app's endpoints and deliveries do not exist, whatever is asked of them", async () => {
    const { endpointId } = await stage.addEndpoint(app, url);
    const deliveryId = await log(endpointId, "failed");
    const { tenant } = await stage.scene.addApp();
    const missing = { status: 404 };
    const since = "2020-01-01T00:00:00Z";
    await expect(stage.run(tenant, "webhookEndpoints.get", { endpointId })).rejects.toMatchObject(missing);
    await expect(stage.run(tenant, "webhookEndpoints.update", { endpointId, enabled: false })).rejects.toMatchObject(
      missing,
    );
    await expect(stage.run(tenant, "webhookEndpoints.rotateSecret", { endpointId })).rejects.toMatchObject(missing);
    await expect(stage.run(tenant, "webhookEndpoints.delete", { endpointId })).rejects.toMatchObject(missing);
    await expect(stage.run(tenant, "webhookEndpoints.replayFailed", { endpointId, since })).rejects.toMatchObject(
      missing,
    );
    await expect(stage.run(tenant, "deliveries.get", { deliveryId })).rejects.toMatchObject(missing);
    await expect(stage.run(tenant, "deliveries.replay", { deliveryId })).rejects.toMatchObject(missing);
    expect(await stage.run(tenant, "webhookEndpoints.list")).toEqual({ items: [] });
    expect(await stage.run(tenant, "deliveries.list", { endpointId })).toEqual({ items: [] });
    expect(await stage.run(app.tenant, "deliveries.get", { deliveryId })).toMatchObject({
      state: "failed",
      endpointId,
    });
    expect((await read(endpointId)).enabled).toBe(true);
  });

  it("a deleted endpoint is gone, and its log stays", async () => {
    const { endpointId } = await stage.addEndpoint(app, url);
    const deliveryId = await log(endpointId, "delivered");
    await stage.run(app.tenant, "webhookEndpoints.delete", { endpointId });
    await expect(stage.run(app.tenant, "webhookEndpoints.get", { endpointId })).rejects.toMatchObject({ status: 404 });
    expect(await stage.run(app.tenant, "deliveries.get", { deliveryId })).toMatchObject({ state: "delivered" });
    await expect(stage.run(app.tenant, "deliveries.replay", { deliveryId })).rejects.toMatchObject({ status: 404 });
  });
});

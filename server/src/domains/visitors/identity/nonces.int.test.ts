import { createSecretKey } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLog } from "../../../platform/log/log.ts";
import { createScene, type Scene, type SceneApp } from "../../conversations/testing/scene.ts";
import { KeySets } from "./key-sets.ts";
import { purgeNonces, useNonce } from "./nonce-store.ts";
import { type IdentityChannel, verifyIdentity } from "./verify-identity.ts";

const actor = { kind: "system", job: "test" } as const;
const secret = "a secret of the website, of more than 32 bytes";
const log = createLog({ level: "silent" });
let scene: Scene;
let app: SceneApp;
beforeAll(async () => {
  scene = await createScene();
  app = await scene.addApp();
});
afterAll(() => scene.close());

async function sign(audience: string, jti: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { aud: audience, sub: "customer-1", exp: now + 300, jti };
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(createSecretKey(secret, "utf8"));
}

function toClaim(
  { tenant, channelId }: SceneApp,
  jwt: string,
): { channel: IdentityChannel; jwt: string; nowMs: number } {
  const credentials = { identitySecrets: JSON.stringify([secret]) };
  return {
    channel: { tenant, channelId, credentials, web: { identity: { mode: "optional" } } },
    jwt,
    nowMs: Date.now(),
  };
}

describe("tokens of identity", () => {
  it("SECURITY: count once: of 50 parallel uses exactly one is answered", async () => {
    const deps = {
      ...{ database: scene.db.database, keychain: scene.keychain, log },
      keySets: new KeySets({ outbound: scene.platform, log }),
    };
    const claim = toClaim(app, await sign(app.channelId, "customer-1@shop.example/login/1"));
    const uses = await Promise.allSettled(Array.from({ length: 50 }, () => verifyIdentity(deps, claim)));
    expect(uses.filter((use) => use.status === "fulfilled")).toHaveLength(1);
    const codes = uses.flatMap((use) => (use.status === "rejected" ? [use.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(["visitors.identity_refused"]));
    const rows = await scene.db.asAdmin<{ nonce: Buffer }>("select nonce from visitor_nonces");
    expect(rows).toHaveLength(1);
    expect(rows[0]?.nonce.toString("latin1")).not.toContain("shop");
  });

  it("are used up in their own channel only", async () => {
    const other = await scene.addApp();
    const deps = {
      ...{ database: scene.db.database, keychain: scene.keychain, log },
      keySets: new KeySets({ outbound: scene.platform, log }),
    };
    for (const one of [app, other]) {
      expect((await verifyIdentity(deps, toClaim(one, await sign(one.channelId, "same")))).jti).toBe("same");
    }
    await expect(verifyIdentity(deps, toClaim(other, await sign(app.channelId, "next")))).rejects.toMatchObject({
      code: "visitors.identity_refused",
    });
  });
});

describe("nonces", () => {
  it("are forgotten some minutes after they expired, and not before", async () => {
    const own = await scene.addApp();
    const use = (byte: number, expiresInMs: number) =>
      scene.db.database.withTenant(actor, own.tenant, (tx) =>
        useNonce(tx, {
          ...{ channelId: own.channelId, index: Buffer.alloc(16, byte), expiresAtMs: Date.now() + expiresInMs },
        }),
      );
    expect([await use(1, -600_000), await use(2, -60_000), await use(3, 60_000)]).toEqual([true, true, true]);
    expect(await scene.db.database.withTenant(actor, own.tenant, purgeNonces)).toBe(1);
    expect([await use(1, -600_000), await use(2, -60_000), await use(3, 60_000)]).toEqual([true, false, false]);
  });
});

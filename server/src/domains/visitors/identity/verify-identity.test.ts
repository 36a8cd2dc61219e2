// The fakes here stand for the network and the table of nonces; the keys, tokens and signatures are real.

import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { importPKCS8, type JWTPayload, SignJWT } from "jose";
import { describe, expect, it, vi } from "vitest";
import { AppError } from "../../../kernel/errors.ts";
import type { TenantTx } from "../../../platform/db/index.ts";
import type { OutboundRequest } from "../../../platform/outbound/index.ts";
import { KeySets } from "./key-sets.ts";
import { type IdentityChannel, type IdentityDeps, type IdentitySettings, verifyIdentity } from "./verify-identity.ts";

const channelId = `chn_${"a".repeat(32)}` as const;
const otherChannelId = `chn_${"b".repeat(32)}` as const;
const tenant = { organisationId: `org_${"1".repeat(32)}`, appId: `app_${"2".repeat(32)}` } as const;
const nowMs = Date.UTC(2026, 5, 1);
const now = nowMs / 1000;
const secret = "a secret of the website, of more than 32 bytes";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed25519 = generateKeyPairSync("ed25519");
const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const jwk = (key: KeyObject, kid: string): object => ({ ...key.export({ format: "jwk" }), kid, use: "sig" });
const bySecret = (text: string): Uint8Array => new TextEncoder().encode(text);

const good: JWTPayload = { aud: channelId, sub: "customer-1", iat: now, exp: now + 300, jti: "one" };

interface Shape {
  readonly claims?: JWTPayload;
  readonly header?: Record<string, unknown>;
  readonly key?: KeyObject | Uint8Array;
  readonly leaveOut?: readonly string[];
}

/** A token as a website's server would make it; RS256 unless said. */
function sign({ claims = {}, header = {}, key = rsa.privateKey, leaveOut = [] }: Shape = {}): Promise<string> {
  const payload = Object.fromEntries(
    Object.entries({ ...good, ...claims }).filter(([name]) => !leaveOut.includes(name)),
  );
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", ...header }).sign(key);
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

type Request = (request: OutboundRequest) => Promise<{ status: number; body: Buffer }>;

interface Told {
  readonly deps: IdentityDeps;
  readonly reasons: string[];
}

/** Dependencies with a table of nonces in memory. */
function createDeps(request: Request): Told {
  const used = new Set<string>();
  const reasons: string[] = [];
  const log = { warn: (fields: { reason?: string }) => void reasons.push(fields.reason ?? "") } as IdentityDeps["log"];
  const tx = {
    query: async (_statement: unknown, [channel, nonce]: [string, Buffer]) => {
      const name = `${channel} ${nonce.toString("hex")}`;
      if (used.has(name)) return [];
      used.add(name);
      return [{ used: true }];
    },
  } as unknown as TenantTx;
  const database = { withTenant: (_actor: unknown, _tenant: unknown, work: (tx: TenantTx) => unknown) => work(tx) };
  const sealer = { blindIndex: (...parts: string[]) => Buffer.from(parts.join(" ")) };
  const outbound = {
    request: async (one: OutboundRequest) => ({ headers: {}, durationMs: 1, ...(await request(one)) }),
  };
  const deps = {
    ...{ database, log, keychain: { sealerFor: async () => sealer }, keySets: new KeySets({ outbound, log }) },
  } as unknown as IdentityDeps;
  return { deps, reasons };
}

const noNetwork = (): never => {
  throw new RangeError("nothing may be fetched here");
};

function toChannel(identity: Partial<IdentitySettings>, secrets: readonly unknown[] = []): IdentityChannel {
  const credentials = { identitySecrets: JSON.stringify(secrets) };
  return { tenant, channelId, credentials, web: { identity: { mode: "optional", ...identity } } };
}

const rsaChannel = toChannel({ publicKeysPem: pem(rsa.publicKey) });

describe("a verified identity", () => {
  it.each([
    ["RS256", rsa.privateKey, rsaChannel],
    ["ES256", p256.privateKey, toChannel({ publicKeysPem: pem(p256.publicKey) })],
    ["EdDSA", ed25519.privateKey, toChannel({ publicKeysPem: pem(ed25519.publicKey) })],
    ["HS256", bySecret(secret), toChannel({}, [secret])],
    ["HS256", bySecret(secret), toChannel({}, ["the next secret, of more than 32 bytes", secret])],
    ["ES256", p256.privateKey, toChannel({ publicKeysPem: pem(rsa.publicKey) + pem(p256.publicKey) }, [secret])],
  ])("is accepted by %s", async (alg, key, channel) => {
    const { deps } = createDeps(noNetwork);
    const claims = { name: " Ada\u202e\n Okafor", email: "Ada@Example.org", email_verified: true };
    const jwt = await sign({ claims, header: { alg }, key });
    expect(await verifyIdentity(deps, { channel, jwt, nowMs })).toEqual({
      ...{ subject: "customer-1", name: "Ada Okafor", email: "ada@example.org", isEmailVerified: true, jti: "one" },
      expiresAtMs: nowMs + 300_000,
    });
  });

  const samples = JSON.parse(
    readFileSync(new URL("./samples/tokens-of-other-libraries.json", import.meta.url), "utf8"),
  ) as { library: string; algorithm: string; publicKeysPem?: string; secret?: string; jwt: string }[];
  it.each(samples)(
    "is accepted as $library signs it with $algorithm",
    async ({ jwt, publicKeysPem, secret: shared }) => {
      const { deps } = createDeps(noNetwork);
      const itsChannel = { ...toChannel({ publicKeysPem }, shared === undefined ? [] : [shared]) };
      const channel = { ...itsChannel, channelId: "chn_0198c0de00007000800000000000beef" as const };
      const identity = await verifyIdentity(deps, { channel, jwt, nowMs: 1_900_000_001_000 });
      expect(identity).toMatchObject({ subject: "customer-4711", name: "Ada Okafor", isEmailVerified: true });
    },
  );

  it("may stand for several audiences, carry the nonce that was given, and say that an address is not verified", async () => {
    const { deps } = createDeps(noNetwork);
    const claims = { aud: ["shop", channelId], nonce: "given", email: "ada@example.org" };
    const identity = await verifyIdentity(deps, {
      channel: rsaChannel,
      jwt: await sign({ claims }),
      nonce: "given",
      nowMs,
    });
    expect(identity.isEmailVerified).toBe(false);
  });
});

const refusals: readonly (readonly [string, () => string | Promise<string>, RegExp])[] = [
  ["unsigned", async () => `${(await sign()).split(".").slice(0, 2).join(".")}.`, /three parts/],
  ["of alg none", () => `${encode({ alg: "none" })}.${encode(good)}.`, /three parts/],
  ["of alg none with a signature", () => `${encode({ alg: "none" })}.${encode(good)}.AAAA`, /no key/],
  ["of alg nOnE", () => `${encode({ alg: "nOnE" })}.${encode(good)}.AAAA`, /no key/],
  ["that is no token", () => "plv_abc", /three parts/],
  ["of 9000 characters", () => `${"a".repeat(4500)}.${"a".repeat(4500)}.a`, /too long/],
  ["for another channel", () => sign({ claims: { aud: otherChannelId } }), /audience/],
  ["for no channel", () => sign({ leaveOut: ["aud"] }), /aud/],
  [
    "signed with another key",
    () => sign({ key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey }),
    /no key/,
  ],
  ["without sub", () => sign({ leaveOut: ["sub"] }), /sub/],
  ["with an empty sub", () => sign({ claims: { sub: "" } }), /sub/],
  ["with a sub of 201 characters", () => sign({ claims: { sub: "x".repeat(201) } }), /sub/],
  ["with a control character in sub", () => sign({ claims: { sub: "a\u0000b" } }), /sub/],
  ["without jti", () => sign({ leaveOut: ["jti"] }), /jti/],
  ["without exp", () => sign({ leaveOut: ["exp"] }), /exp/],
  ["valid for more than an hour", () => sign({ claims: { exp: now + 3_700 } }), /more than an hour/],
  ["issued in the future", () => sign({ claims: { iat: now + 61 } }), /issued in the future/],
  ["not valid yet", () => sign({ claims: { nbf: now + 61 } }), /not valid yet/],
  ["with another nonce", () => sign({ claims: { nonce: "other" } }), /nonce/],
  ["with an address that is none", () => sign({ claims: { email: "x@y@z" } }), /mail address/],
  [
    "that says verified in words",
    () => sign({ claims: { email: "a@b.org", email_verified: "true" } }),
    /email_verified/,
  ],
  ["that brings its own key", () => sign({ header: { jwk: jwk(rsa.publicKey, "x") } }), /"jwk"/],
  ["that says where its key is", () => sign({ header: { jku: "https://evil.example/keys" } }), /"jku"/],
  ["that says where its certificate is", () => sign({ header: { x5u: "https://evil.example/cert" } }), /"x5u"/],
  ["that brings its certificate", () => sign({ header: { x5c: ["AAAA"] } }), /"x5c"/],
  [
    "with critical extensions",
    () => `${encode({ alg: "RS256", crit: ["b64"], b64: false })}.${encode(good)}.AAAA`,
    /"crit"/,
  ],
  ["of another type", () => sign({ header: { typ: "at+jwt" } }), /type/],
];

describe("SECURITY: an identity (CVE-2026-55759)", () => {
  it.each(refusals)("is refused when the token is %s; only the log says why", async (_, make, reason) => {
    const { deps, reasons } = createDeps(noNetwork);
    const refused = await verifyIdentity(deps, { channel: rsaChannel, jwt: await make(), nonce: "given", nowMs }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: "visitors.identity_refused", status: 403, mistakes: [] });
    expect((refused as AppError).detail).not.toMatch(reason);
    expect(reasons).toEqual([expect.stringMatching(reason)]);
  });

  it("is told to have expired only when the token was good", async () => {
    const { deps } = createDeps(noNetwork);
    const claims = { exp: now };
    await expect(
      verifyIdentity(deps, { channel: rsaChannel, jwt: await sign({ claims }), nowMs }),
    ).rejects.toMatchObject({
      code: "visitors.identity_expired",
    });
    const forged = await sign({ claims, key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey });
    await expect(verifyIdentity(deps, { channel: rsaChannel, jwt: forged, nowMs })).rejects.toMatchObject({
      code: "visitors.identity_refused",
    });
  });

  it("is not believed when a public key was used as a secret (CVE-2016-5431), whatever the channel holds", async () => {
    const text = pem(rsa.publicKey);
    const channels = [
      rsaChannel,
      toChannel({ publicKeysPem: text }, [secret]),
      toChannel({ publicKeysPem: text }, [text]),
    ];
    const head = `${encode({ alg: "HS256" })}.${encode(good)}`;
    const der = rsa.publicKey.export({ type: "spki", format: "der" });
    for (const channel of channels) {
      for (const key of [text, text.trim(), der]) {
        const jwt = `${head}.${createHmac("sha256", key).update(head).digest("base64url")}`;
        const { deps } = createDeps(noNetwork);
        await expect(verifyIdentity(deps, { channel, jwt, nowMs })).rejects.toMatchObject({
          code: "visitors.identity_refused",
        });
      }
    }
  });

  it("is not believed by an algorithm that the key is not for: RSA keys sign RS256 and nothing else", async () => {
    const head = `${encode({ alg: "RS512" })}.${encode(good)}`;
    const jwt = `${head}.${createSign("sha512").update(head).sign(rsa.privateKey, "base64url")}`;
    const { deps } = createDeps(noNetwork);
    await expect(verifyIdentity(deps, { channel: rsaChannel, jwt, nowMs })).rejects.toMatchObject({
      code: "visitors.identity_refused",
    });
  });

  it.each([
    ["a secret of 31 bytes", toChannel({}, ["x".repeat(31)]), bySecret("x".repeat(31))],
    ["a third secret", toChannel({}, [`1${secret}`, `2${secret}`, secret]), bySecret(secret)],
    ["no secret", toChannel({}, []), bySecret(secret)],
    ["a channel that takes none", { ...toChannel({ mode: "off" }, [secret]) }, bySecret(secret)],
  ])("is not believed by %s", async (_, channel, key) => {
    const { deps } = createDeps(noNetwork);
    const jwt = await sign({ header: { alg: "HS256" }, key });
    await expect(verifyIdentity(deps, { channel, jwt, nowMs })).rejects.toMatchObject({
      code: "visitors.identity_refused",
    });
  });

  it("is not believed by an RSA key of 1024 bits", async () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const head = `${encode({ alg: "RS256" })}.${encode(good)}`;
    const jwt = `${head}.${createSign("sha256").update(head).sign(weak.privateKey, "base64url")}`;
    const { deps } = createDeps(noNetwork);
    const channel = toChannel({ publicKeysPem: pem(weak.publicKey) });
    await expect(verifyIdentity(deps, { channel, jwt, nowMs })).rejects.toMatchObject({
      code: "visitors.identity_refused",
    });
  });

  it("counts once: the same jti again is refused, in another token too, and not before it was good", async () => {
    const { deps, reasons } = createDeps(noNetwork);
    const claim = { channel: rsaChannel, jwt: await sign(), nowMs };
    const forged = await sign({ key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey });
    await expect(verifyIdentity(deps, { ...claim, jwt: forged })).rejects.toThrow();
    await verifyIdentity(deps, claim);
    await expect(verifyIdentity(deps, claim)).rejects.toMatchObject({ code: "visitors.identity_refused" });
    const again = await sign({ claims: { sub: "customer-2" } });
    await expect(verifyIdentity(deps, { ...claim, jwt: again })).rejects.toThrow();
    expect(reasons.at(-1)).toMatch(/used before/);
  });
});

describe("the keys a website publishes", () => {
  const url = "https://shop.example/.well-known/jwks.json";
  const channel = toChannel({ jwksUrl: url });
  const toBody = (...keys: readonly unknown[]): Buffer => Buffer.from(JSON.stringify({ keys }));
  let count = 0;
  const signNext = (kid: string | undefined, key = p256.privateKey): Promise<string> =>
    sign({ claims: { jti: `jti-${++count}`, exp: now + 3_000 }, header: { alg: "ES256", ...(kid && { kid }) }, key });

  it("are fetched once, within bounds, and kept", async () => {
    const request = vi.fn<Request>(async () => ({ status: 200, body: toBody(jwk(p256.publicKey, "k1")) }));
    const { deps } = createDeps(request);
    const claims = await Promise.all([signNext("k1"), signNext("k1"), signNext(undefined)]);
    await Promise.all(claims.map((jwt) => verifyIdentity(deps, { channel, jwt, nowMs })));
    expect(request.mock.calls.map(([one]) => one)).toEqual([
      { method: "GET", url, headers: expect.anything(), timeoutMs: 3_000, responseBytesMax: 65_536 },
    ]);
  });

  it("are fetched again for a key nobody knows, at most once a minute", async () => {
    let keys = [jwk(p256.publicKey, "k1")];
    const request = vi.fn<Request>(async () => ({ status: 200, body: toBody(...keys) }));
    const { deps } = createDeps(request);
    const next = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const verify = async (kid: string, key: KeyObject, afterMs: number) =>
      verifyIdentity(deps, { channel, jwt: await signNext(kid, key), nowMs: nowMs + afterMs });
    await verify("k1", p256.privateKey, 0);
    keys = [jwk(next.publicKey, "k2")];
    for (let i = 0; i < 20; i++) await expect(verify("k2", next.privateKey, 59_999)).rejects.toThrow();
    expect(request).toHaveBeenCalledTimes(1);
    await verify("k2", next.privateKey, 60_000);
    expect(request).toHaveBeenCalledTimes(2);
    await expect(verify("k1", p256.privateKey, 60_001)).rejects.toThrow();
    expect(request).toHaveBeenCalledTimes(2);
  });

  it("are believed for an hour while their address is down, and none are while it never answered", async () => {
    let isDown = false;
    const request = vi.fn<Request>(async () => {
      if (isDown) throw new RangeError("down");
      return { status: 200, body: toBody(jwk(p256.publicKey, "k1")) };
    });
    const { deps } = createDeps(request);
    await verifyIdentity(deps, { channel, jwt: await signNext("k1"), nowMs });
    isDown = true;
    await verifyIdentity(deps, { channel, jwt: await signNext("k1"), nowMs: nowMs + 1_800_000 });
    const late = nowMs + 3_600_001;
    const jwt = await sign({
      claims: { exp: late / 1000 + 60, jti: "late" },
      header: { alg: "ES256" },
      key: p256.privateKey,
    });
    await expect(verifyIdentity(deps, { channel, jwt, nowMs: late })).rejects.toMatchObject({
      code: "visitors.identity_refused",
    });
    const never = createDeps(request);
    const before = request.mock.calls.length;
    for (let i = 0; i < 20; i++) {
      const refused = verifyIdentity(never.deps, { channel, jwt: await signNext("k1"), nowMs: nowMs + i });
      await expect(refused).rejects.toMatchObject({ code: "visitors.identity_refused" });
    }
    expect(request.mock.calls.length).toBe(before + 1);
  });

  it.each([
    ["a redirect", { status: 302, body: toBody(jwk(p256.publicKey, "k1")) }],
    ["no JSON", { status: 200, body: Buffer.from("<html>") }],
    ["no list", { status: 200, body: Buffer.from('{"keys":{}}') }],
    ["a private key", { status: 200, body: toBody({ ...p256.privateKey.export({ format: "jwk" }), kid: "k1" }) }],
    ["a key to encrypt with", { status: 200, body: toBody({ ...jwk(p256.publicKey, "k1"), use: "enc" }) }],
    ["a key for another algorithm", { status: 200, body: toBody({ ...jwk(p256.publicKey, "k1"), alg: "ES384" }) }],
    ["another key", { status: 200, body: toBody(jwk(rsa.publicKey, "k1"), null, 7, { kty: "EC" }) }],
  ])("are none when the address answers with %s", async (_, answer) => {
    const { deps } = createDeps(async () => answer);
    await expect(verifyIdentity(deps, { channel, jwt: await signNext("k1"), nowMs })).rejects.toMatchObject({
      code: "visitors.identity_refused",
    });
  });

  it("SECURITY: hold no secrets: what a set publishes as one verifies nothing", async () => {
    const k = Buffer.from(secret).toString("base64url");
    const { deps } = createDeps(async () => ({
      status: 200,
      body: toBody({ kty: "oct", k, alg: "HS256", kid: "k1" }),
    }));
    const jwt = await sign({ header: { alg: "HS256", kid: "k1" }, key: bySecret(secret) });
    await expect(verifyIdentity(deps, { channel, jwt, nowMs })).rejects.toThrow(AppError);
  });

  it("sign by Ed25519 under its former name and its own", async () => {
    const { deps } = createDeps(async () => ({ status: 200, body: toBody(jwk(ed25519.publicKey, "k1")) }));
    const key = await importPKCS8(ed25519.privateKey.export({ type: "pkcs8", format: "pem" }).toString(), "EdDSA");
    for (const alg of ["EdDSA", "Ed25519"]) {
      const jwt = await new SignJWT({ ...good, jti: alg }).setProtectedHeader({ alg, kid: "k1" }).sign(key);
      expect((await verifyIdentity(deps, { channel, jwt, nowMs })).jti).toBe(alg);
    }
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import type { Passkey } from "./passkey.ts";
import { PasskeyRegistrationInput, PasskeySignInInput } from "./passkey-answers.ts";
import { createRegistrationOptions, verifyRegistration } from "./register-passkey.ts";
import { createSignInOptions, verifySignIn } from "./sign-in-with-passkey.ts";
import { type KeyKind, type Misbehaviour, SoftwareAuthenticator } from "./testing/software-authenticator.ts";

const site = { rpId: "chat.example.com", rpName: "Parley", origin: "https://chat.example.com" };
const userHandle = Buffer.alloc(16, 5);
const owner = { userHandle, email: "alice@example.com", displayName: "Alice" };

async function register(kind: KeyKind = "ES256", wrong: Misbehaviour = {}) {
  const device = new SoftwareAuthenticator(site, kind);
  const ceremony = await createRegistrationOptions(site, owner, []);
  const passkey = await verifyRegistration(device.register(ceremony, wrong), ceremony.challenge, site);
  return { device, passkey };
}

async function signIn(device: SoftwareAuthenticator, passkey: Passkey, wrong: Misbehaviour = {}) {
  const ceremony = await createSignInOptions(site, [passkey]);
  return verifySignIn(device.signIn(ceremony, wrong), { challenge: ceremony.challenge, site, passkey, userHandle });
}

describe("adding a passkey", () => {
  it("asks for a verified person, a discoverable key, no attestation and the three algorithms", async () => {
    const known = [{ credentialId: "AAAA", transports: ["usb" as const] }];
    const { options, challenge } = await createRegistrationOptions(site, owner, known);
    expect(options).toMatchObject({
      rp: { id: "chat.example.com", name: "Parley" },
      user: { id: userHandle.toString("base64url"), name: "alice@example.com", displayName: "Alice" },
      attestation: "none",
      authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
      excludeCredentials: [{ id: "AAAA", type: "public-key", transports: ["usb"] }],
    });
    expect(options.pubKeyCredParams.map(({ alg }) => alg)).toEqual([-8, -7, -257]);
    expect(options.challenge).toBe(challenge);
    expect(Buffer.from(challenge, "base64url")).toHaveLength(32);
  });

  it.each(["ES256", "EdDSA", "RS256"] as const)("keeps what is needed to verify a %s key later", async (kind) => {
    const { device, passkey } = await register(kind);
    expect(passkey).toMatchObject({
      credentialId: device.credentialId.toString("base64url"),
      counter: 0,
      transports: ["internal"],
      isBackupEligible: false,
      isBackedUp: false,
      aaguid: "00000000-0000-0000-0000-000000000000",
    });
    expect(await signIn(device, passkey)).toMatchObject({ counter: 1 });
  });

  it("keeps whether the key can be copied and is copied", async () => {
    const { passkey } = await register("ES256", { isBackupEligible: true, isBackedUp: true });
    expect(passkey).toMatchObject({ isBackupEligible: true, isBackedUp: true });
  });

  it.each<[string, Misbehaviour]>([
    ["a person who was not verified", { isVerified: false }],
    ["a person who was not there", { isPresent: false }],
    ["another origin", { origin: "https://chat.example.com.evil.example" }],
    ["another port of the origin", { origin: "https://chat.example.com:8443" }],
    ["another domain's key", { rpId: "example.com" }],
    ["another challenge", { challenge: Buffer.alloc(32).toString("base64url") }],
    ["the answer of another ceremony", { type: "webauthn.get" }],
    ["a frame of another origin", { crossOrigin: true }],
    ["a key without an algorithm", { algorithm: { id: undefined } }],
    ["the algorithm none", { algorithm: { id: 0 } }],
    ["an algorithm that was not offered", { algorithm: { id: -36 } }],
    ["a copied key that cannot be copied", { isBackedUp: true }],
    ["bytes left over", { extraBytes: Buffer.of(1) }],
    ["a statement where none belongs", { attestation: { format: "none", statement: new Map([["x", 1]]) } }],
    ["an unknown attestation", { attestation: { format: "compound", statement: new Map() } }],
  ])("SECURITY: refuses %s, always with one answer", async (_what, wrong) => {
    await expect(register("ES256", wrong)).rejects.toMatchObject({
      code: "identity.passkey_unusable",
      status: 400,
      detail: "The passkey could not be added. Start again, and unlock the device when it asks.",
    });
  });

  describe("with an attestation", () => {
    afterEach(() => vi.unstubAllGlobals());

    it.each(["packed", "apple", "android-key", "android-safetynet", "tpm", "fido-u2f"])(
      "SECURITY: never reads the certificates of a %s statement, nor fetches what they name",
      async (format) => {
        const fetch = vi.fn<() => void>();
        vi.stubGlobal("fetch", fetch);
        const statement = new Map<string, number | Buffer | Buffer[]>([
          ["alg", -7],
          ["sig", Buffer.alloc(70)],
          ["x5c", [Buffer.alloc(100)]],
        ]);
        await expect(register("ES256", { attestation: { format, statement } })).rejects.toThrow("was not asked for");
        expect(fetch).not.toHaveBeenCalled();
      },
    );
  });

  it("SECURITY: refuses an answer that names another credential than the device signed", async () => {
    const device = new SoftwareAuthenticator(site);
    const ceremony = await createRegistrationOptions(site, owner, []);
    const answer = { ...device.register(ceremony), credentialId: Buffer.alloc(32).toString("base64url") };
    const verified = verifyRegistration(answer, ceremony.challenge, site);
    await expect(verified).rejects.toMatchObject({ code: "identity.passkey_unusable" });
  });

  it.each(["", "AAAA", "oA", Buffer.from('{"fmt":"none"}').toString("base64url")])(
    "refuses what is no attestation: %j",
    async (attestationObject) => {
      const device = new SoftwareAuthenticator(site);
      const ceremony = await createRegistrationOptions(site, owner, []);
      const answer = { ...device.register(ceremony), attestationObject };
      const verified = verifyRegistration(answer, ceremony.challenge, site);
      await expect(verified).rejects.toMatchObject({ code: "identity.passkey_unusable" });
    },
  );
});

describe("signing in with a passkey", () => {
  it("asks for a verified person, with or without naming keys", async () => {
    const { passkey } = await register();
    const known = await createSignInOptions(site, [passkey]);
    expect(known.options).toMatchObject({
      rpId: "chat.example.com",
      userVerification: "required",
      allowCredentials: [{ id: passkey.credentialId, type: "public-key", transports: ["internal"] }],
    });
    const open = await createSignInOptions(site);
    expect(open.options.allowCredentials).toBeUndefined();
    expect(open.challenge).not.toBe(known.challenge);
  });

  it("gives the counter and copies to store", async () => {
    const { device, passkey } = await register("ES256", { isBackupEligible: true });
    const wrong = {
      counter: 7,
      isBackupEligible: true,
      isBackedUp: true,
      userHandle: userHandle.toString("base64url"),
    };
    const use = await signIn(device, passkey, wrong);
    expect(use).toEqual({ credentialId: passkey.credentialId, counter: 7, isBackedUp: true });
  });

  it("accepts a device that does not count", async () => {
    const { device, passkey } = await register();
    expect(await signIn(device, passkey, { counter: 0 })).toMatchObject({ counter: 0 });
    expect(await signIn(device, passkey, { counter: 0 })).toMatchObject({ counter: 0 });
  });

  const flip = (signature: Buffer) => {
    const altered = Buffer.from(signature);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    return altered;
  };
  const refusals: [string, Misbehaviour][] = [
    ["a person who was not verified", { isVerified: false }],
    ["a person who was not there", { isPresent: false }],
    ["another origin", { origin: "https://chat.example.com.evil.example" }],
    ["plain HTTP", { origin: "http://chat.example.com" }],
    ["another domain's key", { rpId: "example.com" }],
    ["another challenge", { challenge: Buffer.alloc(32).toString("base64url") }],
    ["no challenge", { challenge: "" }],
    ["the answer of another ceremony", { type: "webauthn.create" }],
    ["a frame of another origin", { crossOrigin: true }],
    ["a frame that says whose it is in", { crossOrigin: true, topOrigin: "https://evil.example" }],
    ["an altered signature", { alterSignature: flip }],
    ["an empty signature", { alterSignature: () => Buffer.from("0") }],
    ["another account's user handle", { userHandle: "AAAA" }],
    ["a key that became copyable", { isBackupEligible: true }],
    ["a copied key that cannot be copied", { isBackedUp: true }],
    ["bytes left over", { extraBytes: Buffer.of(1) }],
  ];
  it.each(refusals)("SECURITY: refuses %s, always with one answer", async (_what, wrong) => {
    const { device, passkey } = await register();
    await expect(signIn(device, passkey, wrong)).rejects.toMatchObject({
      code: "identity.factor_refused",
      status: 401,
      detail: "The code or passkey was not accepted. Try again with a fresh code, or use another factor.",
    });
  });

  it.each(["ES256", "EdDSA", "RS256"] as const)("SECURITY: refuses a signature of another %s key", async (kind) => {
    const { passkey } = await register(kind);
    const thief = new SoftwareAuthenticator(site, kind);
    const ceremony = await createSignInOptions(site, [passkey]);
    const answer = { ...thief.signIn(ceremony), credentialId: passkey.credentialId };
    const verified = verifySignIn(answer, { challenge: ceremony.challenge, site, passkey, userHandle });
    await expect(verified).rejects.toMatchObject({ code: "identity.factor_refused" });
  });

  it("SECURITY: refuses the right answer of another of the person's passkeys", async () => {
    const [first, second] = await Promise.all([register(), register()]);
    await expect(signIn(second.device, first.passkey)).rejects.toMatchObject({ code: "identity.factor_refused" });
  });

  it("SECURITY: refuses a stored key without an algorithm", async () => {
    const { device, passkey } = await register();
    const publicKey = Buffer.from("a10102", "hex");
    await expect(signIn(device, { ...passkey, publicKey })).rejects.toMatchObject({ code: "identity.factor_refused" });
  });

  it.each([
    [5, 5],
    [5, 4],
    [5, 0],
  ])("SECURITY: tells a counter that does not grow from every other refusal: %i then %i", async (stored, counter) => {
    const { device, passkey } = await register();
    await expect(signIn(device, { ...passkey, counter: stored }, { counter })).rejects.toMatchObject({
      code: "identity.passkey_copied",
      status: 401,
    });
  });

  it("SECURITY: nobody raises the alarm of a copied passkey without its key", async () => {
    const { device, passkey } = await register();
    const forged = signIn(device, { ...passkey, counter: 5 }, { counter: 1, alterSignature: flip });
    await expect(forged).rejects.toMatchObject({ code: "identity.factor_refused" });
  });
});

describe("the wire form of an answer", () => {
  it("takes what a device sends and no unknown, unbounded or oddly encoded field", async () => {
    const device = new SoftwareAuthenticator(site);
    const registration = device.register({ challenge: "AAAA" });
    const signedIn = device.signIn({ challenge: "AAAA" });
    expect(PasskeyRegistrationInput.safeParse(registration).success).toBe(true);
    expect(PasskeySignInInput.safeParse(signedIn).success).toBe(true);
    for (const change of [
      { more: 1 },
      { credentialId: "a+b" },
      { credentialId: "A".repeat(2_000) },
      { transports: ["x"] },
    ]) {
      expect(PasskeyRegistrationInput.safeParse({ ...registration, ...change }).success).toBe(false);
    }
    expect(PasskeySignInInput.safeParse({ ...signedIn, userHandle: "A".repeat(89) }).success).toBe(false);
  });
});

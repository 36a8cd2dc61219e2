import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readJwk, readPublicKeys, readSecrets } from "./keys.ts";

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ed25519 = generateKeyPairSync("ed25519");

describe("SECURITY: a key is bound to its algorithm when it is read", () => {
  it.each([
    ["RSA", rsa, [["RS256"]]],
    ["P-256", p256, [["ES256"]]],
    ["Ed25519", ed25519, [["EdDSA", "Ed25519"]]],
    ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" }), []],
    ["secp256k1", generateKeyPairSync("ec", { namedCurve: "secp256k1" }), []],
    ["Ed448", generateKeyPairSync("ed448"), []],
    ["X25519", generateKeyPairSync("x25519"), []],
    ["RSA of 1024 bits", generateKeyPairSync("rsa", { modulusLength: 1024 }), []],
  ])("%s, in PEM and as JSON Web Key", async (_, { publicKey }, algorithms) => {
    expect((await readPublicKeys(pem(publicKey))).map((key) => key.algorithms)).toEqual(algorithms);
    const read = await readJwk(publicKey.export({ format: "jwk" }));
    expect(read === undefined ? [] : [read.algorithms]).toEqual(algorithms);
  });

  it("and RSA-PSS is none that we take", async () => {
    const { publicKey } = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
    expect(await readPublicKeys(pem(publicKey))).toEqual([]);
  });
});

describe("keys", () => {
  it("are read from one text or several, four at most, and never from a private key or certificate", async () => {
    const several = await readPublicKeys([
      pem(rsa.publicKey),
      `words\n${pem(p256.publicKey)}${pem(ed25519.publicKey)}`,
    ]);
    expect(several.map((key) => key.algorithms[0])).toEqual(["RS256", "ES256", "EdDSA"]);
    expect(await readPublicKeys(Array.from({ length: 9 }, () => pem(p256.publicKey)))).toHaveLength(4);
    const secret = p256.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const text of [secret, secret.replaceAll("PRIVATE", "PUBLIC"), "", "-----BEGIN PUBLIC KEY-----"]) {
      expect(await readPublicKeys(text)).toEqual([]);
    }
  });

  it.each([undefined, null, 7, "x", [], {}, { kty: "oct", k: "AAAA" }, { kty: "RSA" }, { kty: "RSA", n: 1, e: [] }])(
    "are not made of %j",
    async (value) => {
      expect(await readJwk(value)).toBeUndefined();
    },
  );

  it.each([undefined, "", "x", "{}", '"text"', "[1,null,{}]", '["short"]'])("are no secrets in %j", (json) => {
    expect(readSecrets(json)).toEqual([]);
  });
});

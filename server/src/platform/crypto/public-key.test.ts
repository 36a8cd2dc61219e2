import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, it } from "vitest";
import { findSignatureAlgorithm } from "./public-key.ts";

const toPem = (key: KeyObject): string => key.export({ format: "pem", type: "spki" }) as string;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const p256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const ed = generateKeyPairSync("ed25519");

describe("a public key", () => {
  it("is for one algorithm", () => {
    expect([rsa, p256, ed].map(({ publicKey }) => findSignatureAlgorithm(toPem(publicKey)))).toEqual([
      "RS256",
      "ES256",
      "EdDSA",
    ]);
  });

  it("is refused when it is weak or of another kind", () => {
    for (const { publicKey } of [
      generateKeyPairSync("rsa", { modulusLength: 1024 }),
      generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }),
      generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
      generateKeyPairSync("x25519"),
    ]) {
      expect(findSignatureAlgorithm(toPem(publicKey))).toBeUndefined();
    }
  });

  it("is refused when it is a private key, several keys, or none", () => {
    const secret = ed.privateKey.export({ format: "pem", type: "pkcs8" }) as string;
    const good = toPem(ed.publicKey);
    for (const pem of [
      secret,
      `${good}${good}`,
      `${good}${secret}`,
      "",
      "-----BEGIN PUBLIC KEY-----",
      good.slice(27),
    ]) {
      expect(findSignatureAlgorithm(pem)).toBeUndefined();
    }
    const pkcs1 = rsa.publicKey.export({ format: "pem", type: "pkcs1" }) as string;
    expect(findSignatureAlgorithm(pkcs1)).toBeUndefined();
    expect(findSignatureAlgorithm(good.replace(/[A-Za-z0-9+/]{8}=*\n-----END/, "AAAAAAAA\n-----END"))).not.toBe(
      "RS256",
    );
  });
});

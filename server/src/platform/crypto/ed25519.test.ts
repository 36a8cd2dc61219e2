import { describe, expect, it } from "vitest";
import { Ed25519Signer, isSignedByEd25519 } from "./ed25519.ts";

// RFC 8032 7.1, test 2.
const seed = Buffer.from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "hex");
const publicKey = Buffer.from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "hex");
const message = Buffer.from("72", "hex");
const signature =
  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

describe("Ed25519", () => {
  it("signs as RFC 8032 says", () => {
    expect(new Ed25519Signer(seed).sign(message).toString("hex")).toBe(signature);
  });

  it("refuses an altered message, key or signature, and what is of the wrong length", () => {
    const good = Buffer.from(signature, "hex");
    expect(isSignedByEd25519(publicKey, message, good)).toBe(true);
    expect(isSignedByEd25519(publicKey, Buffer.from("73", "hex"), good)).toBe(false);
    const altered = Buffer.from(good);
    altered[0] = 0;
    expect(isSignedByEd25519(publicKey, message, altered)).toBe(false);
    expect(isSignedByEd25519(publicKey.subarray(1), message, good)).toBe(false);
    expect(isSignedByEd25519(publicKey, message, good.subarray(1))).toBe(false);
  });
});

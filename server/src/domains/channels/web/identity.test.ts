import { describe, expect, it } from "vitest";
import {
  hasKeyMaterial,
  IdentitySecret,
  listIdentitySecrets,
  replaceIdentitySecret,
  type WebIdentity,
} from "./identity.ts";

const secrets = ["first", "second", "third"].map((name) => `${name}-0123456789-abcdefghijklmnop`);
const [first = "", second = "", third = ""] = secrets;
const off: WebIdentity = { mode: "off", publicKeysPem: [] };

describe("the secrets that vouch for visitors", () => {
  it("are good two at a time: the latest and the one before", () => {
    let credentials = replaceIdentitySecret({ channelSecret: "own" }, first, { keepsPrevious: true });
    expect(listIdentitySecrets(credentials)).toEqual([first]);
    credentials = replaceIdentitySecret(credentials, second, { keepsPrevious: true });
    expect(listIdentitySecrets(credentials)).toEqual([second, first]);
    credentials = replaceIdentitySecret(credentials, third, { keepsPrevious: true });
    expect(listIdentitySecrets(credentials)).toEqual([third, second]);
    expect(listIdentitySecrets(replaceIdentitySecret(credentials, third, { keepsPrevious: true }))).toEqual([
      third,
      second,
    ]);
  });

  it("end at once when one leaked, and all of them on request", () => {
    const both = replaceIdentitySecret(replaceIdentitySecret({}, first, { keepsPrevious: true }), second, {
      keepsPrevious: true,
    });
    expect(listIdentitySecrets(replaceIdentitySecret(both, third, { keepsPrevious: false }))).toEqual([third]);
    expect(listIdentitySecrets(replaceIdentitySecret(both, null, { keepsPrevious: true }))).toEqual([]);
  });

  it("leave other credentials as they are, and are never the channel's own", () => {
    const credentials = replaceIdentitySecret({ other: "x", channelSecret: "own" }, first, { keepsPrevious: true });
    expect(credentials).toEqual({ other: "x", identitySecrets: JSON.stringify([first]) });
  });

  it("are long enough for HS256, and drawn", () => {
    const isGood = (secret: string): boolean => IdentitySecret.safeParse(secret).success;
    expect(secrets.map(isGood)).toEqual([true, true, true]);
    for (const bad of [
      "",
      "x".repeat(31),
      "x".repeat(64),
      `${first} `,
      `${first}é`,
      first.repeat(20),
      `-----BEGIN${first}`,
    ]) {
      expect(isGood(bad)).toBe(false);
    }
  });

  it("count as something to check with, as keys do", () => {
    expect(hasKeyMaterial(off, {})).toBe(false);
    expect(hasKeyMaterial({ ...off, jwksUrl: "https://shop.example/jwks" }, {})).toBe(true);
    expect(hasKeyMaterial({ ...off, publicKeysPem: ["pem"] }, {})).toBe(true);
    expect(hasKeyMaterial(off, replaceIdentitySecret({}, first, { keepsPrevious: true }))).toBe(true);
    expect(hasKeyMaterial(off, { identitySecrets: "[]" })).toBe(false);
  });
});

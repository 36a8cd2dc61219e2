import { describe, expect, it } from "vitest";
import type { UserActor } from "../kernel/actor.ts";
import { Secret } from "../kernel/secret.ts";
import { drawBytes, newId } from "../platform/crypto/random.ts";
import { assertSameOrigin, isForgeryToken, issueForgeryToken } from "./forgery.ts";
import { changeThing, createSampleServer, sampleActor, thingId } from "./testing/sample-api.ts";

const pepper = new Secret(drawBytes(32));
const sessionId = newId("session");

describe("the token against forged requests", () => {
  it("SECURITY: is good for its own session under its own key only, and never the same twice", () => {
    const [token, other] = [issueForgeryToken(pepper, sessionId), issueForgeryToken(pepper, sessionId)];
    expect(token).not.toBe(other);
    expect([isForgeryToken(pepper, sessionId, token), isForgeryToken(pepper, sessionId, other)]).toEqual([true, true]);
    expect(isForgeryToken(pepper, newId("session"), token)).toBe(false);
    expect(isForgeryToken(new Secret(drawBytes(32)), sessionId, token)).toBe(false);
    for (const wrong of [undefined, "", "x", token.slice(1), `${token}=`, [token, token], { token }]) {
      expect(isForgeryToken(pepper, sessionId, wrong)).toBe(false);
    }
    for (let at = 0; at < token.length; at += 1) {
      const changed = token[at] === "A" ? "B" : "A";
      expect(isForgeryToken(pepper, sessionId, token.slice(0, at) + changed + token.slice(at + 1))).toBe(false);
    }
  });
});

const publicOrigin = "https://chat.example.org";
const allowed = (headers: Record<string, string>, hasCookie = true): boolean => {
  try {
    assertSameOrigin(headers, { publicOrigin, hasCookie });
    return true;
  } catch {
    return false;
  }
};

describe("where a changing request comes from", () => {
  it.each([
    ["this site's page", { "sec-fetch-site": "same-origin" }, true],
    ["a person's own navigation", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }, true],
    ["a sibling host", { "sec-fetch-site": "same-site" }, false],
    ["another site", { "sec-fetch-site": "cross-site", origin: publicOrigin }, false],
    ["a strange word", { "sec-fetch-site": "SAME-ORIGIN" }, false],
    ["an old browser on this site", { origin: publicOrigin }, true],
    ["an old browser elsewhere", { origin: "https://evil.example" }, false],
    ["a page without an origin", { origin: "null" }, false],
    ["this host on another port", { origin: "https://chat.example.org:8443" }, false],
    ["this host without TLS", { origin: "http://chat.example.org" }, false],
    ["neither header, with a cookie", {}, false],
  ])("SECURITY: %s", (_what, headers, isAllowed) => {
    expect(allowed(headers as Record<string, string>)).toBe(isAllowed);
  });

  it("takes a program that is no browser and has no cookie", () => {
    expect(allowed({}, false)).toBe(true);
    expect(allowed({ origin: "https://evil.example" }, false)).toBe(false);
  });
});

describe("an operation called with a cookie", () => {
  const actor: UserActor = { ...sampleActor, kind: "user", userId: newId("user"), sessionId, isSteppedUp: false };
  const request = { method: "POST", url: `/api/v1/things/${thingId}`, payload: { name: "n" } } as const;
  const good = { cookie: `__Host-parley=${"a".repeat(43)}`, "content-type": "application/json" };

  it.each([
    ["both layers hold", { fetchMetadata: true, token: true }, [200, 403, 403, 403]],
    ["the token layer is taken away", { fetchMetadata: false, token: true }, [200, 200, 403, 403]],
    ["the origin layer is taken away", { fetchMetadata: true, token: false }, [200, 403, 200, 403]],
  ])("SECURITY: a forged request is refused when %s", async (_what, forgeryLayers, statuses) => {
    const { server } = createSampleServer({ authenticate: async () => actor, pepper, forgeryLayers });
    const token = { "x-parley-csrf": issueForgeryToken(pepper, sessionId) };
    const [here, there] = [{ "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "cross-site" }];
    const tries = [{ ...here, ...token }, { ...there, ...token }, { ...here }, { ...there }];
    const answers = [];
    for (const headers of tries) {
      answers.push((await server.inject({ ...request, headers: { ...good, ...headers } })).statusCode);
    }
    expect(answers).toEqual(statuses);
    expect(changeThing.method).toBe("POST");
  });
});

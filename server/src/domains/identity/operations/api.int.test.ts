// The flows from outside: what a stranger can tell of an account, what answers hold, what a session allows.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildApi, issueForgeryToken } from "../../../api/index.ts";
import { createAuthenticate } from "../../../authenticate.ts";
import type { HttpServer } from "../../../platform/http/index.ts";
import { createTestServer } from "../../../platform/http/testing.ts";
import { enrolPasskey, enrolTotp } from "../testing/enrol.ts";
import { openScene, operator, type Person, password, readToken, type Scene, site } from "../testing/scene.ts";
import { setUserStatus } from "../users/users.ts";
import { createIdentityOperations } from "./index.ts";

let scene: Scene;
let server: HttpServer;

beforeAll(async () => {
  scene = await openScene();
  const { database, pepper, clock } = scene.deps;
  const deps = {
    ...scene.deps,
    issueForgeryToken: (sessionId: `ses_${string}`) => issueForgeryToken(pepper, sessionId),
  };
  server = createTestServer();
  server.mount(
    buildApi({
      operations: createIdentityOperations(deps),
      authenticate: createAuthenticate({ database: scene.db.database, pepper, clock }),
      database: scene.db.database,
      keychain: { sealerFor: () => Promise.reject(new TypeError("no app here")) },
      recordAudit: async () => undefined,
      rateTable: {
        ...{
          read: { perCaller: 9999, perTenant: 9999, seconds: 60 },
          write: { perCaller: 9999, perTenant: 9999, seconds: 60 },
        },
        ...{ send: { perCaller: 9999, perTenant: 9999, seconds: 60 }, failures: { perNetwork: 9999, seconds: 60 } },
      },
      ...{ pepper, publicOrigin: site.origin, log: scene.log },
    }),
  );
  expect(database).toBe(scene.db.database);
});
afterAll(async () => {
  await server.close();
  await scene.close();
});

interface Options {
  readonly session?: string;
  readonly csrf?: string;
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly address?: string;
}

async function call(path: string, body?: unknown, options: Options = {}) {
  const { session, csrf, method = body === undefined ? "GET" : "POST", address = "203.0.113.9" } = options;
  const answer = await server.inject({
    method,
    url: `/api/v1${path}`,
    remoteAddress: address,
    headers: {
      "sec-fetch-site": "same-origin",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(session === undefined ? {} : { cookie: `__Host-parley=${session}` }),
      ...(csrf === undefined ? {} : { "x-parley-csrf": csrf }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  return answer;
}

type Reply = Awaited<ReturnType<typeof call>>;

function readCookie(answer: Reply, name: string): string | undefined {
  const cookies = [answer.headers["set-cookie"] ?? []].flat();
  return cookies.map((cookie) => new RegExp(`^${name}=([^;]*)`).exec(cookie)?.[1]).find((value) => value !== undefined);
}

async function signIn(person: Person): Promise<{ session: string; csrf: string }> {
  const answer = await call("/sign-in", { email: person.email, password });
  const session = readCookie(answer, "__Host-parley") ?? "";
  const own = await call("/account/session", undefined, { session });
  return { session, csrf: own.json().csrfToken };
}

/** What a stranger sees of an answer, without what differs between any two. */
function toSeen(answer: Reply): { status: number; body: string; headers: string[] } {
  const body = answer.body.replace(/"requestId":"[^"]*"/, "");
  const own = new Set(["date", "x-request-id", "ratelimit-remaining", "ratelimit-reset"]);
  const headers = Object.entries(answer.headers)
    .filter(([name]) => !own.has(name))
    .map(([name, value]) => `${name}: ${String(value)}`);
  return { status: answer.statusCode, body, headers: headers.sort() };
}

describe("a stranger", () => {
  it("sees no difference between a known, an unknown, a disabled and a passwordless account when signing in", async () => {
    const known = await scene.addPerson();
    const disabled = await scene.addPerson();
    const without = await scene.addPerson({ password: undefined });
    const factored = await scene.addPerson();
    await enrolTotp(scene, factored);
    await scene.db.database.withUser(operator, disabled.userId, (tx) => setUserStatus(tx, "disabled"));
    const emails = [known, disabled, without, factored].map(({ email }) => email).concat("nobody@example.org", "x");
    const seen = [];
    for (const [index, email] of emails.entries()) {
      const typed = email === disabled.email ? password : "wrong horse battery staple";
      seen.push(toSeen(await call("/sign-in", { email, password: typed }, { address: `198.51.100.${index + 10}` })));
    }
    for (const other of seen) expect(other).toEqual(seen[0]);
    expect(seen[0]?.status).toBe(401);
  });

  it("waits as long for an unknown address as for a known one", async () => {
    const person = await scene.addPerson();
    const measure = async (email: string, address: string): Promise<number> => {
      const from = performance.now();
      await call("/sign-in", { email, password: "wrong horse battery staple" }, { address });
      return performance.now() - from;
    };
    const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
    // In turns, so that whatever else this machine does weighs on both.
    for (let index = 0; index < 15; index += 1) {
      times.known.push(await measure(person.email, `10.1.${index}.1`));
      times.unknown.push(await measure("nobody2@example.org", `10.2.${index}.1`));
    }
    // The quickest of each: whatever else weighs on this machine only adds to a time.
    const [known, unknown] = [Math.min(...times.known), Math.min(...times.unknown)];
    // One hash at its floor costs some 25 ms: leaving it out would halve the time.
    expect(Math.abs(known - unknown)).toBeLessThan(Math.max(known, unknown) * 0.4);
  });

  it("CVE-2025-58434: gets one answer to every reset request, with nothing in it", async () => {
    const person = await scene.addPerson();
    const seen = [];
    for (const email of [person.email, "nobody@example.org", "no address"]) {
      seen.push(toSeen(await call("/password-reset", { email })));
    }
    for (const other of seen) expect(other).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ status: 202, body: "{}" });
    await scene.deps.afterwards.settle();
  });

  it("CVE-2026-41276, CVE-2026-45688: is refused with 400 for anything but text where text belongs", async () => {
    const odd = [{ $gt: "" }, ["a"], null, 1, true, ""];
    for (const value of odd) {
      for (const [path, body] of [
        ["/sign-in", { email: value, password }],
        ["/sign-in", { email: "a@example.org", password: value }],
        ["/sign-in/factor", { ticket: value, method: "totp", code: "123456" }],
        ["/sign-in/factor", { ticket: "t", method: "totp", code: value }],
        ["/sign-in/passkey", { passkey: value }],
        ["/password-reset", { email: value }],
        ["/password-reset/complete", { token: value, password }],
        ["/password-reset/complete", { token: "t", password: value }],
        ["/account/email/confirm", { token: value }],
      ] as const) {
        expect([path, (await call(path, body)).statusCode]).toEqual([path, 400]);
      }
    }
  });

  it("GHSA-59fh-9f3p-7m39: sets no field that is not asked for", async () => {
    const person = await scene.addPerson();
    const { session, csrf } = await signIn(person);
    for (const field of ["userId", "email", "password", "password_failures", "status", "email_index", "__proto__"]) {
      const body = JSON.parse(`{"name":"Pat","${field}":"x"}`);
      const answer = await call("/account", body, { session, csrf, method: "PATCH" });
      expect([field, answer.statusCode]).toEqual([field, 400]);
    }
  });

  it("is told 401 by every operation of an account", async () => {
    const paths = createIdentityOperations(scene.deps).filter(({ scope }) => scope === "user");
    expect(paths.length).toBeGreaterThan(15);
    for (const { method, path } of paths) {
      const url = path
        .replace("/api/v1", "")
        .replace("{passkeyId}", `psk_${"0".repeat(32)}`)
        .replace("{sessionId}", `ses_${"0".repeat(32)}`);
      const answer = await call(url, method === "GET" || method === "DELETE" ? undefined : {}, {
        method: method as "GET",
      });
      expect([path, answer.statusCode]).toEqual([path, 401]);
    }
  });
});

describe("an answer", () => {
  it("sets __Host- cookies for session and device when somebody signs in", async () => {
    const person = await scene.addPerson();
    const answer = await call("/sign-in", { email: person.email, password });
    expect(answer.json()).toMatchObject({ status: "signed_in", userId: person.userId });
    const cookies = [answer.headers["set-cookie"] ?? []].flat();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toMatch(/^__Host-.*; Path=\/; Secure; HttpOnly; SameSite=Strict/);
  });

  it("sets no cookie when a second factor is asked for, and does once it was shown", async () => {
    const person = await scene.addPerson();
    const app = await enrolTotp(scene, person);
    const first = await call("/sign-in", { email: person.email, password });
    expect(first.headers["set-cookie"]).toBeUndefined();
    const { ticket } = first.json();
    const second = await call("/sign-in/factor", { ticket, method: "totp", code: app.readCode() });
    expect(second.statusCode).toBe(200);
    expect(readCookie(second, "__Host-parley")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("signs in with a passkey from options to cookie", async () => {
    const person = await scene.addPerson();
    const { device, userHandle } = await enrolPasskey(scene, person);
    const { options } = (await call("/sign-in/passkey/options", {})).json();
    const answer = await call("/sign-in/passkey", { passkey: device.signIn(options, { userHandle }) });
    expect([answer.statusCode, answer.json().userId]).toEqual([200, person.userId]);
  });

  it("CVE-2026-8026: holds no hash, secret or password of an account", async () => {
    const person = await scene.addPerson();
    await enrolPasskey(scene, person);
    await scene.db.asAdmin("delete from passkeys where user_id = $1", [person.userId.slice(4)]);
    const { session } = await signIn(person);
    for (const path of ["/account", "/account/session", "/account/sessions", "/account/passkeys"]) {
      const answer = await call(path, undefined, { session });
      expect([path, answer.statusCode]).toEqual([path, 200]);
      expect(answer.body).not.toMatch(/argon2|"(?:\w*[Hh]ash|salt|\w*[Cc]redential\w*|\w*[Ss]ecret|password)":/);
    }
  });
});

describe("a session", () => {
  it("gets another token when its person confirms who they are; the former is refused at once", async () => {
    const person = await scene.addPerson();
    const { session, csrf } = await signIn(person);
    const answer = await call("/account/step-up", { method: "password", password }, { session, csrf });
    const next = readCookie(answer, "__Host-parley") ?? "";
    expect(answer.statusCode).toBe(200);
    expect((await call("/account", undefined, { session })).statusCode).toBe(401);
    expect((await call("/account", undefined, { session: next })).json()).toMatchObject({ email: person.email });
  });

  it("changes nothing without the token against forged requests", async () => {
    const { session } = await signIn(await scene.addPerson());
    expect((await call("/account", { name: "Forged" }, { session, method: "PATCH" })).statusCode).toBe(403);
  });

  it("ends on signing out: cookie, storage and the session itself", async () => {
    const { session, csrf } = await signIn(await scene.addPerson());
    const answer = await call("/sign-out", undefined, { session, csrf, method: "POST" });
    expect(answer.statusCode).toBe(200);
    expect(readCookie(answer, "__Host-parley")).toBe("");
    expect(answer.headers["clear-site-data"]).toContain("storage");
    expect((await call("/account", undefined, { session })).statusCode).toBe(401);
  });

  it("enrols an app and a reset link replaces the password, from outside", async () => {
    const person = await scene.addPerson();
    const { session, csrf } = await signIn(person);
    const shown = await call("/account/totp/options", undefined, { session, csrf, method: "POST" });
    expect(shown.json()).toMatchObject({ uri: expect.stringContaining("otpauth://") });
    await call("/password-reset", { email: person.email });
    await scene.deps.afterwards.settle();
    const letter = (await scene.listLetters()).findLast(({ to }) => to === person.email);
    const body = { token: readToken(letter?.text ?? ""), password: "gravel pigeon lantern orchard" };
    const answer = await call("/password-reset/complete", body);
    expect([answer.statusCode, answer.headers["set-cookie"]]).toEqual([200, undefined]);
    expect((await call("/account", undefined, { session })).statusCode).toBe(401);
    expect((await call("/password-reset/complete", body)).statusCode).toBe(404);
  });

  it("is not accepted where a token of an integrator is, nor the other way round", async () => {
    const answer = await server.inject({
      url: "/api/v1/account",
      headers: { authorization: `Bearer ply_api_${"a".repeat(36)}` },
    });
    expect(answer.statusCode).toBe(401);
  });
});

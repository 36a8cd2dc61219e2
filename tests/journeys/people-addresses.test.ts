// What a request says of where it comes from and where it wants to go. Without a configured proxy nothing it says is
// believed; of a configured proxy one header is, and only the last hop of it. Nobody is sent to another server, and a
// protected address has one spelling. Over HTTP, by the whole server process (R14).

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApiPath } from "../../server/src/api/index.ts";
import { pagePaths } from "../../server/src/pages/paths.ts";
import { getKeptMail, listKeptMail, toOutboxDir } from "../../server/src/platform/mail/index.ts";
import { toSeen } from "../support/enumeration.ts";
import { type Resident, toNewAddress } from "../support/house.ts";
import { Asker, findHeader, type Heard, type Question, toAddress } from "../support/http.ts";
import { type Installation, openInstallation } from "../support/installation.ts";

const evil = "evil.example";
/** Besides these, every request is what a browser would send. */
const spoofs: readonly Readonly<Record<string, string>>[] = [
  { "x-forwarded-for": "203.0.113.1" },
  { "x-forwarded-for": "203.0.113.2, 127.0.0.1" },
  { "x-forwarded-for": "127.0.0.1" },
  { "x-forwarded-for": "2001:db8::1" },
  { "x-forwarded-for": "unknown, , evil" },
  { "x-forwarded-for": "203.0.113.3", "x-forwarded-host": evil, "x-forwarded-proto": "https" },
  { "x-forwarded-host": evil },
  { "x-forwarded-host": `${evil}, parley.example`, "x-forwarded-port": "8443" },
  { "x-forwarded-proto": "https" },
  { "x-forwarded-proto": "javascript" },
  { "x-forwarded-prefix": "//evil.example" },
  { forwarded: `for=203.0.113.4;host=${evil};proto=https` },
  { forwarded: 'for="[2001:db8::2]:1234", for=127.0.0.1' },
  { host: evil },
  { host: `${evil}:80`, "x-forwarded-for": "203.0.113.5" },
  { host: `localhost@${evil}` },
  { "x-real-ip": "203.0.113.6", "x-client-ip": "203.0.113.6", "true-client-ip": "203.0.113.6" },
  { "cf-connecting-ip": "203.0.113.7", "fastly-client-ip": "203.0.113.7", "x-cluster-client-ip": "203.0.113.7" },
  { "x-host": evil, "x-forwarded-server": evil, "x-original-host": evil, "x-http-host-override": evil },
  { "x-original-url": "/api/v1/account", "x-rewrite-url": "/api/v1/account", "x-http-method-override": "GET" },
];

let installation: Installation;
/** Behind a proxy that it was told of, and with a public address. */
let behind: string;
let people: Resident[];
const askers: Asker[] = [];

function toAsker(url: string, connectionsMax = 1): Asker {
  const asker = new Asker(url, connectionsMax);
  askers.push(asker);
  return asker;
}

beforeAll(async () => {
  installation = await openInstallation({});
  const proxied = { PARLEY_TRUSTED_PROXIES: "127.0.0.1", PARLEY_PUBLIC_URL: "https://parley.example" };
  behind = await installation.startBeside(proxied);
  people = await installation.house.addPeople(50, "person");
}, 120_000);

afterAll(async () => {
  for (const asker of askers) asker.close();
  await installation?.close();
}, 60_000);

/** Guesses all at once: of those from one network four are let through, whatever they say. */
async function countLetThrough(url: string, email: string, headers: readonly Readonly<Record<string, string>>[]) {
  const asker = toAsker(url, headers.length);
  const guess = { path: "/api/v1/sign-in", method: "POST", body: { email, password: "wrong copper lantern orchard" } };
  const answers = await Promise.all(headers.map((more) => asker.ask({ ...guess, headers: more })));
  expect(answers.map(({ status }) => status).filter((status) => status !== 401 && status !== 429)).toEqual([]);
  return answers.filter(({ status }) => status === 401).length;
}

const freeGuesses = 4;

describe("who guesses", () => {
  it("counts as one network, whatever 20 combinations of headers say", async () => {
    expect(spoofs).toHaveLength(20);
    expect(await countLetThrough(installation.server.url, toNewAddress("nobody"), spoofs)).toBe(freeGuesses);
  }, 30_000);

  it("behind a configured proxy counts by what the proxy says, and by nothing a stranger put before it", async () => {
    const email = toNewAddress("nobody");
    const apart = Array.from({ length: 8 }, (_, index) => ({ "x-forwarded-for": toAddress(100 + index) }));
    expect(await countLetThrough(behind, email, apart)).toBe(8);
    const other = toNewAddress("nobody");
    const added = Array.from({ length: 8 }, (_, index) => ({
      "x-forwarded-for": `${toAddress(200 + index)}, 198.51.100.9`,
    }));
    expect(await countLetThrough(behind, other, added)).toBe(freeGuesses);
    const third = toNewAddress("nobody");
    const named = spoofs.map((spoof) => ({ ...spoof, "x-forwarded-for": "198.51.100.20" }));
    expect(await countLetThrough(behind, third, named)).toBe(freeGuesses);
  }, 60_000);
});

describe("a letter", () => {
  it.each([
    ["without a proxy", false],
    ["behind a proxy", true],
  ])(
    "links to the configured address alone, %s",
    async (_where, isBehind) => {
      const url = isBehind ? behind : installation.server.url;
      const asker = toAsker(url);
      const some = people.slice(isBehind ? 20 : 0).slice(0, 20);
      for (const [index, spoof] of spoofs.entries()) {
        const body = { email: some[index]?.email };
        const answer = await asker.ask({ path: "/api/v1/password-reset", method: "POST", headers: spoof, body });
        expect(answer.status).toBe(202);
      }
      const folder = toOutboxDir(installation.settings["PARLEY_DATA_DIR"] ?? "");
      const addresses = new Set(some.map(({ email }) => email));
      const origin = isBehind ? "https://parley.example" : `http://localhost:${new URL(url).port}`;
      const find = async () => (await listKeptMail(folder, 500)).filter(({ to }) => addresses.has(to));
      await expect.poll(async () => (await find()).length, { timeout: 30_000, interval: 200 }).toBe(20);
      for (const { id } of await find()) {
        const { text } = await getKeptMail(folder, id);
        const links = text.match(/[a-z]+:\/\/[^\s<>]+/g) ?? [];
        expect(links.length).toBeGreaterThan(0);
        for (const link of links) expect(new URL(link).origin).toBe(origin);
        expect(text).not.toContain(evil);
      }
    },
    60_000,
  );
});

describe("redirections, cookies and pages", () => {
  it("are the same for all 20 combinations", async () => {
    const asker = toAsker(installation.server.url);
    const host = `localhost:${new URL(installation.server.url).port}`;
    const questions: readonly Question[] = [
      { path: "/" },
      { path: "/account" },
      { path: "/sign-in" },
      { path: "/api/v1/account" },
      { path: "/api/v1/sign-in/passkey/options", method: "POST", body: {} },
    ];
    for (const question of questions) {
      const seen = new Set<string>();
      for (const spoof of [{}, ...spoofs]) {
        const heard = await asker.ask({ ...question, headers: { host, ...spoof } });
        expect(JSON.stringify([heard.headers, heard.text])).not.toContain(evil);
        seen.add(toSeen(heard));
      }
      expect([question.path, seen.size]).toEqual([question.path, 1]);
    }
  }, 30_000);

  it("a session's cookies are the same too, and no header opens a door", async () => {
    const asker = toAsker(behind);
    const seen = new Set<string>();
    const [{ email }] = people.slice(45) as [Resident];
    for (const spoof of [{}, spoofs[5], spoofs[14]]) {
      const headers = { ...spoof, "x-forwarded-for": "198.51.100.30" };
      const body = { email, password: installation.house.password };
      const heard = await asker.ask({ path: "/api/v1/sign-in", method: "POST", headers, body });
      expect(heard.status).toBe(200);
      seen.add(toSeen(heard).replaceAll(/"(?:user|session)Id":"[^"]*"/g, ""));
    }
    expect(seen.size).toBe(1);
    expect([...seen][0]).toMatch(/set-cookie: __Host-parley=<43>; Path=\/; Secure; HttpOnly; SameSite=Strict\n/);
    for (const internal of ["x-request-from", "x-internal", "x-parley-user", "x-user-id", "x-forwarded-user"]) {
      expect((await asker.ask({ path: "/api/v1/account", headers: { [internal]: "internal" } })).status).toBe(401);
    }
  }, 30_000);
});

const bypasses = [
  "https://evil.example",
  "http://evil.example",
  "//evil.example",
  "///evil.example",
  "////evil.example",
  "\\\\evil.example",
  "/\\evil.example",
  "\\/evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "\t//evil.example",
  " //evil.example",
  "/%09/evil.example",
  "/%5cevil.example",
  "/%2f%2fevil.example",
  "/.//evil.example",
  "/..//evil.example",
  "/./\\evil.example",
  "/account/..//evil.example",
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\nscript:alert(1)",
  "/javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "https:evil.example",
  "https:/evil.example",
  "@evil.example",
  "/@evil.example",
  ".evil.example",
  "evil.example",
  "/\u0000/evil.example",
  "/\u2028/evil.example",
  "//evil.example\\@localhost",
  "/\r\nlocation: https://evil.example",
  "?next=//evil.example",
];

describe("CVE-2024-30264: the way back after signing in", () => {
  it("stays on this server, whatever returnTo says", async () => {
    expect(bypasses.length).toBeGreaterThanOrEqual(30);
    const asker = toAsker(installation.server.url);
    const origin = `http://localhost:${new URL(installation.server.url).port}`;
    const { headers } = await installation.house.enter((people[46] as Resident).userId);
    const go = async (returnTo: string): Promise<Heard> => {
      const path = `${pagePaths.signIn}?returnTo=${encodeURIComponent(returnTo)}`;
      return asker.ask({ path, headers: { ...headers, host: new URL(origin).host } });
    };
    expect(findHeader(await go("/account/sessions?x=1"), "location")).toBe("/account/sessions?x=1");
    for (const bypass of bypasses) {
      const heard = await go(bypass);
      const location = findHeader(heard, "location") ?? "";
      expect([bypass, heard.status, location]).toEqual([bypass, 303, expect.stringMatching(/^\/(?![/\\])[^\s\\]*$/)]);
      expect(new URL(location, origin).origin).toBe(origin);
      expect(heard.headers.filter(([name]) => name === "location")).toHaveLength(1);
    }
  }, 30_000);

  it("is written into no form as anything but a path of this server", async () => {
    const asker = toAsker(installation.server.url);
    const host = `localhost:${new URL(installation.server.url).port}`;
    const { headers } = await installation.house.enter((people[47] as Resident).userId);
    for (const bypass of bypasses) {
      const query = `?returnTo=${encodeURIComponent(bypass)}`;
      const pages = [
        await asker.ask({ path: `${pagePaths.signIn}${query}`, headers: { host } }),
        await asker.ask({ path: `${pagePaths.confirm}${query}`, headers: { ...headers, host } }),
      ];
      for (const { status, text } of pages) {
        const values = [...text.matchAll(/name="returnTo" value="([^"]*)"/g)].map(([, value = ""]) => value);
        expect([bypass, status, values.length > 0]).toEqual([bypass, 200, true]);
        for (const value of values)
          expect([bypass, value]).toEqual([bypass, expect.stringMatching(/^\/(?![/\\])[^\s\\]*$/)]);
        expect(text).not.toMatch(/(?:href|action|src)="(?:https?:)?\/\/evil/);
      }
    }
  }, 30_000);
});

/** The ways to write a path that other servers take for the same. */
const variants: readonly (readonly [name: string, change: (path: string) => string])[] = [
  ["upper case", (path) => path.toUpperCase()],
  ["one letter in upper case", (path) => path.replace(/[a-z](?=[a-z-]*$)/, (letter) => letter.toUpperCase())],
  ["a slash at the end", (path) => `${path}/`],
  ["two slashes at the end", (path) => `${path}//`],
  ["two slashes at the beginning", (path) => `/${path}`],
  ["two slashes inside", (path) => path.replace(/\/(?=[^/]*$)/, "//")],
  ["a dot segment", (path) => path.replace(/\/(?=[^/]*$)/, "/./")],
  ["a way up and down", (path) => path.replace(/\/(?=[^/]*$)/, "/x/../")],
  ["an encoded dot segment", (path) => path.replace(/\/(?=[^/]*$)/, "/%2e/")],
  ["an encoded way up", (path) => `/public/%2e%2e${path}`],
  ["an encoded slash", (path) => path.replace(/\/(?=[^/]*$)/, "%2f")],
  ["an encoded letter", (path) => path.replace(/[a-z](?=[^/]*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)],
  ["a parameter", (path) => `${path};x`],
  ["a parameter inside", (path) => path.replace(/\/(?=[^/]*$)/, ";x=1/")],
  ["a NUL", (path) => `${path}%00`],
  ["a backslash", (path) => path.replace(/\/(?=[^/]*$)/, "\\")],
  ["an ending", (path) => `${path}.json`],
  ["a fragment", (path) => `${path}#x`],
];

/** No such address, none that takes this method, or none at all (a field of it is empty): nothing was done. */
const unknown = [400, 404, 405];
const closed = [401, ...unknown];

type OpenApi = { paths: Record<string, Record<string, { operationId?: string; security?: unknown[] }>> };

describe("CVE-2024-8181: a protected address", () => {
  it("has one spelling: every other one of every operation is unknown, or as closed as the first", async () => {
    const asker = toAsker(behind, 4);
    let asked = 0;
    const ask = (method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Heard> => {
      asked += 1;
      return asker.ask({ method, path, headers: { "x-forwarded-for": toAddress(asked), ...headers } });
    };
    const document = JSON.parse((await ask("GET", openApiPath)).text) as OpenApi;
    const routes = Object.entries(document.paths).flatMap(([template, methods]) =>
      Object.keys(methods).map((method) => ({
        method: method.toUpperCase(),
        path: template.replaceAll(
          /\{(\w+)\}/g,
          (_all, name: string) => `${name.slice(0, 3).toLowerCase()}_${"0".repeat(32)}`,
        ),
      })),
    );
    let protectedCount = 0;
    const { headers } = await installation.house.enter((people[48] as Resident).userId);
    for (const { method, path } of routes) {
      const plain = await ask(method, path);
      if (plain.status !== 401) continue;
      protectedCount += 1;
      for (const [name, change] of variants) {
        const bare = await ask(method, change(path));
        expect([name, method, path, closed.includes(bare.status) || bare.status]).toEqual([name, method, path, true]);
      }
      if (method !== "GET") continue;
      // Somebody who is signed in gets no further by another spelling than a stranger: it names nothing.
      for (const [name, change] of variants) {
        if (/_0{32}$/.test(path)) break;
        const { status } = await ask(method, change(path), headers);
        expect([name, path, unknown.includes(status) || status]).toEqual([name, path, true]);
      }
    }
    process.stdout.write(`${protectedCount} protected operations in ${asked} requests\n`);
    expect(protectedCount).toBeGreaterThan(50);
  }, 120_000);

  it("of a page has one spelling too", async () => {
    const asker = toAsker(behind);
    const paths = Object.values(pagePaths).filter(
      (path) => path.startsWith("/account") && path !== "/account/email/confirm",
    );
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths) {
      for (const [name, change] of variants) {
        const heard = await asker.ask({ path: change(path) });
        expect([name, path, unknown.includes(heard.status) || heard.status]).toEqual([name, path, true]);
      }
    }
  }, 60_000);
});

// Holes that were published for comparable platforms and that only the whole product can be asked about: every operation and
// every page, on the world of the security suites. The list, with the tests elsewhere, is docs/security/known-holes.md.

import type { HTTPMethods } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSources } from "../../scripts/house.ts";
import { catalogue } from "../../server/src/domains/organisations/index.ts";
import { issueToken } from "../../server/src/domains/tokens/index.ts";
import { systemClock } from "../../server/src/kernel/clock.ts";
import type { ChannelId } from "../../server/src/kernel/ids.ts";
import type { Operation } from "../../server/src/kernel/operation.ts";
import { pageRoutes } from "../../server/src/pages/routes/index.ts";
import { cast, guardCodes, type SuiteCaller } from "../support/callers.ts";
import { sampleSite } from "../support/chat-world.ts";
import { samples } from "../support/samples.ts";
import { createWorld, type World } from "../support/security-world.ts";
import { isWhole } from "../support/size.ts";
import { objectKinds, toAbsent } from "../support/world-objects.ts";
import { type SampleRequest, toUrl } from "../support/world-requests.ts";

const json = { "content-type": "application/json" };
let world: World;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);

afterAll(async () => {
  process.stdout.write(`known holes: ${count} requests\n`);
  await world?.close();
});

function getSample(operation: Operation): SampleRequest {
  return samples[operation.name]?.request(world.places.a1.objects) ?? {};
}

interface Sent {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string;
}

/** The sample request of an operation, by nobody unless the headers say otherwise. */
function send(operation: Operation, sent: Sent = {}): ReturnType<World["send"]> {
  count += 1;
  const sample = getSample(operation);
  const hasBody = operation.body !== undefined;
  return world.send({
    method: (sent.method ?? operation.method) as HTTPMethods & "GET",
    url: sent.url ?? toUrl(operation, sample),
    headers: { ...(hasBody && json), ...sent.headers },
    ...(hasBody && { payload: sent.payload ?? JSON.stringify(sample.body ?? {}) }),
  });
}

const find = (name: string): Operation => world.product.operations.find((one) => one.name === name) as Operation;
const isGuarded = ({ scope, begins }: Operation): boolean => scope !== "public" && begins !== true;
/** Where a request comes from, which alone lets nobody in. */
const toBase = ({ scope }: Operation): Record<string, string> => (scope === "visitor" ? { origin: sampleSite } : {});

/** Headers by which proxies, frameworks and services elsewhere said who somebody is, or that they belong to the house. */
const claims = `x-request-from x-internal x-internal-request x-internal-token x-from-internal x-service x-service-token
  x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-user x-forwarded-email x-real-ip x-client-ip client-ip
  true-client-ip cf-connecting-ip forwarded via x-original-url x-rewrite-url x-http-method-override x-method-override
  x-remote-user remote-user x-user x-user-id x-user-role x-auth-user x-auth-request-user x-webauth-user x-account-id
  x-organisation-id x-organization-id x-tenant-id x-workspace-id x-app-id x-role x-roles x-permissions x-scopes x-admin
  x-is-admin x-middleware-subrequest x-api-key api-key x-access-token x-debug`.split(/\s+/);

/** Those that the product itself reads, from its sources. */
function listHeadersRead(): string[] {
  const sources = readSources().filter(
    ({ path }) => /^server\/src\//.test(path) && !/\.test\.ts$|\/testing\//.test(path),
  );
  const names = sources.flatMap(({ text }) =>
    [...text.matchAll(/headers(?:\["([a-z0-9-]+)"\]|\.([a-z]+)\b)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""),
  );
  const named = ["parley-app", "parley-organisation", "x-parley-csrf"];
  return [...new Set([...names, ...named])].filter((name) => !["content", "host", "entries"].includes(name));
}

describe("a header", () => {
  it("CVE-2025-71336, GHSA-6933-jpx5-q87q: gives nobody a right, whatever it says about who sends it", async () => {
    const read = listHeadersRead();
    expect(read).toEqual(expect.arrayContaining(["authorization", "cookie", "user-agent", "idempotency-key"]));
    const { userId, organisationId, appId } = world.places.a1.objects;
    const values = ["internal", "true", "127.0.0.1", world.getCaller("owner").userId, userId, organisationId, appId];
    const names = [...new Set([...claims, ...read])].filter((name) => !/^content-|^transfer-|^connection$/.test(name));
    const faults: string[] = [];
    for (const [index, operation] of world.product.operations.filter(isGuarded).entries()) {
      for (const [turn, name] of names.entries()) {
        // In `npm test` each header says one thing to each operation, another one to the next.
        const said = isWhole ? values : [values[(index + turn) % values.length] ?? ""];
        for (const value of said) {
          const { statusCode } = await send(operation, { headers: { ...toBase(operation), [name]: value } });
          // What the product reads may also be mistaken or of a place that is not there; a claim changes nothing at all.
          const expected = read.includes(name) ? [400, 401, 403, 404] : [401];
          if (!expected.includes(statusCode)) faults.push(`${operation.name} with ${name}: ${statusCode}`);
        }
      }
    }
    expect(faults).toEqual([]);
  }, 300_000);

  it("CVE-2025-71336, GHSA-6933-jpx5-q87q: gives nobody more than they have, and does not make them an operator", async () => {
    const faults: string[] = [];
    const caller = world.getCaller("empty role");
    const isForbidden = ({ scope, permission }: Operation): boolean =>
      (scope === "app" || scope === "organisation") && typeof permission === "string";
    for (const value of ["internal", "true", "127.0.0.1", world.getCaller("owner").userId]) {
      const headers = Object.fromEntries(claims.map((name) => [name, value]));
      for (const operation of world.product.operations.filter(isForbidden)) {
        const own = world.toHeaders(operation, { caller, credential: "fresh", place: "own" });
        const answer = await send(operation, { headers: { ...headers, ...own } });
        const isRefused = answer.statusCode === 403 && answer.json().code === "api.forbidden";
        if (!isRefused) faults.push(`${operation.name} with ${value}: ${answer.statusCode} ${answer.body}`);
      }
      const metrics = await world.send({ url: "/metrics", headers });
      if (metrics.statusCode !== 404) faults.push(`metrics with ${value}: ${metrics.statusCode}`);
      const ready = await world.send({ url: "/health/ready", headers });
      if ("checks" in ready.json()) faults.push(`readiness with ${value}: ${ready.body}`);
    }
    expect(faults).toEqual([]);
  }, 120_000);
});

interface Route {
  readonly method: string;
  readonly url: string;
}

/** Every address there is: operations, pages and their files, platforms, health, the description of the API, and none. */
function listRoutes(): Route[] {
  const pages = pageRoutes.flatMap(({ path, get, post }) => [
    ...(get === undefined ? [] : [{ method: "GET", url: path }]),
    ...(post === undefined ? [] : [{ method: "POST", url: path }]),
  ]);
  const inbound = `/channels/${world.places.a1.objects.channelId}/inbound`;
  const plain = ["/", "/nowhere", "/health/live", "/health/ready", "/metrics", "/api/v1/openapi.json", inbound];
  return [
    ...world.product.operations.map((one) => ({ method: one.method, url: toUrl(one, getSample(one)) })),
    ...pages,
    ...plain.map((url) => ({ method: "GET", url })),
    { method: "POST", url: inbound },
  ];
}

describe("another origin", () => {
  it("GHSA-m837-xvxr-vqwg: is given no access to any route, nor to any answer, by any CORS header", async () => {
    const faults: string[] = [];
    const statuses = new Map<number, number>();
    const owner = world.toHeaders(find("channels.list"), {
      caller: world.getCaller("owner"),
      credential: "fresh",
      place: "own",
    });
    const asset = /(?:href|src)="([^"]+\.(?:css|js))"/.exec((await world.send({ url: "/sign-in" })).body)?.[1];
    expect(asset).toBeDefined();
    for (const { method, url } of [...listRoutes(), { method: "GET", url: asset ?? "" }]) {
      for (const origin of [
        "https://evil.example",
        "null",
        "https://parley.example",
        "https://parley.example.evil.example",
      ]) {
        const preflight = {
          "access-control-request-method": method,
          "access-control-request-headers": "authorization",
        };
        const asked = [
          { method, headers: { origin } },
          { method: "GET", headers: { ...owner, origin, "sec-fetch-site": "cross-site" } },
          { method: "OPTIONS", headers: { origin, ...preflight } },
        ];
        for (const request of asked) {
          const answer = await world.send({ url, ...(request as { method: "GET"; headers: Record<string, string> }) });
          count += 1;
          statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
          const given = Object.keys(answer.headers).filter((name) =>
            /^access-control-|^timing-allow-origin$/.test(name),
          );
          if (given.length > 0) faults.push(`${request.method} ${url} for ${origin}: ${given.join()}`);
        }
      }
    }
    expect(faults).toEqual([]);
    // The crawl met what is there: answers that succeed, that refuse, and preflights.
    for (const status of [200, 204, 401, 403, 404])
      expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(3);
  }, 300_000);
});

describe("what somebody reads", () => {
  it("CVE-2026-56268: is of their own app and organisation, also with a token that may do everything there", async () => {
    const { a1, a2, b1 } = world.places;
    const caller = world.getCaller("owner");
    const own = new Set<string>();
    const faults: string[] = [];
    for (const operation of world.product.operations.filter(
      ({ method, name }) => method === "GET" && name !== "live.open",
    )) {
      for (const credential of ["fresh", "api"] as const) {
        count += 1;
        const { body } = await world.ask(operation, getSample(operation), { caller, credential, place: "own" });
        const foreign = [...Object.values(b1.objects), ...(operation.scope === "app" ? listOwn(a2.objects) : [])];
        for (const id of foreign) if (body.includes(id)) faults.push(`${operation.name} (${credential}) shows ${id}`);
        for (const [name, id] of Object.entries(a1.objects)) if (body.includes(id)) own.add(name);
      }
    }
    expect(faults).toEqual([]);
    // What is their own is shown, under the ids that were looked for.
    expect([...own]).toEqual(
      expect.arrayContaining(["channelId", "treeId", "endpointId", "traceId", "tokenId", "userId"]),
    );
  }, 60_000);

  it("CVE-2025-59422: of conversations is what their role and their channels allow, whoever knows the id", async () => {
    const { tenant, objects, secrets } = world.places.a1;
    const limited = (channelId: string): Promise<SuiteCaller> =>
      cast(world.stage, tenant, {
        ...{ name: `support of ${channelId}`, role: "support", at: "app", channelIds: [channelId as ChannelId] },
      });
    const [inside, outside] = [await limited(objects.channelId), await limited(secrets.otherChannelId)];
    const readers = ["messages.list", "traces.list", "traces.get"].map(find);
    const faults: string[] = [];
    for (const operation of readers) {
      for (const caller of [...world.callers.filter(({ channelIds }) => channelIds === undefined), inside, outside]) {
        const query = operation.name === "traces.list" ? {} : getSample(operation).query;
        const sample = { ...getSample(operation), ...(query && { query }) };
        const answer = await world.ask(operation, sample, { caller, credential: "fresh", place: "own" });
        count += 1;
        const isShown = answer.body.includes(objects.traceId) || answer.body.includes("msg_");
        const may = caller.permissions.includes(operation.permission as string) && caller !== outside;
        if (isShown !== may) faults.push(`${operation.name} by ${caller.name}: ${answer.statusCode} ${answer.body}`);
      }
    }
    expect(faults).toEqual([]);
    // Beyond the channel a conversation answers like one that does not exist.
    const ask = (conversationId: string) =>
      world.ask(
        find("messages.list"),
        { params: { conversationId } },
        { caller: outside, credential: "fresh", place: "own" },
      );
    const [theirs, nobodys] = [await ask(objects.conversationId), await ask(toAbsent("conversationId"))];
    expect([theirs.statusCode, theirs.body]).toEqual([nobodys.statusCode, nobodys.body]);
  }, 60_000);
});

/** Ids of things that belong to an app alone. */
function listOwn(objects: Readonly<Record<string, string>>): string[] {
  const shared = ["organisationId", "userId", "sessionId", "passkeyId", "roleId", "grantId", "invitationId"];
  return Object.entries(objects).flatMap(([name, id]) => (shared.includes(name) ? [] : [id]));
}

describe("whoever is not signed in", () => {
  it("CVE-2021-22911: asks by plain values only: an operator, a list or a filter of their own is refused", async () => {
    const faults: string[] = [];
    const before = count;
    const operators = [{ $gt: "" }, { $ne: null }, { $regex: "^a" }, ["a", "b"], { like: "%" }];
    const filters = {
      filter: "{}",
      where: "1=1",
      "email[$ne]": "x",
      "filter[role]": "owner",
      select: "*",
      orderBy: "email",
    };
    const refuse = async (operation: Operation, sent: Sent, what: string): Promise<void> => {
      const { statusCode, body } = await send(operation, sent);
      if (statusCode !== 400) faults.push(`${operation.name} with ${what}: ${statusCode} ${body}`);
    };
    for (const operation of world.product.operations.filter(({ scope }) => scope === "public")) {
      const { body = {} } = getSample(operation);
      for (const name of Object.keys(body)) {
        for (const value of operators) {
          const payload = JSON.stringify({ ...body, [name]: value });
          await refuse(operation, { payload }, `${name} as ${JSON.stringify(value)}`);
        }
      }
      for (const [name, value] of Object.entries(filters)) {
        const query = new URLSearchParams({ [name]: value }).toString();
        await refuse(operation, { url: `${operation.path}?${query}` }, `?${name}`);
        if (operation.body === undefined) continue;
        await refuse(operation, { payload: JSON.stringify({ ...body, [name]: value }) }, name);
      }
    }
    expect(faults).toEqual([]);
    expect(count - before).toBeGreaterThan(100);
  }, 60_000);
});

/** Every name of a field in a JSON schema, at any depth. */
function listFields(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const own = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(listFields)];
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly schema?: unknown }[];
  readonly requestBody?: unknown;
}

/** Ids that name no object of a tenant, and what they are. */
const otherIds: Readonly<Record<string, string>> = {
  credentialId: "a passkey's own id, which its signature proves",
  recipientId: "a member's id on the platform, looked up in the channel",
  nodeCompositeId: "the name of a node of the tree",
  phoneNumberId: "an account at WhatsApp",
  clientId: "a message's name in the browser that sends it, one's own visitor's",
  rotationId: "a random text that names one exchange of one's own token",
};

describe("a stored credential", () => {
  it("CVE-2026-42226, CVE-2026-54305, CVE-2026-48765: is named by no operation, and every id one takes is of a kind whose foreign ones are tried", async () => {
    const document = (await world.send({ url: "/api/v1/openapi.json" })).json<{
      paths: Record<string, Record<string, Described>>;
      components?: { schemas?: Record<string, unknown> };
    }>();
    const described = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(described.map(({ operationId }) => operationId).toSorted()).toEqual(
      world.product.operations.map(({ name }) => name).toSorted(),
    );
    const named = described.flatMap(({ parameters = [], requestBody }) => [
      ...parameters.map(({ name }) => name),
      ...listFields(requestBody),
    ]);
    const ids = [...new Set(named.filter((name) => /Ids?$/.test(name)))];
    const isTried = (name: string): boolean => name in objectKinds || name in otherIds;
    const toOne = (name: string): string => name.replace(/s$/, "");
    const nearly = (name: string): boolean =>
      Object.keys(objectKinds).some((kind) => toOne(name).endsWith(kind.slice(1)));
    expect(ids.filter((name) => !isTried(name) && !nearly(name))).toEqual([]);
    expect(ids.length).toBeGreaterThan(10);
    expect(
      Object.keys(objectKinds).filter((name) => /credential|secret|key(?!Id$)/i.test(name) && name !== "passkeyId"),
    ).toEqual([]);
  });
});

describe("the channel that is checked", () => {
  it("CVE-2026-72919: is the one that is used: no second spelling of it is taken, in any part of a request", async () => {
    const caller = world.getCaller("admin of one channel");
    const { objects, secrets } = world.places.a1;
    const other = secrets.otherChannelId;
    const faults: string[] = [];
    const about = world.product.operations.filter(({ channel }) => typeof channel === "object");
    for (const operation of about) {
      const headers = world.toHeaders(operation, { caller, credential: "fresh", place: "own" });
      // The caller's one channel, for what is about channels of websites too: whether it is one is looked at behind the guard.
      const toOwn = (said: string): string => said.replaceAll(objects.webChannelId, objects.channelId);
      const url = toOwn(toUrl(operation, getSample(operation)));
      const text = toOwn(JSON.stringify(getSample(operation).body ?? {}));
      const tries: [string, Sent][] = ["channelId", "channel_id", "channel", "channels", "rid", "ChannelId"].flatMap(
        (name) => {
          const inQuery: [string, Sent] = [
            `?${name}`,
            { url: `${url}${url.includes("?") ? "&" : "?"}${name}=${other}` },
          ];
          const before = text.replace(
            "{",
            `{${JSON.stringify(name)}:${JSON.stringify(other)}${text === "{}" ? "" : ","}`,
          );
          const after = text.replace(
            /\}$/,
            `${text === "{}" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(other)}}`,
          );
          const inBody: [string, Sent][] = [before, after].map((payload) => [`${name} in ${payload}`, { payload }]);
          return operation.body === undefined ? [inQuery] : [inQuery, ...inBody];
        },
      );
      for (const [what, sent] of tries) {
        const { statusCode } = await send(operation, { ...sent, headers });
        if (statusCode !== 400) faults.push(`${operation.name} with ${what}: ${statusCode}`);
      }
      const reached = await send(operation, { url, headers, payload: text });
      if (guardCodes.has(reached.json().code) && !operation.stepUp) faults.push(`${operation.name}: ${reached.body}`);
    }
    expect(faults).toEqual([]);
    expect(about.length).toBeGreaterThan(2);
    expect(other).not.toBe(objects.channelId);
  }, 60_000);

  it("CVE-2026-72918: does not open the stream of events, which is one's own, names nobody and takes nothing in", async () => {
    const live = find("live.open");
    const headers = world.toHeaders(live, { caller: world.getCaller("owner"), credential: "fresh", place: "own" });
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const answer = await send(live, { method, headers });
      expect(answer.statusCode, method).toBe(405);
    }
    const victim = world.getCaller("admin");
    const aims = {
      userId: victim.userId,
      user: victim.userId,
      sessionId: victim.sessionId,
      uid: victim.userId,
      stream: "notify",
    };
    for (const [name, value] of Object.entries(aims)) {
      const answer = await send(live, { url: `${live.path}?seconds=0&${name}=${value}`, headers });
      expect(answer.statusCode, name).toBe(400);
    }
    expect((await send(live, { headers })).statusCode).toBe(200);
  });
});

describe("the scopes of a token", () => {
  it("GHSA-664h-gpgq-h6xx: open each operation by its own permission alone, and not by all the others together", async () => {
    const owner = world.getCaller("owner");
    const actor = {
      kind: "user",
      userId: owner.userId,
      sessionId: owner.sessionId,
      scopes: [],
      isSteppedUp: true,
    } as const;
    const carry = async (scopes: readonly string[]): Promise<SuiteCaller> => {
      const { token } = await world.stage.db.database.withTenant(actor, world.places.a1.tenant, (tx) =>
        issueToken(tx, { kind: "api", name: "Scoped", scopes }, { pepper: world.stage.pepper, clock: systemClock }),
      );
      return { ...owner, tokens: { ...owner.tokens, api: token } };
    };
    const permissions = Object.keys(catalogue);
    const made = new Map<string, { alone: SuiteCaller; others: SuiteCaller }>();
    const faults: string[] = [];
    for (const operation of world.product.operations) {
      const { permission, scope, stepUp, name } = operation;
      if (scope !== "app" || stepUp || typeof permission !== "string") continue;
      const bundle = `${permission.split(":")[0]}:admin`;
      const others = permissions.filter((one) => one !== permission && one !== bundle);
      const callers = made.get(permission) ?? { alone: await carry([permission]), others: await carry(others) };
      made.set(permission, callers);
      const ask = async (caller: SuiteCaller): Promise<string> => {
        count += 1;
        const answer = await world.ask(operation, getSample(operation), { caller, credential: "api", place: "own" });
        return answer.statusCode < 400 || name === "live.open" ? "" : String(answer.json().code);
      };
      const [alone, rest] = [await ask(callers.alone), await ask(callers.others)];
      if (guardCodes.has(alone)) faults.push(`${name} with ${permission}: ${alone}`);
      if (rest !== "api.forbidden") faults.push(`${name} without ${permission}: ${rest || "done"}`);
    }
    expect(faults).toEqual([]);
    expect(made.size).toBeGreaterThan(8);
  }, 120_000);
});

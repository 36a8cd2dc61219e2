// What every operation of the product must refuse: the sweep of `api/testing` on the composed product and a real database,
// with a good request of each as its start. An operation without one fails by its name.

import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgeryHeader, issueForgeryToken } from "../../server/src/api/index.ts";
import {
  type RefusalCase,
  refusalCases,
  type Sample,
  strangerCases,
} from "../../server/src/api/testing/refusal-cases.ts";
import type { Operation } from "../../server/src/kernel/operation.ts";
import { newId } from "../../server/src/platform/crypto/random.ts";
import { issueVisitorToken, sampleSite, setVisitorLimits } from "../support/chat-world.ts";
import { forEachOf } from "../support/for-each-of.ts";
import { listUnmatched, samples } from "../support/samples.ts";
import { createWorld, setRateLimits, type World } from "../support/security-world.ts";
import { isWhole } from "../support/size.ts";
import { type ObjectName, objectKinds, toAbsent } from "../support/world-objects.ts";
import { type Asked, toUrl } from "../support/world-requests.ts";

let world: World;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);

afterAll(async () => {
  process.stdout.write(`refusals: ${count} cases\n`);
  await world?.close();
});

function toSample(operation: Operation): Sample {
  const request = samples[operation.name]?.request(world.places.a1.objects) ?? {};
  const { params = {} } = request;
  const all = Object.keys(params);
  if (all.length === 0) return request;
  // In the public chat what is absent is what a channel holds, where anything is named.
  const names = operation.scope === "visitor" && all.length > 1 ? all.filter((name) => name !== "channelId") : all;
  const absent = names.map((name) => [name, name in objectKinds ? toAbsent(name as ObjectName) : params[name]]);
  const isMissed = (samples[operation.name]?.absentStatus ?? 404) === 404;
  return { ...request, ...(isMissed && { absent: Object.fromEntries(absent) }) };
}

const askers = { holder: "owner", unscoped: "empty role" } as const;

function toAsked(refusal: RefusalCase): Asked {
  const caller = world.getCaller(refusal.asker === "nobody" ? "owner" : askers[refusal.asker]);
  return { caller, credential: refusal.asker === "nobody" ? "none" : "fresh", place: "own" };
}

interface Refused {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly status?: number;
    readonly requestId?: string;
    readonly errors?: { path: string }[];
  };
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A visitor asks the chat, an owner everything else. */
function toHeaders(operation: Operation, refusal: RefusalCase): Readonly<Record<string, string>> {
  if (operation.scope !== "visitor") return world.toHeaders(operation, toAsked(refusal));
  const token = issueVisitorToken(world.stage, world.getVisitor("visitor"));
  return { origin: sampleSite, ...(refusal.asker !== "nobody" && { authorization: `Bearer ${token}` }) };
}

async function send(
  operation: Operation,
  refusal: RefusalCase,
  changed: Readonly<Record<string, string | undefined>> = {},
): Promise<Refused> {
  count += 1;
  const { contentType, payload, url } = refusal;
  const headers = { ...toHeaders(operation, refusal), ...changed };
  const answer = await world.send({
    method: refusal.method as "GET",
    url,
    headers: {
      ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
      ...(contentType !== undefined && { "content-type": contentType }),
    },
    ...(payload !== undefined && { payload }),
  });
  const isProblem = String(answer.headers["content-type"]).includes("application/problem+json");
  return { status: answer.statusCode, headers: answer.headers, body: isProblem ? answer.json() : {} };
}

/** What is wrong with a refusal; undefined when it is as it must be. */
function findFault(refusal: RefusalCase, { status, body, headers }: Refused): string | undefined {
  if (status !== refusal.status) return `is ${status} ${body.code ?? ""}, must be ${refusal.status}`;
  if (refusal.code !== undefined && body.code !== refusal.code) return `is ${body.code ?? ""}, must be ${refusal.code}`;
  if (body.status !== status || body.requestId !== headers["x-request-id"]) return "is no problem of its own request";
  const paths = body.errors?.map((mistake) => mistake.path) ?? [];
  if (refusal.path !== undefined && !paths.includes(refusal.path))
    return `names ${paths.join()} and not ${refusal.path}`;
  const wanted = { 401: "www-authenticate", 405: "allow" }[status];
  return wanted !== undefined && headers[wanted] === undefined ? `lacks the header ${wanted}` : undefined;
}

async function sweep(list: (operation: Operation) => readonly RefusalCase[]): Promise<string[]> {
  const faults: string[] = [];
  const cases = world.product.operations.flatMap((operation) => list(operation).map((one) => ({ operation, one })));
  await forEachOf(cases, async ({ operation, one }) => {
    const fault = findFault(one, await send(operation, one));
    if (fault !== undefined) faults.push(`${operation.name}, ${one.title}: ${fault}`);
  });
  return faults;
}

const restsOnCookies = ({ scope }: Operation): boolean => scope !== "public" && scope !== "visitor";
const changes = (operation: Operation): boolean => operation.method !== "GET" && restsOnCookies(operation);

describe("every operation", () => {
  it("has a sample, and every sample an operation", () => {
    expect(listUnmatched(world.product.operations)).toEqual({ unsampled: [], stale: [] });
  });

  it("refuses nobody, the unentitled, wrong types, lengths, methods, media types, absent things and prototype names", async () => {
    const faults = await sweep((operation) =>
      refusalCases(operation, toSample(operation)).filter((refusal) => refusal.isRepeated !== true),
    );
    expect(faults).toEqual([]);
  }, 300_000);

  it("SECURITY CVE-2026-42862, CVE-2026-41277, faa571c, 18bb02f: refuses every column of the database as a field nobody declared", async () => {
    const rows = await world.stage.db.asAdmin<{ column_name: string }>(
      "select distinct column_name from information_schema.columns where table_schema = 'public' order by 1",
    );
    const snake = rows.map((row) => row.column_name);
    const camel = snake.map((name) => name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()));
    const names = [...new Set([...snake, ...camel])];
    expect(names.length).toBeGreaterThan(150);
    const faults: string[] = [];
    for (const operation of world.product.operations) {
      for (const refusal of strangerCases(operation, toSample(operation), names)) {
        const { status, body } = await send(operation, refusal);
        const named = new Set(body.errors?.map((mistake) => mistake.path));
        const missed = refusal.names.filter((name) => !named.has(name));
        count += refusal.names.length - 1;
        if (status !== 400 || missed.length > 0) faults.push(`${operation.name}: ${status}, takes ${missed.join()}`);
      }
    }
    expect(faults).toEqual([]);
  }, 300_000);

  it.runIf(isWhole)(
    "SECURITY: refuses each column alone, too",
    async () => {
      const rows = await world.stage.db.asAdmin<{ column_name: string }>(
        "select distinct column_name from information_schema.columns where table_schema = 'public' order by 1",
      );
      const faults = await sweep((operation) =>
        rows.flatMap(({ column_name: name }) =>
          strangerCases(operation, toSample(operation), [name]).map((refusal) => ({ ...refusal, path: name })),
        ),
      );
      expect(faults).toEqual([]);
    },
    900_000,
  );

  it("SECURITY: refuses what another site makes a browser send, by either of two layers alone", async () => {
    const faults: string[] = [];
    const forgeries: Record<string, Record<string, string | undefined>> = {
      "without a token": { "x-parley-csrf": "" },
      "with another session's token": { "x-parley-csrf": world.getCaller("admin").sessions.fresh.csrf },
      "from another site": { "sec-fetch-site": "cross-site" },
      "from a sibling site": { "sec-fetch-site": "same-site" },
      "with another origin": { "sec-fetch-site": undefined, origin: "https://evil.example" },
      "with neither mark": { "sec-fetch-site": undefined },
    };
    for (const operation of world.product.operations.filter(changes)) {
      const sample = toSample(operation);
      for (const [title, headers] of Object.entries(forgeries)) {
        const [base] = refusalCases(operation, sample);
        if (base === undefined) continue;
        const answer = await send(operation, { ...base, asker: "holder" }, headers);
        const isRefused = answer.status === 403 && answer.body.code === "api.forged_request";
        if (!isRefused) faults.push(`${operation.name} ${title}: ${answer.status} ${answer.body.code ?? ""}`);
      }
    }
    expect(faults).toEqual([]);
  }, 120_000);

  it("refuses a caller who asks too often, and says when to come back", async () => {
    const perMinute = 3;
    setRateLimits(perMinute);
    setVisitorLimits({ start: perMinute });
    const product = await world.composeAgain(world.database);
    setRateLimits(10_000_000);
    setVisitorLimits();
    const faults: string[] = [];
    for (const [index, operation] of product.operations.entries()) {
      const request = await toHasty(operation, index);
      const statuses: number[] = [];
      let last: Refused["headers"] = {};
      for (let sent = 0; sent <= perMinute; sent += 1) {
        const answer = await product.server.inject(request);
        statuses.push(answer.statusCode);
        last = answer.headers;
        count += 1;
      }
      const isLimited = statuses.at(-1) === 429 && !statuses.slice(0, -1).includes(429);
      if (!isLimited || last["retry-after"] === undefined) faults.push(`${operation.name}: ${statuses.join()}`);
    }
    await product.stop();
    expect(faults).toEqual([]);
  }, 120_000);
});

describe("a network of many visitors", () => {
  it("SECURITY: is refused when together they ask too often, whichever operation, and other networks are not", async () => {
    const perMinute = 3;
    setVisitorLimits({ call: perMinute });
    const product = await world.composeAgain(world.database);
    setVisitorLimits();
    const faults: string[] = [];
    const operations = product.operations.filter(({ scope, begins }) => scope === "visitor" && begins !== true);
    for (const [index, operation] of operations.entries()) {
      const answers = [];
      for (let sent = 0; sent <= perMinute + 1; sent += 1) {
        // Each is another visitor; the last one comes from elsewhere.
        const isElsewhere = sent > perMinute;
        const remoteAddress = isElsewhere ? `172.16.${index}.7` : `10.9.${index}.7`;
        answers.push(await product.server.inject({ ...(await toHasty(operation, index)), remoteAddress }));
        count += 1;
      }
      const codes = answers.map(
        (answer) => answer.statusCode === 429 && answer.json().code === "visitors.rate_limited",
      );
      const retryAfter = answers.at(-2)?.headers["retry-after"];
      if (codes.join() !== "false,false,false,true,false" || retryAfter === undefined) {
        faults.push(`${operation.name}: ${answers.map(({ statusCode }) => statusCode).join()}`);
      }
    }
    await product.stop();
    expect(faults).toEqual([]);
    expect(operations.length).toBeGreaterThan(11);
  }, 60_000);
});

/** What somebody sends who calls one operation again and again. */
async function toHasty(operation: Operation, index: number): Promise<InjectOptions> {
  const sample = toSample(operation);
  // A request that is refused counts too; nothing has to be done for a limit to hold.
  const isRefused = operation.method === "GET" || operation.takesBytes === true;
  const { query = {} } = sample;
  const request = {
    method: operation.method as "GET",
    url: toUrl(operation, isRefused ? { ...sample, query: { ...query, x: "1" } } : sample),
    remoteAddress: `198.51.100.${index}`,
  };
  if (operation.begins === true) return { ...request, headers: { origin: sampleSite }, payload: { ...sample.body } };
  if (operation.scope === "visitor") {
    const visitor = { ...world.getVisitor("visitor"), visitorId: newId("visitor") };
    const authorization = `Bearer ${issueVisitorToken(world.stage, visitor)}`;
    return { ...request, headers: { origin: sampleSite, authorization } };
  }
  const userId = await world.stage.addUser(`hasty-${index}@example.org`);
  await world.stage.grant(world.places.a1.tenant.organisationId, userId, { role: "owner" });
  const { token, sessionId } = await world.stage.signIn(userId, true);
  const csrf = issueForgeryToken(world.stage.pepper, sessionId);
  const headers = world.toHeaders(operation, { caller: world.getCaller("owner"), credential: "fresh", place: "own" });
  return { ...request, headers: { ...headers, cookie: `__Host-parley=${token}`, [forgeryHeader]: csrf } };
}

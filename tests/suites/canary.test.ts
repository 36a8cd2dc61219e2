// No secret comes out: one of every kind is planted, every operation is called by every role, and answers, log lines and
// every byte that goes to the database are searched for all of them. What an operation makes to be shown is shown by it,
// once, and said nowhere else.

import type { Response } from "light-my-request";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../server/src/kernel/operation.ts";
import type { Credential, SuiteCaller } from "../support/callers.ts";
import { findCanaries, type Needle, plantCanaries, type Tap, tapSockets, toNeedle } from "../support/canaries.ts";
import { issueVisitorToken } from "../support/chat-world.ts";
import { listUnmatched, samples } from "../support/samples.ts";
import { createWorld, type World } from "../support/security-world.ts";
import { isWhole } from "../support/size.ts";

let world: World;
let needles: readonly Needle[];
let tap: Tap;
/** The planted token of each visitor. */
let tokens: ReadonlyMap<string, string>;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
  tokens = new Map(world.visitors.map((visitor) => [visitor.name, issueVisitorToken(world.stage, visitor)]));
  needles = await plantCanaries(world, tokens);
  tap = tapSockets();
}, 120_000);

afterAll(async () => {
  tap?.close();
  process.stdout.write(`canary: ${count} answers searched for ${needles?.length} secrets\n`);
  await world?.close();
});

const usual = ["owner", "auditor", "inbox_agent", "custom role of one app"];

function listCallers(): readonly SuiteCaller[] {
  return isWhole ? world.callers : world.callers.filter(({ name }) => usual.includes(name));
}

const credentials: readonly Credential[] = isWhole ? ["fresh", "stale", "api", "bot", "none"] : ["fresh", "api"];

function toText(response: Response): string {
  return `${JSON.stringify(response.headers)}\n${response.body}`;
}

/** What looks like a secret of ours, whoever made it. */
const lookAlike =
  /ply_(?:api|bot)_[0-9A-Za-z]{36}|plv_[0-9A-Za-z_-]{40,}|whsec_[A-Za-z0-9+/]{30,}=*|eyJ[\w-]+\.[\w-]+\.[\w-]{20,}/g;

function readView(response: Response): Record<string, unknown> {
  return response.statusCode < 300 && response.body.startsWith("{") ? response.json() : {};
}

/** The secrets an answer shows on purpose. */
function listShown(operation: Operation, response: Response): string[] {
  const shown = samples[operation.name]?.shows?.(readView(response)) ?? [];
  return shown.flat().filter((value) => typeof value === "string");
}

/** Sessions and devices that begin with an answer: cookies are the one place they are in. */
function listCookies(response: Response): string[] {
  return response.cookies.map(({ value }) => value).filter((value) => value.length > 15);
}

function countIn(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** What is wrong with one answer and what was logged and stored meanwhile. */
function listFaults(operation: Operation, response: Response, background: string): string[] {
  const answer = toText(response);
  const shown = listShown(operation, response);
  const planted = findCanaries(answer, needles).map((kind) => `the answer holds the ${kind}`);
  const behind = findCanaries(background, needles).map((kind) => `the log or the database was told the ${kind}`);
  const strange = (answer.match(lookAlike) ?? []).filter((text) => !shown.includes(text));
  const repeated = shown.filter(
    (secret) => countIn(JSON.stringify(response.body), JSON.stringify(secret).slice(1, -1)) > 1,
  );
  const inBody = listCookies(response).filter((value) => response.body.includes(value));
  const told = [...shown, ...listCookies(response)].filter(
    (value) => findCanaries(background, [toNeedle({ kind: "", value })]).length > 0,
  );
  return [
    ...planted,
    ...behind,
    ...strange.map(() => "the answer shows a secret that the operation does not declare"),
    ...repeated.map(() => "the answer shows its secret twice"),
    ...inBody.map(() => "the body holds what belongs in a cookie"),
    ...told.map(() => "the log or the database was told the secret that was shown"),
  ];
}

describe("secrets", () => {
  it("are looked for in every operation", () => {
    expect(listUnmatched(world.product.operations)).toEqual({ unsampled: [], stale: [] });
    expect(new Set(needles.map(({ kind }) => kind.replace(/ (?:of|for) .*/, ""))).size).toBeGreaterThan(15);
  });

  it("are found where they are: the search itself works", async () => {
    const operation = world.product.operations.find(({ name }) => name === "channels.list") as Operation;
    const asked = { caller: world.getCaller("owner"), credential: "fresh", place: "own" } as const;
    tap.take();
    const response = await world.ask(operation, {}, asked);
    expect(findCanaries(toText(response), [toNeedle({ kind: "name", value: "Planted" })])).toEqual(["name"]);
    const address = toNeedle({ kind: "app", value: world.places.a1.tenant.appId.slice(4) });
    expect(findCanaries(tap.take(), [address])).toEqual(["app"]);
    for (const text of needles.flatMap((needle) => needle.texts)) expect(text.length).toBeGreaterThan(15);
  });

  it("CVE-2026-46443, GHSA-rwrp-9823-p2xq, CVE-2026-56270, CVE-2025-65098, CVE-2025-67732, CVE-2026-23477, OpenWA#821: come out of no operation, for no role, in no log line, entry, letter or job", async () => {
    const faults = new Set<string>();
    let shownCount = 0;
    for (const operation of world.product.operations) {
      for (const caller of listCallers()) {
        for (const credential of credentials) {
          tap.take();
          world.logged.length = 0;
          const sample = samples[operation.name]?.request(world.places.a1.objects) ?? {};
          const response = await world.ask(operation, sample, { caller, credential, place: "own" });
          const background = `${tap.take()}\n${world.logged.join("\n")}`;
          for (const fault of listFaults(operation, response, background)) faults.add(`${operation.name}: ${fault}`);
          shownCount += listShown(operation, response).length;
          count += 1;
        }
      }
    }
    expect([...faults]).toEqual([]);
    expect(shownCount).toBeGreaterThan(3);
  }, 900_000);

  it("CVE-2026-49278: SECURITY: come out of no operation for a visitor, of their own kinds either", async () => {
    const faults = new Set<string>();
    let shownCount = 0;
    const chat = world.product.operations.filter(({ scope }) => scope === "visitor");
    const visitors = isWhole ? world.visitors : world.visitors.slice(0, 3);
    for (const operation of isWhole ? world.product.operations : chat) {
      for (const visitor of visitors) {
        tap.take();
        world.logged.length = 0;
        const sample = samples[operation.name]?.request(world.places.a1.objects) ?? {};
        const authorization = `Bearer ${tokens.get(visitor.name)}`;
        const response = await world.askAsVisitor(operation, sample, { visitor, place: "own", authorization });
        const background = `${tap.take()}\n${world.logged.join("\n")}`;
        for (const fault of listFaults(operation, response, background)) faults.add(`${operation.name}: ${fault}`);
        shownCount += listShown(operation, response).length;
        count += 1;
      }
    }
    expect([...faults]).toEqual([]);
    // Beginning, exchanging and being vouched for.
    expect(shownCount).toBeGreaterThanOrEqual(2 + 2 * (visitors.length - 2));
  }, 300_000);

  it("CVE-2026-47702: stand nowhere in the database", async () => {
    const tables = await world.stage.db.asAdmin<{ name: string }>(
      "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await world.stage.db.asAdmin<{ row: string }>(`select t::text as row from ${name} t`);
      const text = rows.map(({ row }) => row).join("\n");
      // A password's hash is meant to be there.
      const kinds = findCanaries(text, needles).filter((kind) => kind !== "password hash");
      found.push(...kinds.map((kind) => `${name}: ${kind}`));
      count += rows.length;
    }
    expect(found).toEqual([]);
  }, 60_000);
});

// Who may do what, everywhere: every operation of the product by every role, with every credential, in every place. What is
// expected is read from the operation's declaration and the role table; what happens is asked of the composed product.
// Every request is undone, so that no cell changes the scene of another.

import { createHash } from "node:crypto";
import type { Response } from "light-my-request";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toUuid } from "../../server/src/kernel/ids.ts";
import type { Operation } from "../../server/src/kernel/operation.ts";
import {
  type Cell,
  type Credential,
  credentials,
  guardCodes,
  judge,
  judgeVisitor,
  listVisitorCells,
  type PlaceName,
  places,
  type SuiteCaller,
  sites,
  type Verdict,
  type VisitorCell,
} from "../support/callers.ts";
import { otherSite, sampleSite } from "../support/chat-world.ts";
import { forEachOf } from "../support/for-each-of.ts";
import { reviewed } from "../support/reviewed.ts";
import { listUnmatched, samples } from "../support/samples.ts";
import { createWorld, type World } from "../support/security-world.ts";
import { isWhole } from "../support/size.ts";
import { type ObjectName, type Objects, objectKinds, toAbsent } from "../support/world-objects.ts";
import type { SampleRequest } from "../support/world-requests.ts";

let world: World;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);

afterAll(async () => {
  process.stdout.write(`matrix: ${count} cells\n`);
  await world?.close();
});

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}

function readAnswer(response: Response): Answer {
  const isProblem = String(response.headers["content-type"]).includes("problem+json");
  return { status: response.statusCode, code: isProblem ? response.json().code : undefined };
}

/** In `npm test`: one in so many of the cells, more of those that say most. The same ones in every run. */
function toShare({ operation, caller, credential, place }: Cell): number {
  const isPlaced = operation.scope === "app" || operation.scope === "organisation";
  if (!isPlaced) return operation.scope === "public" ? 150 : 20;
  if (place !== "own" || (credential !== "fresh" && credential !== "stale")) return 25;
  return caller.at === "organisation" ? 1 : 5;
}

function isPicked(cell: Cell): boolean {
  const words = [cell.operation.name, cell.caller.name, cell.credential, cell.place].join("|");
  return isWhole || createHash("sha256").update(words).digest().readUInt32BE(0) % toShare(cell) === 0;
}

function listCredentials(operation: Operation): readonly Credential[] {
  // Without step-up, when the second factor was shown makes no difference; one of the two stands for both.
  return operation.stepUp ? credentials : credentials.filter((credential) => credential !== "stale");
}

function listCells(operation: Operation): Cell[] {
  const { objects } = world.places.a1;
  const isOfWeb = JSON.stringify(getSample(operation, objects)).includes(objects.webChannelId);
  const channelId = isOfWeb ? objects.webChannelId : objects.channelId;
  return world.callers.flatMap((caller) =>
    listCredentials(operation).flatMap((credential) =>
      places.map((place) => ({ operation, caller, credential, place, channelId })).filter(isPicked),
    ),
  );
}

/** What is wrong with an answer where a verdict is clear; undefined when nothing is. */
function findClearFault(verdict: Verdict, { status, code }: Answer): string | undefined {
  const got = `${status}${code === undefined ? "" : ` ${code}`}`;
  if (verdict !== "allowed") {
    const isRight = status === verdict.status && code === verdict.code;
    return isRight ? undefined : `must be ${verdict.status} ${verdict.code}, is ${got}`;
  }
  const isRefused = code !== undefined && guardCodes.has(code);
  return isRefused || status >= 500 ? `must be let through, is ${got}` : undefined;
}

function getSample(operation: Operation, objects: Objects): SampleRequest {
  return samples[operation.name]?.request(objects) ?? {};
}

/** What is wrong with the answer to a cell; undefined when nothing is. */
function findFault(cell: Cell, answer: Answer): string | undefined {
  const verdict = judge(cell);
  const needed = samples[cell.operation.name]?.needs;
  const { permissions, channelIds } = cell.caller;
  const isScoped = cell.credential !== "bot";
  if (verdict !== "allowed" || needed === undefined) return findClearFault(verdict, answer);
  if (permissions.includes(needed) && channelIds === undefined && isScoped) return findClearFault(verdict, answer);
  const { status, code } = answer;
  return [403, 404].includes(status) ? undefined : `must be refused without ${needed}, is ${status} ${code}`;
}

describe("the matrix of rights", () => {
  it("has a sample of every operation, and no other", () => {
    expect(listUnmatched(world.product.operations)).toEqual({ unsampled: [], stale: [] });
  });

  it("CVE-2026-70474, CVE-2026-41273, CVE-2026-69250, GHSA-chm3-vqcf-52rx: lets nobody in without a credential, or without a permission, but where somebody reviewed it", () => {
    const { operations } = world.product;
    const isWaived = ({ permission }: Operation): boolean => typeof permission !== "string";
    const isPlaced = ({ scope }: Operation): boolean => scope === "app" || scope === "organisation";
    const named = (some: readonly Operation[]): string[] => some.map(({ name }) => name).toSorted();
    expect(named(operations.filter(({ scope }) => scope === "public"))).toEqual(reviewed.withoutCredential);
    expect(named(operations.filter((one) => isPlaced(one) && isWaived(one)))).toEqual(reviewed.withoutPermission);
    expect(named(operations.filter(({ begins }) => begins === true))).toEqual(reviewed.beginsChats);
  });

  it("is made of samples that succeed for an owner, or for a visitor", async () => {
    const faults: string[] = [];
    await forEachOf(world.product.operations, async (operation) => {
      const sample = getSample(operation, world.places.a1.objects);
      const owner = world.getCaller("owner");
      const visitor = world.getVisitor("visitor");
      const response =
        operation.scope === "visitor"
          ? await world.askAsVisitor(operation, sample, { visitor, place: "own" })
          : await world.ask(operation, sample, { caller: owner, credential: "fresh", place: "own" });
      const { status, code } = readAnswer(response);
      const accepted = [operation.successStatus ?? 200, ...(samples[operation.name]?.accepts ?? [])];
      if (!accepted.includes(status)) faults.push(`${operation.name}: ${status} ${code ?? ""} ${response.body}`);
      count += 1;
    });
    expect(faults).toEqual([]);
  }, 60_000);

  it("CVE-2026-46444, CVE-2026-67621, CVE-2025-43862, CVE-2025-32796, CVE-2025-32790, CVE-2026-55762: every role does with every credential in every place what its row says, and nothing else", async () => {
    const cells = world.product.operations.flatMap(listCells);
    const faults: string[] = [];
    const verdicts = { allowed: 0, denied: 0 };
    await forEachOf(cells, async (cell) => {
      const { operation, caller, credential, place } = cell;
      const sample = getSample(operation, world.places.a1.objects);
      const answer = readAnswer(await world.ask(operation, sample, cell));
      const fault = findFault(cell, answer);
      if (fault !== undefined) faults.push(`${operation.name} by ${caller.name} (${credential}, ${place}): ${fault}`);
      verdicts[judge(cell) === "allowed" ? "allowed" : "denied"] += 1;
      count += 1;
    });
    expect(faults.slice(0, 40)).toEqual([]);
    expect(faults).toHaveLength(0);
    // The matrix is no matrix when one side of it is empty.
    expect(Math.min(verdicts.allowed, verdicts.denied)).toBeGreaterThan(cells.length / 20);
  }, 1_200_000);
});

const volatileHeaders = new Set(["date", "x-request-id", "ratelimit-remaining", "ratelimit-reset", "content-length"]);

/** An answer without what differs by itself: the request's id, the time, and the ids that were asked about. */
function toComparable(response: Response, ids: readonly string[]): string {
  const headers = Object.entries(response.headers).filter(([name]) => !volatileHeaders.has(name));
  let body = response.body.replaceAll(/"requestId":"[^"]*"/g, "");
  for (const id of ids) body = body.replaceAll(id, "ID");
  return JSON.stringify([response.statusCode, headers.toSorted(), body]);
}

interface Swap {
  readonly operation: Operation;
  readonly name: ObjectName;
}

/** The fields of a sample in which an object is named. */
function listSwaps(operation: Operation): Swap[] {
  const objects = world.places.a1.objects;
  const text = JSON.stringify(getSample(operation, objects));
  return (Object.keys(objectKinds) as ObjectName[])
    .filter((name) => text.includes(objects[name]))
    .map((name) => ({ operation, name }));
}

function swap({ bytes, ...named }: SampleRequest, from: string, to: string): SampleRequest {
  const swapped = JSON.parse(JSON.stringify(named).replaceAll(from, to)) as SampleRequest;
  return { ...swapped, ...(bytes && { bytes }) };
}

describe("what is somebody else's", () => {
  it("SECURITY: places that are another's and places that are nobody's answer alike", async () => {
    const faults: string[] = [];
    const callers: [SuiteCaller, PlaceName][] = [
      [world.getCaller("owner"), "foreign"],
      [world.getCaller("builder of one app"), "foreign"],
      [world.getCaller("admin of one app"), "sibling"],
    ];
    const placed = world.product.operations.filter(({ scope }) => scope === "app" || scope === "organisation");
    const cases = placed.flatMap((operation) =>
      callers.flatMap(([caller, place]) =>
        (["fresh", "api"] as const).map((credential) => ({ operation, caller, place, credential })),
      ),
    );
    await forEachOf(cases, async ({ operation, caller, place, credential }) => {
      const sample = getSample(operation, world.places.a1.objects);
      const [theirs, nobodys] = await Promise.all([
        world.ask(operation, sample, { caller, credential, place }),
        world.ask(operation, sample, { caller, credential, place: "random" }),
      ]);
      if (toComparable(theirs, []) !== toComparable(nobodys, [])) {
        faults.push(`${operation.name} by ${caller.name}: ${theirs.body} / ${nobodys.body}`);
      }
      count += 2;
    });
    expect(faults).toEqual([]);
  }, 300_000);

  it("CVE-2025-64706, CVE-2026-28444, GHSA-f475-7m4x-m6mx, CVE-2026-47704: things of another app or organisation answer like things that do not exist", async () => {
    const faults: string[] = [];
    const swaps = world.product.operations.filter(({ scope }) => scope !== "visitor").flatMap(listSwaps);
    const { a1, a2, b1 } = world.places;
    await forEachOf(swaps, async ({ operation, name }) => {
      const sample = getSample(operation, a1.objects);
      const asked = { caller: world.getCaller("owner"), credential: "fresh", place: "own" } as const;
      const ask = async (id: string): Promise<string> =>
        toComparable(await world.ask(operation, swap(sample, a1.objects[name], id), asked), [id]);
      const nothing = await ask(toAbsent(name));
      const isOfApp = ![
        "organisationId",
        "userId",
        "sessionId",
        "passkeyId",
        "roleId",
        "grantId",
        "invitationId",
      ].includes(name);
      const others = isOfApp && operation.scope === "app" ? [a2, b1] : [b1];
      for (const other of others) {
        const theirs = await ask(other.objects[name]);
        if (theirs !== nothing) faults.push(`${operation.name} with ${name}: ${theirs} / ${nothing}`);
        count += 2;
      }
    });
    expect(faults).toEqual([]);
    expect(swaps.length).toBeGreaterThan(10);
  }, 300_000);
});

describe("a channel beyond one's limit", () => {
  it("SECURITY: answers like one that does not exist", async () => {
    const faults: string[] = [];
    const { objects, secrets } = world.places.a1;
    const caller = world.getCaller("admin of one channel");
    const about = world.product.operations.filter(({ channel }) => typeof channel === "object");
    for (const operation of about) {
      for (const credential of ["fresh", "api"] as const) {
        const ask = async (id: string): Promise<Response> => {
          const sample = swap(swap(getSample(operation, objects), objects.channelId, id), objects.webChannelId, id);
          return world.ask(operation, sample, { caller, credential, place: "own" });
        };
        const [own, beyond, absent] = [objects.channelId, secrets.otherChannelId, toAbsent("channelId")];
        const theirs = await ask(beyond);
        const isAlike = toComparable(theirs, [beyond]) === toComparable(await ask(absent), [absent]);
        const isReached = !guardCodes.has(readAnswer(await ask(own)).code ?? "") || operation.stepUp;
        if (!isAlike || theirs.statusCode < 400 || !isReached) faults.push(`${operation.name}: ${theirs.body}`);
        count += 3;
      }
    }
    expect(faults).toEqual([]);
    expect(about.length).toBeGreaterThan(2);
  }, 60_000);
});

/** In `npm test`: what is of the chat mostly, the rest now and then. */
function isVisitorCellPicked({ operation, visitor, place, site }: VisitorCell): boolean {
  const isOfChat = operation.scope === "visitor";
  if (isWhole || (isOfChat && site === "own" && place === "own")) return true;
  const words = [operation.name, visitor.name, place, site].join("|");
  return createHash("sha256").update(words).digest().readUInt32BE(0) % (isOfChat ? 12 : 6) === 0;
}

function isOpenedFor(response: Response): boolean {
  return response.headers["access-control-allow-origin"] !== undefined;
}

describe("the public chat", () => {
  it("CVE-2025-64706, CVE-2026-46423: every visitor may call the chat of their own channel from the page they began on, and nothing else", async () => {
    const { objects } = world.places.a1;
    const cells = world.product.operations
      .flatMap((operation) => listVisitorCells(operation, world.visitors))
      .filter(isVisitorCellPicked);
    const faults: string[] = [];
    await forEachOf(cells, async (cell) => {
      const { operation, visitor, place, site } = cell;
      const from = sites[site];
      const response = await world.askAsVisitor(operation, getSample(operation, objects), { visitor, place, from });
      const verdict = judgeVisitor(cell);
      const fault = findClearFault(verdict, readAnswer(response));
      const title = `${operation.name} by ${visitor.name} (${place}, from ${site})`;
      if (fault !== undefined) faults.push(`${title}: ${fault}`);
      const isForeign = "origin" in from && from.origin !== "https://parley.example";
      const isListed = verdict === "allowed" || verdict.status === 401;
      const mayRead = operation.scope === "visitor" && isForeign && isListed;
      if (isOpenedFor(response) !== mayRead) faults.push(`${title}: CORS ${mayRead ? "lets nobody" : "lets it"} in`);
      count += 1;
    });
    expect(faults.slice(0, 40)).toEqual([]);
    expect(faults).toHaveLength(0);
  }, 600_000);

  it("SECURITY: what is another visitor's, another app's or another organisation's answers like what is not there", async () => {
    const { a1, a2, b1 } = world.places;
    const faults: string[] = [];
    const swaps = world.product.operations
      .filter(({ scope }) => scope === "visitor")
      .flatMap(listSwaps)
      .filter(({ name }) => name !== "webChannelId");
    const asked = { visitor: world.getVisitor("visitor"), place: "own" } as const;
    await forEachOf(swaps, async ({ operation, name }) => {
      const sample = getSample(operation, a1.objects);
      const ask = async (id: string): Promise<Response> =>
        world.askAsVisitor(operation, swap(sample, a1.objects[name], id), asked);
      const absent = toAbsent(name);
      const nothing = await ask(absent);
      if (nothing.statusCode !== 404) faults.push(`${operation.name} with no ${name}: ${nothing.body}`);
      const neighbour: Partial<Objects> = world.neighbour;
      const others = [neighbour[name], a2.objects[name], b1.objects[name]].filter((id) => id !== undefined);
      // The app's own file is nobody's upload, either.
      if (name === "visitorFileId") others.push(a1.objects.fileId);
      for (const id of others) {
        const theirs = await ask(id);
        if (toComparable(theirs, [id]) !== toComparable(nothing, [absent])) {
          faults.push(`${operation.name} with ${name}: ${theirs.body} / ${nothing.body}`);
        }
        count += 2;
      }
    });
    expect(faults).toEqual([]);
    expect(swaps.map(({ name }) => name).toSorted()).toEqual([
      "messageId",
      "messageId",
      "visitorConversationId",
      "visitorFileId",
    ]);
  }, 60_000);

  it("sends a transcript to somebody the website vouches for", async () => {
    const operation = world.product.operations.find(({ name }) => name === "chat.sendTranscript") as Operation;
    const sample = getSample(operation, world.places.a1.objects);
    const send = (name: string): Promise<Response> =>
      world.askAsVisitor(operation, sample, { visitor: world.getVisitor(name), place: "own" });
    expect((await send("verified visitor")).statusCode).toBe(202);
    expect(readAnswer(await send("visitor"))).toEqual({ status: 403, code: "visitors.transcript_refused" });
  });
});

interface ClosedDoor {
  readonly title: string;
  /** Closes it, and opens it again. */
  readonly close: string;
  readonly open: string;
  /** The codes one of which every operation must answer with; undefined where it stays open. */
  judge(operation: Operation, credential: "fresh" | "api"): readonly string[] | undefined;
}

const isPerson = (credential: string): boolean => credential === "fresh";
const noSession = ["identity.session_required"];
const noToken = ["tokens.refused"];
const stillOpen = ["organisation:read", "organisation:suspend", "organisation:delete"];
const shut = ["organisations.suspended"];

const forPeople: ClosedDoor["judge"] = (_operation, credential) => (isPerson(credential) ? noSession : undefined);
const forTokens: ClosedDoor["judge"] = (_operation, credential) => (isPerson(credential) ? undefined : noToken);

/** What is done to the owner of organisation A ($1), and what must come of it. */
const doors: readonly ClosedDoor[] = [
  {
    title: "an ended session",
    close: "update sessions set ended_at = now() where user_id = $1",
    open: "update sessions set ended_at = null where user_id = $1",
    judge: forPeople,
  },
  {
    title: "a session that was idle for too long",
    close: "update sessions set seen_at = now() - interval '61 minutes' where user_id = $1",
    open: "update sessions set seen_at = now() where user_id = $1",
    judge: forPeople,
  },
  {
    title: "a session whose time is over",
    close: "update sessions set ends_at = now() - interval '1 second' where user_id = $1",
    open: "update sessions set ends_at = now() + interval '1 day' where user_id = $1",
    judge: forPeople,
  },
  {
    title: "a disabled person",
    close: "update users set status = 'disabled' where user_id = $1",
    open: "update users set status = 'active' where user_id = $1",
    judge: forPeople,
  },
  {
    title: "a revoked token",
    close: "update tokens set revoked_at = now() where made_by_user_id = $1",
    open: "update tokens set revoked_at = null where made_by_user_id = $1",
    judge: forTokens,
  },
  {
    title: "an expired token",
    close: "update tokens set expires_at = now() - interval '1 second' where made_by_user_id = $1",
    open: "update tokens set expires_at = now() + interval '1 day' where made_by_user_id = $1",
    judge: forTokens,
  },
  {
    title: "a token from another network",
    close: "update tokens set networks = '{203.0.113.0/24}' where made_by_user_id = $1",
    open: "update tokens set networks = null where made_by_user_id = $1",
    judge: forTokens,
  },
  {
    title: "a person who is no user of the organisation any more",
    close: "update organisation_users set status = 'removed' where user_id = $1",
    open: "update organisation_users set status = 'active' where user_id = $1",
    judge: ({ scope }, credential) => {
      if (!isPerson(credential)) return noToken;
      return scope === "user" ? undefined : ["api.unknown_place"];
    },
  },
  {
    title: "a person without the factor the organisation asks for",
    close: `update organisations set factor_policy = 'phishing_resistant' where organisation_id in
      (select organisation_id from organisation_users where user_id = $1)`,
    open: "update organisations set factor_policy = 'optional' where $1::uuid is not null",
    judge: (operation, credential) => {
      if (!isPerson(credential)) return undefined;
      if (operation.scope === "user" && operation.isOpenWhileEnrolling === true) return undefined;
      // The owner has a passkey, and signed in without it.
      return ["api.step_up_required", "identity.factor_enrolment_required"];
    },
  },
  {
    title: "a suspended app",
    close: `update apps set suspended_at = now() where organisation_id in
      (select organisation_id from organisation_users where user_id = $1)`,
    open: "update apps set suspended_at = null where $1::uuid is not null",
    judge: ({ scope }) => (scope === "app" ? shut : undefined),
  },
  {
    title: "a suspended organisation",
    close: `update organisations set suspended_at = now() where organisation_id in
      (select organisation_id from organisation_users where user_id = $1)`,
    open: "update organisations set suspended_at = null where $1::uuid is not null",
    judge: ({ scope, permission }, credential) => {
      if (scope === "app") return shut;
      const isOpen = scope === "user" || typeof permission !== "string" || stillOpen.includes(permission);
      return isOpen || !isPerson(credential) ? undefined : ["api.forbidden"];
    },
  },
];

/** The operations of a run: in `npm test` a third, another third for each door. */
function listTried(door: number): Operation[] {
  const operations = world.product.operations.filter(({ scope }) => scope !== "public" && scope !== "visitor");
  return isWhole ? operations : operations.filter((_operation, index) => index % 3 === door % 3);
}

async function tryDoor(door: ClosedDoor, operations: readonly Operation[], faults: string[]): Promise<void> {
  const caller = world.getCaller("owner");
  const cases = operations.flatMap((operation) =>
    (["fresh", "api"] as const).map((credential) => ({ operation, credential })),
  );
  await forEachOf(cases, async ({ operation, credential }) => {
    if (credential === "api" && operation.scope !== "app") return;
    const sample = getSample(operation, world.places.a1.objects);
    const { status, code = "" } = readAnswer(await world.ask(operation, sample, { caller, credential, place: "own" }));
    const codes = door.judge(operation, credential);
    // What no token may do at all is refused one way or another.
    const expected =
      codes === undefined || credential === "fresh" || !operation.stepUp ? codes : [...codes, "api.person_required"];
    if (expected !== undefined && !expected.includes(code))
      faults.push(`${operation.name} (${credential}): ${status} ${code}`);
    count += 1;
  });
}

describe("a door that is closed", () => {
  it.each(doors.map((door, index) => [door.title, door, index] as const))(
    "SECURITY: stays closed for every operation: %s",
    async (_title, door, index) => {
      const values = [toUuid(world.getCaller("owner").userId)];
      const faults: string[] = [];
      await world.stage.db.asAdmin(door.close, values);
      try {
        await tryDoor(door, listTried(index), faults);
      } finally {
        await world.stage.db.asAdmin(door.open, values);
      }
      expect(faults).toEqual([]);
    },
    120_000,
  );
});

interface ChatDoor {
  readonly title: string;
  /** `$1` is the visitor. */
  readonly close: string;
  readonly open: string;
  readonly status: number;
  readonly code: string;
  /** Closed to whoever begins a chat, too. */
  readonly isForAll: boolean;
}

const ofChannel = "channel_id in (select channel_id from visitors where visitor_id = $1)";
const unknown = { status: 404, code: "api.unknown_channel", isForAll: true } as const;
const over = { status: 401, code: "visitors.session_ended", isForAll: false } as const;

const chatDoors: readonly ChatDoor[] = [
  {
    ...{ title: "a channel that is switched off", ...unknown },
    close: `update channels set enabled = false where ${ofChannel}`,
    open: `update channels set enabled = true where ${ofChannel}`,
  },
  {
    ...{ title: "a suspended app", ...unknown },
    close: "update apps set suspended_at = now() where app_id in (select app_id from visitors where visitor_id = $1)",
    open: "update apps set suspended_at = null where $1::uuid is not null",
  },
  {
    ...{ title: "a suspended organisation", ...unknown },
    close: `update organisations set suspended_at = now() where organisation_id in
      (select organisation_id from visitors where visitor_id = $1)`,
    open: "update organisations set suspended_at = null where $1::uuid is not null",
  },
  {
    ...{ title: "a page that was taken off the list", status: 403, code: "api.site_refused", isForAll: true },
    close: `update channels set web = jsonb_set(web, '{origins}', '[]') where ${ofChannel}`,
    open: `update channels set web = jsonb_set(web, '{origins}', '["${sampleSite}", "${otherSite}"]') where ${ofChannel}`,
  },
  {
    ...{ title: "everybody's chat ended", ...over },
    close: `update channels set visitors_since = now() + interval '10 seconds' where ${ofChannel}`,
    open: `update channels set visitors_since = null where ${ofChannel}`,
  },
  {
    ...{ title: "a visitor's session that ended", ...over },
    close: "update visitors set end_reason = 'idle', ended_at = now() where visitor_id = $1",
    open: "update visitors set end_reason = null, ended_at = null where visitor_id = $1",
  },
  {
    ...{ title: "a session nobody used for too long", ...over },
    close: "update visitors set seen_at = now() - interval '25 hours' where visitor_id = $1",
    open: "update visitors set seen_at = now() where visitor_id = $1",
  },
  {
    ...{ title: "a token that was exchanged", ...over, code: "visitors.token_reused" },
    close: "update visitors set generation = 2 where visitor_id = $1",
    open: "update visitors set generation = 0 where visitor_id = $1",
  },
];

describe("a door of the public chat that is closed", () => {
  it.each(chatDoors.map((door) => [door.title, door] as const))(
    "SECURITY: stays closed for every operation: %s",
    async (_title, door) => {
      const { tenant, objects } = world.places.a1;
      const visitor = world.getVisitor("visitor");
      const values = [toUuid(visitor.visitorId)];
      const change = async (sql: string): Promise<void> => {
        await world.stage.db.asAdmin(sql, values);
        await world.hearOf(tenant);
      };
      const faults: string[] = [];
      const operations = world.product.operations.filter(({ scope }) => scope === "visitor");
      await change(door.close);
      try {
        for (const operation of operations) {
          const sample = getSample(operation, objects);
          const { status, code } = readAnswer(await world.askAsVisitor(operation, sample, { visitor, place: "own" }));
          const isOpen = operation.begins === true && !door.isForAll;
          const isRight = isOpen ? status < 300 : status === door.status && code === door.code;
          if (!isRight) faults.push(`${operation.name}: ${status} ${code}`);
          count += 1;
        }
      } finally {
        await change(door.open);
      }
      expect(faults).toEqual([]);
      expect(operations.length).toBeGreaterThan(12);
    },
    60_000,
  );
});

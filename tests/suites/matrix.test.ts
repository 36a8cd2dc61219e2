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
  type PlaceName,
  places,
  type SuiteCaller,
} from "../support/callers.ts";
import { reviewed } from "../support/reviewed.ts";
import { listUnmatched, samples } from "../support/samples.ts";
import { createWorld, type SampleRequest, type World } from "../support/security-world.ts";
import { isWhole } from "../support/size.ts";
import { type ObjectName, type Objects, objectKinds, toAbsent } from "../support/world-objects.ts";

const atOnce = 6;
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

function getSample(operation: Operation, objects: Objects): SampleRequest {
  return samples[operation.name]?.request(objects) ?? {};
}

/** What is wrong with the answer to a cell; undefined when nothing is. */
function findFault(cell: Cell, answer: Answer): string | undefined {
  const verdict = judge(cell);
  const { status, code } = answer;
  const got = `${status}${code === undefined ? "" : ` ${code}`}`;
  if (verdict !== "allowed") {
    // Whoever has no credential at all is refused by either of the two ways to have one.
    const isRight = status === verdict.status && code === verdict.code;
    return isRight ? undefined : `must be ${verdict.status} ${verdict.code}, is ${got}`;
  }
  const needed = samples[cell.operation.name]?.needs;
  const { permissions, channelIds } = cell.caller;
  const isScoped = cell.credential !== "bot";
  if (needed !== undefined && !(permissions.includes(needed) && channelIds === undefined && isScoped)) {
    return [403, 404].includes(status) ? undefined : `must be refused without ${needed}, is ${got}`;
  }
  const isRefused = code !== undefined && guardCodes.has(code);
  return isRefused || status >= 500 ? `must be let through, is ${got}` : undefined;
}

async function runAll<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, run));
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
  });

  it("is made of samples that succeed for an owner", async () => {
    const faults: string[] = [];
    await runAll(world.product.operations, async (operation) => {
      const sample = getSample(operation, world.places.a1.objects);
      const owner = world.getCaller("owner");
      const response = await world.ask(operation, sample, { caller: owner, credential: "fresh", place: "own" });
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
    await runAll(cells, async (cell) => {
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

function swap(sample: SampleRequest, from: string, to: string): SampleRequest {
  return JSON.parse(JSON.stringify(sample).replaceAll(from, to)) as SampleRequest;
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
    await runAll(cases, async ({ operation, caller, place, credential }) => {
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
    const swaps = world.product.operations.flatMap(listSwaps);
    const { a1, a2, b1 } = world.places;
    await runAll(swaps, async ({ operation, name }) => {
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
  const operations = world.product.operations.filter(({ scope }) => scope !== "public");
  return isWhole ? operations : operations.filter((_operation, index) => index % 3 === door % 3);
}

async function tryDoor(door: ClosedDoor, operations: readonly Operation[], faults: string[]): Promise<void> {
  const caller = world.getCaller("owner");
  const cases = operations.flatMap((operation) =>
    (["fresh", "api"] as const).map((credential) => ({ operation, credential })),
  );
  await runAll(cases, async ({ operation, credential }) => {
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

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { VisitorActor } from "../../../kernel/actor.ts";
import { createManualClock } from "../../../kernel/clock.ts";
import { AppError } from "../../../kernel/errors.ts";
import { type ChannelId, type Tenant, toUuid } from "../../../kernel/ids.ts";
import { Secret } from "../../../kernel/secret.ts";
import { createChannel, toAnonymousId, WebSettings } from "../../channels/index.ts";
import { endVisitors } from "../../channels/store.ts";
import { createScene, type Scene } from "../../conversations/testing/scene.ts";
import { authenticateVisitor, endReused, greetVisitor } from "./authenticate.ts";
import type { SessionDeps } from "./deps.ts";
import { issueToken, rotateToken } from "./rotate.ts";
import { writeToken } from "./token.ts";
import { beginVisitor } from "./who.ts";

const minutes = 60_000;
const hours = 60 * minutes;
const site = "https://shop.example";
const system = { kind: "operator", command: "test" } as const;
const pepper = new Secret(Buffer.alloc(32, 7));

let scene: Scene;
let tenant: Tenant;
let channelId: ChannelId;
let clock: ReturnType<typeof createManualClock>;
let deps: SessionDeps;
let warnings: string[];

async function addChannel(resumeHours?: number): Promise<ChannelId> {
  const sealer = await scene.keychain.sealerFor(tenant, { actor: system, reason: "test" });
  const web = WebSettings.parse({ origins: [site], ...(resumeHours !== undefined && { resumeHours }) });
  const input = { kind: "web", name: "Web", settings: {}, credentials: {}, web };
  return (await scene.db.database.withTenant(system, tenant, (tx) => createChannel(tx, input, sealer))).channelId;
}

beforeAll(async () => {
  scene = await createScene();
  ({ tenant } = await scene.addApp());
  channelId = await addChannel();
});
afterAll(() => scene.close());
beforeEach(() => {
  clock = createManualClock(Date.now());
  warnings = [];
  const log = {
    warn: (_fields: object, message: string) => void warnings.push(message),
  } as unknown as SessionDeps["log"];
  const { keychain, directory, db } = scene;
  deps = { database: db.database, keychain, directory, pepper, clock, log };
});

interface Showing {
  readonly isRotation?: boolean;
  readonly at?: ChannelId;
  readonly from?: string;
}

function show(token: string, { isRotation = false, at = channelId, from = site }: Showing = {}): Promise<VisitorActor> {
  const who = { authorization: `Bearer ${token}`, remoteAddress: "192.0.2.1", requestId: "req-1" };
  return authenticateVisitor(deps, { ...who, tenant, channelId: at, site: from, isRotation });
}

const fail = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing",
    (error: unknown) => (error instanceof AppError ? error.code.replace("visitors.", "") : String(error)),
  );

/** A visitor's first token; with a session when they have said something. */
async function begin(at = channelId, isBegun = true): Promise<{ actor: VisitorActor; token: string }> {
  const actor = greetVisitor({ tenant, channelId: at }, site);
  const { token } = issueToken(deps, actor);
  if (!isBegun) return { actor, token };
  const sealer = await deps.keychain.sealerFor(tenant, { actor, reason: "test" });
  const { visitorId } = actor;
  const beginning = { visitorId, channelId: at, site, externalId: toAnonymousId(visitorId), isVerified: false };
  await deps.database.withTenant(actor, tenant, (tx) => beginVisitor(tx, sealer, beginning));
  return { actor: { ...actor, isBegun: true }, token };
}

const rotateAs = (actor: VisitorActor, rotationId: string) =>
  deps.database.withTenant(actor, tenant, (tx) => rotateToken(deps, tx, { actor, rotationId }));

async function rotate(token: string, rotationId: string): Promise<string | undefined> {
  return (await rotateAs(await show(token, { isRotation: true }), rotationId))?.token;
}

describe("a visitor's token", () => {
  it("is good for 15 minutes to the second, and then to be exchanged alone", async () => {
    const { token, actor } = await begin();
    clock.advance(15 * minutes - 1_001);
    expect(await show(token)).toMatchObject({ visitorId: actor.visitorId, generation: 0, isBegun: true });
    clock.advance(1_001);
    expect(await fail(show(token))).toBe("token_expired");
    const next = await rotate(token, "r1");
    expect(await show(next ?? "")).toMatchObject({ visitorId: actor.visitorId, generation: 1 });
  });

  it("SECURITY: of a clock that is ahead by more than half a minute is none", async () => {
    const { actor } = await begin();
    const issue = (seconds: number): string =>
      writeToken(pepper, { ...actor, issuedAt: Math.floor(clock.nowMs() / 1000) + seconds }, { channelId, site });
    expect((await show(issue(30))).visitorId).toBe(actor.visitorId);
    expect(await fail(show(issue(31)))).toBe("token_invalid");
  });

  it("SECURITY: is none at another site, in another channel, or under another pepper", async () => {
    const { token, actor } = await begin();
    expect(await fail(show(token, { from: "https://blog.example" }))).toBe("token_invalid");
    expect(await fail(show(token, { at: await addChannel() }))).toBe("token_invalid");
    const other = writeToken(new Secret(Buffer.alloc(32, 8)), { ...actor, issuedAt: 0 }, { channelId, site });
    expect(await fail(show(other))).toBe("token_invalid");
    expect(await fail(show(""))).toBe("token_required");
  });

  it("SECURITY: of a generation that was never given is none, stored or not", async () => {
    const [{ actor: stored }, { actor: unstored }] = [await begin(), await begin(channelId, false)];
    const issuedAt = Math.floor(clock.nowMs() / 1000);
    const forge = (actor: VisitorActor): string =>
      writeToken(pepper, { ...actor, generation: 3, issuedAt }, { channelId, site });
    expect(await fail(show(forge(stored)))).toBe("token_invalid");
    expect(await fail(show(forge(unstored)))).toBe("session_ended");
  });

  it("of whoever has said nothing is good for its time, and cannot be exchanged after it", async () => {
    const { token, actor } = await begin(channelId, false);
    const next = await rotate(token, "r1");
    expect((await show(next ?? "")).visitorId).toBe(actor.visitorId);
    clock.advance(15 * minutes);
    expect(await fail(show(token, { isRotation: true }))).toBe("token_expired");
  });
});

describe("a session", () => {
  it.each([
    [undefined, 24],
    [2, 2],
    [72, 72],
  ])(
    "of a channel with resumeHours %s can be taken up for %s hours after it was last used",
    async (setting, allowed) => {
      const own = await begin(await addChannel(setting));
      clock.advance(allowed * hours - minutes);
      const shown = { isRotation: true, at: own.actor.channelId };
      expect((await show(own.token, shown)).visitorId).toBe(own.actor.visitorId);
      clock.advance(2 * minutes);
      // The database's clock has stood still, so nobody has used the session since it began.
      expect(await fail(show(own.token, shown))).toBe("session_ended");
    },
  );

  it("is given one next token for one text, however often it is asked for", async () => {
    const { token, actor } = await begin();
    const answers = await Promise.all(Array.from({ length: 10 }, () => rotate(token, "the same")));
    expect(new Set(answers).size).toBe(1);
    expect((await show(answers[0] ?? "")).generation).toBe(1);
    const [row] = await scene.db.asAdmin<{ generation: number }>(
      "select generation from visitors where visitor_id = $1",
      [toUuid(actor.visitorId)],
    );
    expect(row?.generation).toBe(1);
  });

  it("SECURITY: of ten exchanges with ten texts at the same time one is answered", async () => {
    const { actor } = await begin();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, number) => rotateAs(actor, `text ${number}`)));
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  it("SECURITY: ends when a token is shown that was exchanged, with one entry in the audit log and one line in the log", async () => {
    const { token, actor } = await begin();
    const next = (await rotate(token, "r1")) ?? "";
    await show(next);
    const uses = await Promise.all(Array.from({ length: 5 }, () => fail(show(token))));
    expect(uses).toEqual(Array(5).fill("token_reused"));
    expect(await fail(show(next))).toBe("token_reused");
    expect(await fail(show(next, { isRotation: true }))).toBe("token_reused");
    const rows = await scene.db.asAdmin<{ targets: unknown }>(
      "select targets from audit_entries where action = 'visitor.token_reused'",
    );
    expect(rows.filter(({ targets }) => JSON.stringify(targets).includes(actor.visitorId))).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  it("SECURITY: ends when a token is exchanged again after the next was shown, with the same text too", async () => {
    const { token } = await begin();
    await show((await rotate(token, "r1")) ?? "");
    expect(await fail(rotate(token, "r1"))).toBe("token_reused");
  });

  it("SECURITY: ends when a token from two exchanges ago is shown to be exchanged", async () => {
    const { token } = await begin();
    const second = (await rotate(token, "r1")) ?? "";
    await rotate(second, "r2");
    expect(await fail(rotate(token, "r1"))).toBe("token_reused");
  });

  it("goes on when the answer was lost: the exchanged token comes once more, to be exchanged", async () => {
    const { token } = await begin();
    await rotate(token, "r1");
    const again = (await rotate(token, "r1")) ?? "";
    expect((await show(again)).generation).toBe(1);
    expect(warnings).toEqual([]);
  });

  it("SECURITY: of everybody ends with the channel's word, also for tokens given since", async () => {
    const at = await addChannel();
    const [begun, silent] = [await begin(at), await begin(at, false)];
    await new Promise((resolve) => setTimeout(resolve, 20));
    await scene.db.database.withTenant(system, tenant, (tx) => endVisitors(tx, at));
    scene.directory.forgetAll();
    clock.advance(1_000);
    expect(await fail(show(begun.token, { at }))).toBe("session_ended");
    expect(await fail(show(silent.token, { at }))).toBe("session_ended");
    clock.advance(60_000);
    // Whoever begins now is let in; whoever was in before stays out, with a fresh token too.
    const { token } = issueToken(deps, begun.actor);
    expect(await fail(show(token, { at }))).toBe("session_ended");
    const fresh = greetVisitor({ tenant, channelId: at }, site);
    expect((await show(issueToken(deps, fresh).token, { at })).visitorId).toBe(fresh.visitorId);
  });

  it("is not ended by somebody who is told so of a session there is none of", async () => {
    const { actor } = await begin(channelId, false);
    const reused = { tenant, channelId, remoteAddress: "192.0.2.1", requestId: "req-1", visitorId: actor.visitorId };
    expect(await fail(endReused(deps, reused))).toBe("token_reused");
    expect(warnings).toEqual([]);
  });
});

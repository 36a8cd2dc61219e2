import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Origin } from "../../../kernel/operation.ts";
import { identityErrors } from "../errors.ts";
import { PasswordHasher } from "../passwords/password-hasher.ts";
import { purgeSessions } from "../sessions/store.ts";
import { enrolCodes, enrolPasskey, enrolTotp } from "../testing/enrol.ts";
import {
  createDevice,
  from,
  mark,
  openScene,
  operator,
  type Person,
  password,
  race,
  type Scene,
} from "../testing/scene.ts";
import { SignInThrottle } from "../throttling/sign-in-throttle.ts";
import { setUserStatus } from "../users/users.ts";
import { finishSignIn } from "./finish-sign-in.ts";
import { beginPasskeySignIn, signInWithPasskey } from "./passkey-sign-in.ts";
import { type SignInResult, signIn } from "./sign-in.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const refused = { code: identityErrors.refused.code };
const factorRefused = identityErrors.factorRefused.code;
const ticketRefused = identityErrors.challengeRefused.code;

function at(address: string, deviceToken?: string): typeof mark {
  const origin: Origin = { ...from, address, deviceToken };
  return { ...mark, origin };
}

const withPassword = (person: Person, typed = password, how = mark): Promise<SignInResult> =>
  signIn(scene.deps, { email: person.email, password: typed }, how);

async function getTicket(person: Person): Promise<string> {
  const result = await withPassword(person);
  return result.kind === "factor_required" ? result.ticket.reveal() : "";
}

describe("signing in with a password", () => {
  it("begins a session for the right one, however the address is typed", async () => {
    const person = await scene.addPerson();
    const result = await signIn(scene.deps, { email: ` ${person.email.toUpperCase()} `, password }, mark);
    expect(result.kind === "signed_in" && (await scene.isAlive(result.started.tokens.session))).toBe(true);
  });

  it("CVE-2026-28514: is refused alike for a wrong password, an unknown address, no password and a disabled user", async () => {
    const known = await scene.addPerson();
    const without = await scene.addPerson({ password: undefined });
    const disabled = await scene.addPerson();
    await scene.db.database.withUser(operator, disabled.userId, (tx) => setUserStatus(tx, "disabled"));
    await expect(withPassword(known, "wrong horse battery staple")).rejects.toMatchObject(refused);
    await expect(withPassword({ ...known, email: "nobody@example.org" })).rejects.toMatchObject(refused);
    await expect(withPassword({ ...known, email: "no address" })).rejects.toMatchObject(refused);
    await expect(withPassword(without)).rejects.toMatchObject(refused);
    await expect(withPassword(disabled)).rejects.toMatchObject(refused);
  });

  it("replaces a hash that was made with less than is asked for today", async () => {
    const person = await scene.addPerson();
    const read = async () =>
      (
        await scene.db.asAdmin<{ password: string }>("select password from users where user_id = $1", [
          person.userId.slice(4),
        ])
      )[0]?.password;
    const before = await read();
    const hasher = new PasswordHasher({ pepper: scene.deps.pepper, parameters: { memoryKib: 19_456, passes: 3 } });
    const deps = { ...scene.deps, hasher };
    await signIn(deps, { email: person.email, password }, mark);
    expect(await read()).not.toBe(before);
    expect((await signIn(deps, { email: person.email, password }, mark)).kind).toBe("signed_in");
  });

  it("writes failures of known people into the log after the answer, and nothing for unknown ones", async () => {
    const person = await scene.addPerson();
    const uuid = person.userId.slice(4);
    const organisation = "0190a0b0-c0d0-7000-8000-0000000000aa";
    await scene.db.asAdmin("insert into organisations (organisation_id, name) values ($1, 'Log')", [organisation]);
    await scene.db.asAdmin(
      "insert into organisation_users (organisation_id, user_id, email, name) values ($1, $2, '', '')",
      [organisation, uuid],
    );
    await expect(withPassword(person, "wrong horse battery staple")).rejects.toMatchObject(refused);
    await scene.deps.afterwards.settle();
    const rows = await scene.db.asAdmin("select action, targets from audit_entries where organisation_id = $1", [
      organisation,
    ]);
    expect(rows).toEqual([{ action: "sign_in.failed", targets: { userId: person.userId, step: "password" } }]);
    await withPassword(person);
    const actions = await scene.db.asAdmin("select action from audit_entries where organisation_id = $1", [
      organisation,
    ]);
    expect(actions).toContainEqual({ action: "session.started" });
  });
});

describe("guessing", () => {
  /** Past the waits in memory, so that only the counts in the database decide. */
  const unthrottled = () => ({
    ...scene.deps,
    throttle: new SignInThrottle({
      clock: scene.clock,
      budgets: Object.fromEntries(
        ["accountFromNetwork", "knownDevice", "account", "network", "everybody"].map((name) => [
          name,
          { freeFailures: Number.POSITIVE_INFINITY, windowMax: Number.POSITIVE_INFINITY },
        ]),
      ),
    }),
  });

  it("is slowed for strangers, while a device that signed in before is let in", async () => {
    const person = await scene.addPerson();
    const { device } = await scene.enter(person);
    for (let guess = 0; guess < 3; guess += 1) {
      await expect(withPassword(person, "wrong horse battery staple", at("198.51.100.1"))).rejects.toMatchObject(
        refused,
      );
    }
    const tooMany = { code: identityErrors.tooManyAttempts.code, retryAfterSeconds: expect.any(Number) };
    await expect(withPassword(person, "wrong horse battery staple", at("198.51.100.1"))).rejects.toMatchObject(refused);
    await expect(withPassword(person, password, at("198.51.100.1"))).rejects.toMatchObject(tooMany);
    expect((await withPassword(person, password, at("198.51.100.1", device))).kind).toBe("signed_in");
  });

  it("is slowed for addresses nobody has as it is for known ones", async () => {
    const nobody = { ...(await scene.addPerson()), email: "nobody-at-all@example.org" };
    const codes: string[] = [];
    for (let guess = 0; guess < 6; guess += 1) {
      await withPassword(nobody, "x", at("198.51.100.2")).catch((error) => codes.push(error.code));
    }
    expect(codes.slice(0, 4)).toEqual(Array(4).fill(identityErrors.refused.code));
    expect(codes.slice(4)).toEqual(Array(2).fill(identityErrors.tooManyAttempts.code));
  });

  it("SP 800-63B-4 3.2.2: ends a password after 100 failures in a row, but no session, no passkey and no known device", async () => {
    const deps = unthrottled();
    const person = await scene.addPerson();
    const enrolled = await enrolPasskey(scene, person);
    const session = await scene.enter(person, ["password", "passkey"]);
    await scene.db.asAdmin("update users set password_failures = 99 where user_id = $1", [person.userId.slice(4)]);
    const guess = (typed: string, how = mark) => signIn(deps, { email: person.email, password: typed }, how);
    await expect(guess("wrong horse battery staple")).rejects.toMatchObject(refused);
    await scene.db.asAdmin("update users set password_locked_until = null where user_id = $1", [
      person.userId.slice(4),
    ]);
    await expect(guess(password)).rejects.toMatchObject(refused);
    expect(await scene.isAlive(session.token)).toBe(true);
    const options = await beginPasskeySignIn(deps, {});
    const answer = enrolled.device.signIn(options, { userHandle: enrolled.userHandle });
    await expect(signInWithPasskey(deps, { passkey: answer }, mark)).resolves.toBeDefined();
    expect((await guess(password, at("198.51.100.3", session.device))).kind).toBe("factor_required");
  });

  it("counts on a device that signed in before against that device, and against nothing else", async () => {
    const deps = unthrottled();
    const person = await scene.addPerson();
    const { device } = await scene.enter(person);
    const guess = (typed: string) => signIn(deps, { email: person.email, password: typed }, at("198.51.100.4", device));
    await expect(guess("wrong horse battery staple")).rejects.toMatchObject(refused);
    const read = () =>
      scene.db.asAdmin(
        `select u.password_failures as account, d.password_failures as device from users u
         join known_devices d on d.user_id = u.user_id where u.user_id = $1`,
        [person.userId.slice(4)],
      );
    expect(await read()).toEqual([{ account: 0, device: 1 }]);
    await scene.db.asAdmin("update known_devices set password_failures = 100 where user_id = $1", [
      person.userId.slice(4),
    ]);
    await expect(guess(password)).rejects.toMatchObject(refused);
  });

  it("counts guesses that come at once one by one: of 20 with one try left before a pause, one is counted", async () => {
    const deps = unthrottled();
    const person = await scene.addPerson();
    await scene.db.asAdmin("update users set password_failures = 98 where user_id = $1", [person.userId.slice(4)]);
    await scene.db.asAdmin("update users set password_locked_until = null where user_id = $1", [
      person.userId.slice(4),
    ]);
    const { won } = await race(20, () =>
      signIn(deps, { email: person.email, password: "wrong horse battery staple" }, mark),
    );
    expect(won).toHaveLength(0);
    const [row] = await scene.db.asAdmin<{ n: number; locked: boolean }>(
      "select password_failures as n, password_locked_until > now() as locked from users where user_id = $1",
      [person.userId.slice(4)],
    );
    expect(row).toEqual({ n: 99, locked: true });
  });

  it("leaves a try uncounted when no password could be checked", async () => {
    const person = await scene.addPerson();
    const hasher = new PasswordHasher({
      ...{ pepper: scene.deps.pepper, parameters: { memoryKib: 19_456, passes: 2 } },
      ...{ runningMax: 1, waitingMax: 0 },
    });
    const deps = { ...unthrottled(), hasher };
    const { codes, won } = await race(8, () => signIn(deps, { email: person.email, password }, mark));
    expect(won.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set([identityErrors.busy.code]));
    await withPassword(person);
    const [row] = await scene.db.asAdmin("select password_failures as n from users where user_id = $1", [
      person.userId.slice(4),
    ]);
    expect(row).toEqual({ n: 0 });
  });
});

describe("the second step", () => {
  it("is asked of whoever has a factor, and tells which", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    await enrolCodes(scene, person);
    expect(await withPassword(person)).toMatchObject({ kind: "factor_required", factors: ["totp", "recovery_code"] });
  });

  it("begins exactly one session for 50 right answers to one ticket", async () => {
    const person = await scene.addPerson();
    const app = await enrolTotp(scene, person);
    const ticket = await getTicket(person);
    const factor = { method: "totp", code: app.readCode() } as const;
    const { won, codes } = await race(50, () => finishSignIn(scene.deps, { ticket, factor }, mark));
    expect(won).toHaveLength(1);
    expect(new Set(codes).size).toBeGreaterThan(0);
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject({ code: ticketRefused });
  });

  it("begins one session for one ticket, also when every answer to it is right and another", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    const codes = await enrolCodes(scene, person);
    const ticket = await getTicket(person);
    const { won } = await race(5, (index) => {
      const factor = { method: "recovery_code", code: codes[index] ?? "" } as const;
      return finishSignIn(scene.deps, { ticket, factor }, mark);
    });
    expect(won).toHaveLength(1);
    const rows = await scene.db.asAdmin("select hash from recovery_codes where user_id = $1 and used_at is not null", [
      person.userId.slice(4),
    ]);
    expect(rows).toHaveLength(1);
  });

  it("CVE-2026-62862: looks at five answers to a ticket, however many come at once, the right one not after them", async () => {
    const person = await scene.addPerson();
    const app = await enrolTotp(scene, person);
    const ticket = await getTicket(person);
    const wrong = { method: "totp", code: "000000" } as const;
    const { codes } = await race(50, () => finishSignIn(scene.deps, { ticket, factor: wrong }, mark));
    expect(codes.filter((code) => code === factorRefused)).toHaveLength(5);
    const factor = { method: "totp", code: app.readCode() } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject({ code: ticketRefused });
  });

  it("RFC 6238 5.2: takes a code once, in 50 sign-ins at once and in any later one", async () => {
    const person = await scene.addPerson();
    const app = await enrolTotp(scene, person);
    const tickets: string[] = [];
    for (let index = 0; index < 10; index += 1) tickets.push(await getTicket(person));
    const factor = { method: "totp", code: app.readCode() } as const;
    const { won } = await race(50, (index) =>
      finishSignIn(scene.deps, { ticket: tickets[index % 10] ?? "", factor }, mark),
    );
    expect(won).toHaveLength(1);
    const ticket = await getTicket(person);
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject({ code: factorRefused });
    scene.clock.advance(30_000);
    const next = { method: "totp", code: app.readCode() } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor: next }, mark)).resolves.toBeDefined();
  });

  it("takes a recovery code once, of 50 uses at once, and tells its owner", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    const codes = await enrolCodes(scene, person);
    const tickets: string[] = [];
    for (let index = 0; index < 10; index += 1) tickets.push(await getTicket(person));
    const factor = { method: "recovery_code", code: codes[0]?.toLowerCase() ?? "" } as const;
    const { won } = await race(50, (index) =>
      finishSignIn(scene.deps, { ticket: tickets[index % 10] ?? "", factor }, mark),
    );
    expect(won).toHaveLength(1);
    const letters = (await scene.listLetters()).filter(({ to }) => to === person.email);
    expect(letters.filter(({ subject }) => subject.includes("A recovery code was used"))).toHaveLength(1);
  });

  it("is never stepped up by a recovery code", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    const codes = await enrolCodes(scene, person);
    const factor = { method: "recovery_code", code: codes[1] ?? "" } as const;
    const { sessionId } = await finishSignIn(scene.deps, { ticket: await getTicket(person), factor }, mark);
    const rows = await scene.db.asAdmin("select methods, stepped_up_at from sessions where session_id = $1", [
      sessionId.slice(4),
    ]);
    expect(rows).toEqual([{ methods: ["password", "recovery_code"], stepped_up_at: null }]);
  });

  it("takes no ticket of somebody disabled meanwhile (CVE-2026-30831)", async () => {
    const person = await scene.addPerson();
    const app = await enrolTotp(scene, person);
    const ticket = await getTicket(person);
    await scene.db.database.withUser(operator, person.userId, (tx) => setUserStatus(tx, "disabled"));
    const factor = { method: "totp", code: app.readCode() } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject({ status: 401 });
  });

  it("takes a passkey of the person and no other's", async () => {
    const person = await scene.addPerson();
    const other = await scene.addPerson();
    const mine = await enrolPasskey(scene, person);
    const theirs = await enrolPasskey(scene, other);
    const ticket = await getTicket(person);
    const options = await beginPasskeySignIn(scene.deps, { ticket });
    expect(options.allowCredentials).toHaveLength(1);
    const wrong = { method: "passkey", passkey: theirs.device.signIn(options) } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor: wrong }, mark)).rejects.toMatchObject({
      code: factorRefused,
    });
    const again = await beginPasskeySignIn(scene.deps, { ticket });
    const right = { method: "passkey", passkey: mine.device.signIn(again) } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor: right }, mark)).resolves.toBeDefined();
  });

  it("does not take a challenge that was given out to a stranger", async () => {
    const person = await scene.addPerson();
    const { device } = await enrolPasskey(scene, person);
    const ticket = await getTicket(person);
    const options = await beginPasskeySignIn(scene.deps, {});
    const factor = { method: "passkey", passkey: device.signIn(options) } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject({ code: ticketRefused });
  });
});

describe("signing in with a passkey alone", () => {
  it("takes an answer once, of 50 at once", async () => {
    const person = await scene.addPerson();
    const { device, userHandle } = await enrolPasskey(scene, person);
    const answer = device.signIn(await beginPasskeySignIn(scene.deps, {}), { userHandle });
    const { won, codes } = await race(50, () => signInWithPasskey(scene.deps, { passkey: answer }, mark));
    expect(won).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set([ticketRefused]));
  });

  it("is refused to somebody disabled, to an unknown device and to a counter that went back", async () => {
    const person = await scene.addPerson();
    const { device, userHandle } = await enrolPasskey(scene, person);
    const ask = () => beginPasskeySignIn(scene.deps, {});
    const stranger = createDevice().signIn(await ask(), { userHandle });
    await expect(signInWithPasskey(scene.deps, { passkey: stranger }, mark)).rejects.toMatchObject({
      code: factorRefused,
    });
    const first = device.signIn(await ask(), { userHandle, counter: 9 });
    await signInWithPasskey(scene.deps, { passkey: first }, mark);
    const copied = device.signIn(await ask(), { userHandle, counter: 5 });
    await expect(signInWithPasskey(scene.deps, { passkey: copied }, mark)).rejects.toMatchObject({
      code: identityErrors.passkeyCopied.code,
    });
    await scene.db.database.withUser(operator, person.userId, (tx) => setUserStatus(tx, "disabled"));
    const late = device.signIn(await ask(), { userHandle, counter: 20 });
    await expect(signInWithPasskey(scene.deps, { passkey: late }, mark)).rejects.toMatchObject(refused);
  });

  it("is refused without the verification of the person, and from another site", async () => {
    const person = await scene.addPerson();
    const { device, userHandle } = await enrolPasskey(scene, person);
    for (const wrong of [{ isVerified: false }, { origin: "https://evil.example" }, { rpId: "evil.example" }]) {
      const answer = device.signIn(await beginPasskeySignIn(scene.deps, {}), { userHandle, ...wrong });
      await expect(signInWithPasskey(scene.deps, { passkey: answer }, mark)).rejects.toMatchObject({
        code: factorRefused,
      });
    }
  });
});

describe("sessions", () => {
  it("are refused when idle, over, ended or of somebody disabled", async () => {
    const person = await scene.addPerson();
    const [idle, over, ended, live] = await Promise.all([1, 2, 3, 4].map(() => scene.enter(person)));
    const set = (what: string, session: typeof idle) =>
      scene.db.asAdmin(`update sessions set ${what} where session_id = $1`, [session?.sessionId.slice(4)]);
    await set("seen_at = now() - interval '61 minutes'", idle);
    await set("ends_at = now()", over);
    await set("ended_at = now()", ended);
    for (const session of [idle, over, ended]) expect(session && (await scene.isAlive(session.token))).toBe(false);
    expect(live && (await scene.isAlive(live.token))).toBe(true);
    await scene.db.database.withUser(operator, person.userId, (tx) => setUserStatus(tx, "disabled"));
    expect(live && (await scene.isAlive(live.token))).toBe(false);
  });

  it("are removed when they were over long ago, and only then", async () => {
    const person = await scene.addPerson();
    const [old, recent, live] = [await scene.enter(person), await scene.enter(person), await scene.enter(person)];
    const end = (session: typeof old, days: number) =>
      scene.db.asAdmin("update sessions set ended_at = now() - make_interval(days => $2) where session_id = $1", [
        ...[session.sessionId.slice(4), days],
      ]);
    await end(old, 31);
    await end(recent, 2);
    expect(await purgeSessions(scene.db.database, 30)).toBe(1);
    const rows = await scene.db.asAdmin<{ session_id: string }>("select session_id from sessions where user_id = $1", [
      person.userId.slice(4),
    ]);
    const ids = rows.map((row) => `ses_${row.session_id.replaceAll("-", "")}`);
    expect(ids.sort()).toEqual([recent.sessionId, live.sessionId].sort());
  });
});

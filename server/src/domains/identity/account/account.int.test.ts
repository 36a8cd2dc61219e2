import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityErrors } from "../errors.ts";
import { createResetLink, endAllSessions, resetFactors } from "../operator/operator.ts";
import { completePasswordReset } from "../password/reset-password.ts";
import { finishSignIn } from "../sign-in/finish-sign-in.ts";
import { beginPasskeySignIn } from "../sign-in/passkey-sign-in.ts";
import { signIn } from "../sign-in/sign-in.ts";
import { enrolCodes, enrolPasskey, enrolTotp, scan } from "../testing/enrol.ts";
import {
  createDevice,
  mark,
  openScene,
  operator,
  type Person,
  password,
  race,
  readToken,
  type Scene,
} from "../testing/scene.ts";
import { readUser } from "../users/users.ts";
import { beginEmailChange, confirmEmailChange } from "./change-email.ts";
import { addPasskey, beginPasskey, listOwnPasskeys, removePasskey, renamePasskey } from "./passkeys.ts";
import { renameSelf } from "./profile.ts";
import { makeRecoveryCodes } from "./recovery-codes.ts";
import { endOtherSessions, endOwnSession, listOwnSessions, signOut } from "./sessions.ts";
import { beginStepUp, stepUp } from "./step-up.ts";
import { beginTotp, confirmTotp, removeTotp } from "./totp.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const code = (error: { code: string }) => ({ code: error.code });
const read = (person: Person) =>
  scene.db.database.withUser(operator, person.userId, (tx) => readUser(tx, scene.sealer));
const subjectsFor = async (email: string) =>
  (await scene.listLetters()).filter(({ to }) => to === email).map(({ subject }) => subject);

/** A session that was not confirmed for a while. */
async function enterStale(person: Person, methods: Parameters<Scene["enter"]>[1] = ["password"]) {
  const entered = await scene.enter(person, methods);
  return { ...entered, caller: { ...entered.caller, actor: { ...entered.caller.actor, isSteppedUp: false } } };
}

describe("an authenticator app", () => {
  it("counts only after a code of it, which is spent by that, and ends the other sessions", async () => {
    const person = await scene.addPerson();
    const elsewhere = await scene.enter(person);
    const { caller, token } = await scene.enter(person);
    const shown = await beginTotp(scene.deps, caller);
    expect(shown.uri).toMatch(/^otpauth:\/\/totp\//);
    expect(shown.svg).toMatch(/^<svg /);
    const app = scan(scene, shown.typed);
    expect((await read(person)).hasTotp).toBe(false);
    await expect(confirmTotp(scene.deps, caller, { code: "000000" })).rejects.toMatchObject(
      code(identityErrors.enrolmentRefused),
    );
    const { won } = await race(50, () => confirmTotp(scene.deps, caller, { code: app.readCode() }));
    expect(won).toHaveLength(1);
    expect((await read(person)).hasTotp).toBe(true);
    expect(await scene.isAlive(elsewhere.token)).toBe(false);
    expect(await scene.isAlive(token)).toBe(false);
    expect(won[0] && (await scene.isAlive(won[0]))).toBe(true);
    const result = await signIn(scene.deps, { email: person.email, password }, mark);
    const ticket = result.kind === "factor_required" ? result.ticket.reveal() : "";
    const factor = { method: "totp", code: app.readCode() } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject(
      code(identityErrors.factorRefused),
    );
    expect(await subjectsFor(person.email)).toContain("An authenticator app was added: your Parley account");
  });

  it("is stored as ciphertext", async () => {
    const person = await scene.addPerson();
    const { caller } = await scene.enter(person);
    const { typed } = await beginTotp(scene.deps, caller);
    const rows = await scene.db.asAdmin<{ secret: Buffer }>("select secret from totp_enrolments where user_id = $1", [
      person.userId.slice(4),
    ]);
    expect(rows[0]?.secret.toString("latin1")).not.toContain(typed.replaceAll(" ", ""));
    expect(rows[0]?.secret.length).toBeGreaterThan(40);
  });

  it("is added, replaced and removed only by whoever confirmed who they are", async () => {
    const person = await scene.addPerson();
    const stale = await enterStale(person);
    await expect(beginTotp(scene.deps, stale.caller)).rejects.toMatchObject(code(identityErrors.stepUpNeeded));
    await enrolTotp(scene, person);
    const again = await enterStale(person);
    await expect(beginTotp(scene.deps, again.caller)).rejects.toMatchObject(code(identityErrors.stepUpNeeded));
    const fresh = await scene.enter(person, ["password", "totp"]);
    await enrolCodes(scene, person);
    await removeTotp(scene.deps, fresh.caller);
    expect(await read(person)).toMatchObject({ hasTotp: false, recoveryCodesLeft: 0 });
  });

  it("stays when an organisation requires a factor and it is the last", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    const { caller } = await scene.enter(person, ["password", "totp"]);
    scene.demand = { policy: "required" };
    await expect(removeTotp(scene.deps, caller)).rejects.toMatchObject(code(identityErrors.lastFactor));
    scene.demand = { policy: "optional" };
    expect((await read(person)).hasTotp).toBe(true);
  });
});

describe("a passkey", () => {
  it("is added once by its answer, of 50 at once, named, and told of by letter", async () => {
    const person = await scene.addPerson();
    const { caller, token } = await scene.enter(person);
    const answer = createDevice().register(await beginPasskey(scene.deps, caller));
    const { won, codes } = await race(50, () => addPasskey(scene.deps, caller, { name: "Phone", passkey: answer }));
    expect(won).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set([identityErrors.challengeRefused.code]));
    expect(won[0]?.passkey.name).toBe("Phone");
    expect(await scene.isAlive(token)).toBe(false);
    expect(await subjectsFor(person.email)).toContain("A passkey was added: your Parley account");
  });

  it("is not added in a session that the challenge was not given to", async () => {
    const [person, other] = [await scene.addPerson(), await scene.addPerson()];
    const options = await beginPasskey(scene.deps, (await scene.enter(person)).caller);
    const { caller } = await scene.enter(other);
    const passkey = createDevice().register(options);
    await expect(addPasskey(scene.deps, caller, { name: "Phone", passkey })).rejects.toMatchObject(
      code(identityErrors.challengeRefused),
    );
  });

  it("is renamed and removed by its owner only", async () => {
    const [person, other] = [await scene.addPerson(), await scene.addPerson()];
    const { passkeyId } = await enrolPasskey(scene, person);
    const { caller } = await scene.enter(person, ["passkey"]);
    const stranger = (await scene.enter(other)).caller;
    const unknown = code(identityErrors.unknownFactor);
    await expect(renamePasskey(scene.deps, stranger, { passkeyId, name: "Mine" })).rejects.toMatchObject(unknown);
    await expect(removePasskey(scene.deps, stranger, { passkeyId })).rejects.toMatchObject(unknown);
    await renamePasskey(scene.deps, caller, { passkeyId, name: "Red key" });
    const list = () => scene.db.database.withUser(operator, person.userId, (tx) => listOwnPasskeys(tx, scene.sealer));
    expect((await list()).map(({ name }) => name)).toEqual(["Red key"]);
    await removePasskey(scene.deps, caller, { passkeyId });
    expect(await list()).toEqual([]);
  });

  it("stays when it is the last way in, or the last an organisation asks for, of two removed at once one", async () => {
    const without = await scene.addPerson({ password: undefined });
    const only = await enrolPasskey(scene, without);
    const { caller } = await scene.enter(without, ["passkey"]);
    await expect(removePasskey(scene.deps, caller, { passkeyId: only.passkeyId })).rejects.toMatchObject(
      code(identityErrors.lastFactor),
    );
    const person = await scene.addPerson();
    const [first, second] = [await enrolPasskey(scene, person), await enrolPasskey(scene, person, "Second")];
    const here = await scene.enter(person, ["passkey"]);
    scene.demand = { policy: "phishing_resistant" };
    const { won, codes } = await race(2, (index) => {
      const { passkeyId } = index === 0 ? first : second;
      return removePasskey(scene.deps, here.caller, { passkeyId });
    });
    scene.demand = { policy: "optional" };
    expect([won.length, codes]).toEqual([1, [identityErrors.lastFactor.code]]);
  });
});

describe("recovery codes", () => {
  it("are ten, and the ones before them die", async () => {
    const person = await scene.addPerson();
    const { caller } = await scene.enter(person);
    await expect(makeRecoveryCodes(scene.deps, caller)).rejects.toMatchObject(code(identityErrors.noFactor));
    await enrolTotp(scene, person);
    const [former = ""] = await enrolCodes(scene, person);
    const codes = await enrolCodes(scene, person);
    expect(new Set(codes).size).toBe(10);
    expect((await read(person)).recoveryCodesLeft).toBe(10);
    const result = await signIn(scene.deps, { email: person.email, password }, mark);
    const ticket = result.kind === "factor_required" ? result.ticket.reveal() : "";
    const factor = { method: "recovery_code", code: former } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject(
      code(identityErrors.factorRefused),
    );
  });

  it("let whoever lost a factor add another one within ten minutes, and confirm nothing else", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    const recovered = await scene.enter(person, ["password", "recovery_code"]);
    expect(recovered.caller.actor.isSteppedUp).toBe(false);
    const app = scan(scene, (await beginTotp(scene.deps, recovered.caller)).typed);
    const token = await confirmTotp(scene.deps, recovered.caller, { code: app.readCode() });
    expect(await scene.isAlive(token)).toBe(true);
    const late = await scene.enter(person, ["password", "recovery_code"]);
    await scene.db.asAdmin("update sessions set created_at = now() - interval '11 minutes' where session_id = $1", [
      late.sessionId.slice(4),
    ]);
    await expect(beginTotp(scene.deps, late.caller)).rejects.toMatchObject(code(identityErrors.stepUpNeeded));
  });
});

describe("confirming who one is", () => {
  const steppedUp = async (sessionId: string) =>
    (
      await scene.db.asAdmin<{ is: boolean }>(
        "select stepped_up_at > now() - interval '5 seconds' as is from sessions where session_id = $1",
        [sessionId.slice(4)],
      )
    )[0]?.is === true;

  it("is done with the password by whoever has no factor, and gives the session another token", async () => {
    const person = await scene.addPerson();
    const { caller, token, sessionId } = await enterStale(person);
    await scene.db.asAdmin("update sessions set stepped_up_at = null where session_id = $1", [sessionId.slice(4)]);
    const next = await stepUp(scene.deps, caller, { method: "password", password });
    expect([await scene.isAlive(token), await scene.isAlive(next)]).toEqual([false, true]);
    expect(await steppedUp(sessionId)).toBe(true);
    await expect(
      stepUp(scene.deps, caller, { method: "password", password: "wrong horse battery staple" }),
    ).rejects.toMatchObject(code(identityErrors.wrongPassword));
  });

  it("is not done with the password alone by whoever has a factor", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    const { caller } = await enterStale(person);
    await expect(stepUp(scene.deps, caller, { method: "password", password })).rejects.toMatchObject(
      code(identityErrors.factorNeeded),
    );
  });

  it("takes a code once, of 50 at once", async () => {
    const person = await scene.addPerson();
    const app = await enrolTotp(scene, person);
    const { caller } = await enterStale(person);
    const input = { method: "totp", code: app.readCode() } as const;
    const { won } = await race(50, () => stepUp(scene.deps, caller, input));
    expect(won).toHaveLength(1);
    await expect(stepUp(scene.deps, caller, input)).rejects.toMatchObject(code(identityErrors.stepUpRefused));
  });

  it("takes a passkey, in the session that was asked only", async () => {
    const person = await scene.addPerson();
    const { device } = await enrolPasskey(scene, person);
    const [here, there] = [await enterStale(person), await enterStale(person)];
    const elsewhere = device.signIn(await beginStepUp(scene.deps, there.caller));
    const refused = code(identityErrors.stepUpRefused);
    await expect(stepUp(scene.deps, here.caller, { method: "passkey", passkey: elsewhere })).rejects.toMatchObject(
      refused,
    );
    const anonymous = device.signIn(await beginPasskeySignIn(scene.deps, {}));
    await expect(stepUp(scene.deps, here.caller, { method: "passkey", passkey: anonymous })).rejects.toMatchObject(
      refused,
    );
    const answer = device.signIn(await beginStepUp(scene.deps, here.caller));
    const { won } = await race(50, () => stepUp(scene.deps, here.caller, { method: "passkey", passkey: answer }));
    expect(won).toHaveLength(1);
  });
});

describe("an address", () => {
  const begin = async (person: Person, email: string) => {
    const { caller } = await scene.enter(person, ["password", "totp"]);
    await beginEmailChange(scene.deps, caller, { email });
    const letter = (await scene.listLetters()).findLast(({ to }) => to === email.toLowerCase());
    return readToken(letter?.text ?? "");
  };
  const linkRefused = code(identityErrors.linkRefused);

  it("is changed by the link that went to the next one, once of 50, and the former one is told", async () => {
    const person = await scene.addPerson();
    const token = await begin(person, "Next-One@example.org");
    expect((await read(person)).email).toBe(person.email);
    const { won, codes } = await race(50, () => confirmEmailChange(scene.deps, { token }, mark));
    expect(won).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set([linkRefused.code]));
    expect((await read(person)).email).toBe("next-one@example.org");
    expect(await subjectsFor(person.email)).toContain("The mail address of your Parley account was changed");
    expect(scene.profiles.at(-1)).toMatchObject({ userId: person.userId, email: "next-one@example.org" });
    expect((await signIn(scene.deps, { email: "next-one@example.org", password }, mark)).kind).toBe("signed_in");
  });

  it("that somebody has shows as taken neither when it is asked for nor by its link, and stays theirs", async () => {
    const [person, owner] = [await scene.addPerson(), await scene.addPerson()];
    const token = await begin(person, owner.email);
    expect(token).not.toBe("");
    await expect(confirmEmailChange(scene.deps, { token }, mark)).rejects.toMatchObject(linkRefused);
    expect((await read(owner)).email).toBe(owner.email);
    expect((await read(person)).email).toBe(person.email);
  });

  it("that was given up opens nothing: a reset link that went there dies", async () => {
    const person = await scene.addPerson();
    const deps = { ...scene.deps, sealer: scene.sealer, actor: operator };
    const { link } = await createResetLink(deps, person.userId);
    await confirmEmailChange(scene.deps, { token: await begin(person, "given-up@example.org") }, mark);
    await expect(
      completePasswordReset(scene.deps, { token: readToken(link), password: "gravel pigeon lantern orchard" }, mark),
    ).rejects.toMatchObject(linkRefused);
  });
});

describe("a name", () => {
  it("is changed everywhere it is kept", async () => {
    const person = await scene.addPerson();
    const { caller } = await scene.enter(person);
    expect(await renameSelf(scene.deps, caller, { name: " Another Name " })).toBe("Another Name");
    expect(scene.profiles.at(-1)).toEqual({ userId: person.userId, email: person.email, name: "Another Name" });
  });
});

describe("sessions", () => {
  it("are listed with device and network, and ended one by one or all but this", async () => {
    const person = await scene.addPerson();
    const [first, second, third] = [await scene.enter(person), await scene.enter(person), await scene.enter(person)];
    const list = await scene.db.database.withUser(operator, person.userId, (tx) => listOwnSessions(tx, scene.sealer));
    expect(list).toHaveLength(3);
    expect(list[0]).toMatchObject({ device: "Firefox", network: "203.0.113.0/24", methods: ["password"] });
    await endOwnSession(scene.deps, first.caller, { sessionId: second.sessionId });
    const unknown = code(identityErrors.unknownSession);
    await expect(endOwnSession(scene.deps, first.caller, { sessionId: second.sessionId })).rejects.toMatchObject(
      unknown,
    );
    const stranger = (await scene.enter(await scene.addPerson())).caller;
    await expect(endOwnSession(scene.deps, stranger, { sessionId: third.sessionId })).rejects.toMatchObject(unknown);
    expect(await endOtherSessions(scene.deps, first.caller)).toBe(1);
    expect(await scene.isAlive(first.token)).toBe(true);
    await signOut(scene.deps, first.caller);
    expect(await scene.isAlive(first.token)).toBe(false);
  });
});

describe("an operator", () => {
  it("takes factors away, which ends sessions and leaves the password", async () => {
    const person = await scene.addPerson();
    await enrolTotp(scene, person);
    await enrolCodes(scene, person);
    const { token } = await enrolPasskey(scene, person);
    const deps = { ...scene.deps, sealer: scene.sealer, actor: operator };
    expect(await resetFactors(deps, person.userId)).toMatchObject({ passkeys: 1, hadTotp: true });
    expect(await scene.isAlive(token)).toBe(false);
    expect((await signIn(scene.deps, { email: person.email, password }, mark)).kind).toBe("signed_in");
    const session = await scene.enter(person);
    expect(await endAllSessions(deps, person.userId)).toContain(session.sessionId);
  });

  it("is told when there is no such user", async () => {
    const deps = { ...scene.deps, sealer: scene.sealer, actor: operator };
    const nobody = `usr_${"0".repeat(32)}` as const;
    for (const act of [createResetLink, resetFactors, endAllSessions]) {
      await expect(act(deps, nobody)).rejects.toMatchObject(code(identityErrors.unknownUser));
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityErrors } from "../errors.ts";
import { finishSignIn } from "../sign-in/finish-sign-in.ts";
import { signIn } from "../sign-in/sign-in.ts";
import { enrolPasskey, enrolTotp } from "../testing/enrol.ts";
import { mark, openScene, operator, type Person, password, race, readToken, type Scene } from "../testing/scene.ts";
import { setUserStatus } from "../users/users.ts";
import { changePassword } from "./change-password.ts";
import { completePasswordReset, isResetLink, requestPasswordReset } from "./reset-password.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

const next = "gravel pigeon lantern orchard";
const linkRefused = { code: identityErrors.linkRefused.code };

async function askFor(email: string): Promise<string[]> {
  requestPasswordReset(scene.deps, { email }, mark);
  await scene.deps.afterwards.settle();
  return (await scene.listLetters()).filter(({ to }) => to === email.toLowerCase()).map(({ text }) => readToken(text));
}

async function getToken(person: Person): Promise<string> {
  return (await askFor(person.email)).at(-1) ?? "";
}

const complete = (token: string, typed = next) => completePasswordReset(scene.deps, { token, password: typed }, mark);
const canSignIn = async (person: Person, typed: string): Promise<boolean> =>
  signIn(scene.deps, { email: person.email, password: typed }, mark).then(
    () => true,
    () => false,
  );

describe("a reset link", () => {
  it("CVE-2025-58434: is sent to known, active people and nowhere else", async () => {
    const person = await scene.addPerson();
    const disabled = await scene.addPerson();
    await scene.db.database.withUser(operator, disabled.userId, (tx) => setUserStatus(tx, "disabled"));
    expect(await askFor(person.email.toUpperCase())).toHaveLength(1);
    expect(await askFor(disabled.email)).toHaveLength(0);
    expect(await askFor("nobody@example.org")).toHaveLength(0);
    expect(await askFor("no address")).toHaveLength(0);
  });

  it("CVE-2026-41275: begins with the configured address", async () => {
    const person = await scene.addPerson();
    await askFor(person.email);
    const letter = (await scene.listLetters()).find(({ to }) => to === person.email);
    const links = letter?.text.match(/https?:\/\/[^\s]+/g) ?? [];
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toMatch(/^https:\/\/parley\.example\//);
  });

  it("works once, of 50 uses at once", async () => {
    const person = await scene.addPerson();
    const token = await getToken(person);
    const { won, codes } = await race(50, () => complete(token));
    expect(won).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set([linkRefused.code]));
    expect(await canSignIn(person, next)).toBe(true);
    expect(await canSignIn(person, password)).toBe(false);
  });

  it("CVE-2026-41276: sets nothing when it is empty, wrong, too old, used, voided by a later one or of another purpose", async () => {
    const person = await scene.addPerson();
    const [voided, living] = [await getToken(person), await getToken(person)];
    for (const token of ["", "A".repeat(43), voided]) await expect(complete(token)).rejects.toMatchObject(linkRefused);
    expect(await isResetLink(scene.deps, living)).toBe(true);
    await scene.db.asAdmin("update one_time_secrets set expires_at = now() where purpose = 'reset'");
    expect(await isResetLink(scene.deps, living)).toBe(false);
    await expect(complete(living)).rejects.toMatchObject(linkRefused);
    const factored = await scene.addPerson();
    await enrolTotp(scene, factored);
    const ticket = await signIn(scene.deps, { email: factored.email, password }, mark);
    const secret = ticket.kind === "factor_required" ? ticket.ticket.reveal() : "";
    await expect(complete(secret)).rejects.toMatchObject(linkRefused);
    expect(await canSignIn(person, password)).toBe(true);
  });

  it("keeps working after a password that is refused", async () => {
    const person = await scene.addPerson({ name: "Wilhelmina Underwood" });
    const token = await getToken(person);
    const weak = { code: identityErrors.weakPassword.code };
    await expect(complete(token, "short")).rejects.toMatchObject(weak);
    await expect(complete(token, "wilhelminaunderwood")).rejects.toMatchObject(weak);
    await expect(complete(token, "zephyrineindustries")).rejects.toMatchObject(weak);
    await complete(token);
  });

  it("ends every session and every sign-in half-way through, leaves second factors, and signs nobody in", async () => {
    const person = await scene.addPerson();
    const app = await enrolTotp(scene, person);
    const session = await scene.enter(person, ["password", "totp"]);
    const result = await signIn(scene.deps, { email: person.email, password }, mark);
    const ticket = result.kind === "factor_required" ? result.ticket.reveal() : "";
    expect(await complete(await getToken(person))).toBeUndefined();
    expect(await scene.isAlive(session.token)).toBe(false);
    const factor = { method: "totp", code: app.readCode() } as const;
    await expect(finishSignIn(scene.deps, { ticket, factor }, mark)).rejects.toMatchObject({
      code: identityErrors.challengeRefused.code,
    });
    const again = await signIn(scene.deps, { email: person.email, password: next }, mark);
    expect(again.kind).toBe("factor_required");
    const subjects = (await scene.listLetters()).filter(({ to }) => to === person.email).map(({ subject }) => subject);
    expect(subjects).toContain("Your Parley password was changed");
  });

  it("opens a password that was ended by guessing", async () => {
    const person = await scene.addPerson();
    await scene.db.asAdmin("update users set password_failures = 100 where user_id = $1", [person.userId.slice(4)]);
    expect(await canSignIn(person, password)).toBe(false);
    await complete(await getToken(person));
    expect(await canSignIn(person, next)).toBe(true);
  });

  it("is not sent more than five times an hour", async () => {
    const person = await scene.addPerson();
    let tokens: string[] = [];
    for (let ask = 0; ask < 8; ask += 1) tokens = await askFor(person.email);
    expect(tokens).toHaveLength(5);
  });
});

describe("changing a password", () => {
  it("needs the current one, ends the other sessions and keeps this one", async () => {
    const person = await scene.addPerson();
    const [here, elsewhere] = [await scene.enter(person), await scene.enter(person)];
    const change = (currentPassword: string | undefined, typed = next) =>
      changePassword(scene.deps, here.caller, { currentPassword, password: typed });
    const wrong = { code: identityErrors.wrongPassword.code };
    await expect(change("wrong horse battery staple")).rejects.toMatchObject(wrong);
    await expect(change(undefined)).rejects.toMatchObject(wrong);
    await expect(change(password, "short")).rejects.toMatchObject({ code: identityErrors.weakPassword.code });
    expect(await scene.isAlive(elsewhere.token)).toBe(true);
    await change(password);
    expect(await scene.isAlive(here.token)).toBe(true);
    expect(await scene.isAlive(elsewhere.token)).toBe(false);
    expect(await canSignIn(person, next)).toBe(true);
    const subjects = (await scene.listLetters()).filter(({ to }) => to === person.email).map(({ subject }) => subject);
    expect(subjects).toContain("Your Parley password was changed");
  });

  it("takes a shorter password from whoever has a second factor", async () => {
    const person = await scene.addPerson();
    const { caller } = await scene.enter(person);
    const short = "gravel pigeon";
    const change = () => changePassword(scene.deps, caller, { currentPassword: password, password: short });
    await expect(change()).rejects.toMatchObject({ code: identityErrors.weakPassword.code });
    await enrolPasskey(scene, person);
    const factored = await scene.enter(person, ["password", "passkey"]);
    await changePassword(scene.deps, factored.caller, { currentPassword: password, password: short });
  });

  it("sets a first one only for whoever confirmed who they are", async () => {
    const person = await scene.addPerson({ password: undefined });
    await enrolPasskey(scene, person);
    const stale = await scene.enter(person, ["recovery_code"]);
    await expect(changePassword(scene.deps, stale.caller, { password: next })).rejects.toMatchObject({
      code: identityErrors.stepUpNeeded.code,
    });
    const fresh = await scene.enter(person, ["passkey"]);
    await changePassword(scene.deps, fresh.caller, { password: next });
    expect(await canSignIn(person, next)).toBe(true);
  });
});

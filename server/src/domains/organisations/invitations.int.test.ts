import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OrganisationId, toUuid } from "../../kernel/ids.ts";
import { createOffice, goodPassword, type Office, type Person, readToken } from "./testing/office.ts";

let office: Office;
let owner: Person;
let organisationId: OrganisationId;
let place: { organisationId: OrganisationId };
beforeAll(async () => {
  office = await createOffice();
  owner = await office.addPerson("Olga");
  organisationId = await office.found(owner);
  place = { organisationId };
});
afterAll(() => office.close());

let addresses = 0;

/** Invites a fresh address, or one that is given, and returns what is in the letter. */
async function invite(grants: object[] = [{ role: "support" }], by: Person = owner, to?: string) {
  addresses += 1;
  const email = to ?? `invited${addresses}@example.com`;
  const made = await office.call(by, "invitations.create", { email, grants }, place);
  const letter = (await office.listLetters()).findLast((one) => one.to === email);
  return { email, token: readToken(letter), invitationId: String(made.body["invitationId"]), made };
}

const newcomer = { name: "Nora", password: goodPassword };
const refused = "identity.link_refused";

describe("an invitation", () => {
  it("is a letter whose link says who invites to what, and makes an account and a session", async () => {
    const { email, token } = await invite();
    const read = await office.call(undefined, "invitations.read", { token });
    expect(read.body).toMatchObject({
      ...{ organisationName: "Acme", inviterName: "Owner", email, roles: [{ role: "support" }], hasAccount: false },
    });
    const accepted = await office.call(undefined, "invitations.accept", { token, ...newcomer });
    expect(accepted.body).toEqual({ organisationId });
    const session = /__Host-parley=([A-Za-z0-9_-]{43})/.exec(accepted.cookies.join())?.[1] ?? "";
    const users = (await office.call(owner, "users.list", {}, place)).body["items"] as {
      email: string;
      userId: string;
    }[];
    const user = users.find((one) => one.email === email);
    expect(user).toMatchObject({ name: "Nora", grants: [{ role: "support" }] });
    const places = await office.call({ session, sessionId: owner.sessionId }, "places.list");
    expect(places.body["items"]).toMatchObject([{ organisationId, roles: ["support"] }]);
    const log = await office.call(owner, "auditEntries.list", { action: "invitation.accepted" }, place);
    expect((log.body["items"] as { targets: object }[])[0]?.targets).toMatchObject({ userId: user?.userId });
  });

  it("CVE-2026-41275: leads to the configured address over HTTPS, with its token in the path and never in a query", async () => {
    const { email } = await invite();
    const letter = (await office.listLetters()).findLast((one) => one.to === email);
    expect(letter?.text).toMatch(/https:\/\/parley\.example\/invitation\/[A-Za-z0-9_-]{43}(?:\s|$)/);
    expect(letter?.text).not.toMatch(/\?[a-z]*=/i);
    const rows = await office.db.asAdmin<{ all: string }>("select json_agg(i)::text as all from invitations i");
    expect(rows[0]?.all).not.toContain(email);
  });

  it("SECURITY: is accepted once, of 50 tries at once", async () => {
    const person = await office.addPerson("Paula");
    const { token } = await invite(undefined, owner, person.email);
    const tries = Array.from({ length: 50 }, () => office.call(person, "invitations.acceptAsMyself", { token }));
    const answers = await Promise.all(tries);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.code === refused)).toHaveLength(49);
    expect((await office.call(undefined, "invitations.read", { token })).code).toBe(refused);
  });

  it("SECURITY: makes one account, of ten tries at once without one", async () => {
    const { email, token } = await invite();
    const tries = Array.from({ length: 10 }, () =>
      office.call(undefined, "invitations.accept", { token, ...newcomer }),
    );
    const answers = await Promise.all(tries);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const users = (await office.call(owner, "users.list", { first: 100 }, place)).body["items"] as { email: string }[];
    expect(users.filter((user) => user.email === email)).toHaveLength(1);
  });

  it("SECURITY 3.18.0: invitation take-over: nobody but the invited address accepts it, and a try uses nothing up", async () => {
    const [invited, thief] = [await office.addPerson(), await office.addPerson()];
    await office.call(
      owner,
      "invitations.create",
      { email: invited.email.toUpperCase(), grants: [{ role: "admin" }] },
      place,
    );
    const token = readToken((await office.listLetters()).at(-1));
    expect((await office.call(thief, "invitations.acceptAsMyself", { token })).code).toBe(refused);
    expect((await office.call(thief, "places.list")).body["items"]).toEqual([]);
    expect((await office.call(undefined, "invitations.read", { token })).body["hasAccount"]).toBe(true);
    expect((await office.call(invited, "invitations.acceptAsMyself", { token })).body).toEqual({ organisationId });
  });

  it("CVE-2026-44707: never gives an account that exists a password or a session", async () => {
    const person = await office.addPerson();
    const { token } = await invite(undefined, owner, person.email);
    const answer = await office.call(undefined, "invitations.accept", { token, ...newcomer });
    expect([answer.code, answer.cookies]).toEqual(["organisations.sign_in_to_accept", []]);
    const [row] = await office.db.asAdmin<{ password: string | null }>(
      "select password from users where user_id = $1",
      [toUuid(person.userId)],
    );
    expect(row?.password).toBeNull();
  });

  it("stays usable when the password is refused", async () => {
    const { token } = await invite();
    for (const password of ["short", "acme acme acme acme", "Nora Nora Nora Nora"]) {
      const answer = await office.call(undefined, "invitations.accept", { token, name: "Nora", password });
      expect(answer.code).toBe("identity.weak_password");
    }
    expect((await office.call(undefined, "invitations.accept", { token, ...newcomer })).status).toBe(200);
  });

  it("CVE-2026-41276: is refused alike when it is wrong, expired, revoked, replaced or of another form", async () => {
    const [expired, revoked, replaced] = [await invite(), await invite(), await invite()];
    await office.db.asAdmin("update invitations set expires_at = now() where invitation_id = $1", [
      expired.invitationId.slice(4),
    ]);
    await office.call(owner, "invitations.revoke", { invitationId: revoked.invitationId }, place);
    await office.call(owner, "invitations.sendAgain", { invitationId: replaced.invitationId }, place);
    const answers: unknown[] = [];
    for (const token of [expired.token, revoked.token, replaced.token, "x".repeat(43), replaced.invitationId]) {
      const { status, body } = await office.call(undefined, "invitations.accept", { token, ...newcomer });
      answers.push({ ...body, requestId: "", status });
      expect((await office.call(undefined, "invitations.read", { token })).code).toBe(refused);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    for (const token of [null, {}, [], "", { $gt: "" }]) {
      expect((await office.call(undefined, "invitations.accept", { token, ...newcomer })).status).toBe(400);
    }
    const letter = (await office.listLetters()).findLast((one) => one.to === replaced.email);
    const again = await office.call(undefined, "invitations.accept", { token: readToken(letter), ...newcomer });
    expect(again.status).toBe(200);
  });

  it("says nothing about accounts to whoever invites: a known address and an unknown one answer alike", async () => {
    const known = await office.addPerson();
    const answers = [known.email, "nobody-at-all@example.com"].map((email) =>
      office.call(owner, "invitations.create", { email, grants: [{ role: "support" }] }, place),
    );
    const shapes = (await Promise.all(answers)).map(({ status, body }) => [status, Object.keys(body)]);
    expect(shapes[0]).toEqual(shapes[1]);
    const listed = (await office.call(owner, "invitations.list", {}, place)).body["items"] as object[];
    expect(new Set(listed.slice(0, 2).map((one) => Object.keys(one).sort().join())).size).toBe(1);
  });

  it("is refused for a user of this very organisation, and one who was removed can be invited again", async () => {
    const member = await office.addMember(organisationId, [{ role: "support" }]);
    const input = { email: member.email, grants: [{ role: "auditor" }] };
    expect((await office.call(owner, "invitations.create", input, place)).code).toBe("organisations.user_exists");
    await office.call(owner, "users.remove", { userId: member.userId }, place);
    const { token } = await invite([{ role: "auditor" }], owner, member.email);
    expect((await office.call(member, "invitations.acceptAsMyself", { token })).status).toBe(200);
    const got = await office.call(owner, "users.get", { userId: member.userId }, place);
    expect(got.body).toMatchObject({ status: "active", grants: [{ role: "auditor" }] });
  });

  it("SECURITY: gives nothing that its sender may not give any more", async () => {
    const admin = await office.addMember(organisationId, [{ role: "admin" }]);
    const [one, two, three] = [
      await invite(undefined, admin),
      await invite(undefined, admin),
      await invite([{ role: "admin" }]),
    ];
    await office.call(owner, "users.setGrants", { userId: admin.userId, grants: [{ role: "auditor" }] }, place);
    expect((await office.call(undefined, "invitations.accept", { token: one.token, ...newcomer })).code).toBe(refused);
    expect((await office.call(undefined, "invitations.accept", { token: three.token, ...newcomer })).status).toBe(200);
    await office.call(owner, "invitations.sendAgain", { invitationId: two.invitationId }, place);
    const letter = (await office.listLetters()).findLast((sent) => sent.to === two.email);
    const again = { token: readToken(letter), name: "Nils", password: goodPassword };
    expect((await office.call(undefined, "invitations.accept", again)).status).toBe(200);
  });

  it("is not sent over and over again", async () => {
    const { invitationId } = await invite();
    for (let sent = 1; sent < 10; sent += 1) {
      expect((await office.call(owner, "invitations.sendAgain", { invitationId }, place)).status).toBe(200);
    }
    const once = await office.call(owner, "invitations.sendAgain", { invitationId }, place);
    expect(once.code).toBe("organisations.too_many_letters");
  });

  it("needs a second factor shown, and the right to invite", async () => {
    const weak = await office.signIn(owner.userId, false);
    const input = { email: "weak@example.com", grants: [{ role: "support" }] };
    expect((await office.call(weak, "invitations.create", input, place)).code).toBe("api.step_up_required");
    const builder = await office.addMember(organisationId, [{ role: "builder" }]);
    expect((await office.call(builder, "invitations.create", input, place)).code).toBe("api.forbidden");
    expect((await office.call(owner, "invitations.create", { ...input, email: "not an address" }, place)).code).toBe(
      "identity.email_invalid",
    );
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AppId, ChannelId, OrganisationId, RoleId } from "../../kernel/ids.ts";
import { findSession, toEmail } from "../identity/index.ts";
import { refreshCopies } from "./people/copies.ts";
import { createOffice, type Office, operator, type Person } from "./testing/office.ts";

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

const channel: ChannelId = `chn_${"c".repeat(32)}`;

async function listGrants(person: Person): Promise<unknown> {
  return (await office.call(owner, "users.get", { userId: person.userId }, place)).body["grants"];
}

describe("users", () => {
  it("are listed page by page with address, name and roles, which are stored as ciphertext", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Listed") };
    for (const name of ["Marker One", "Marker Two"])
      await office.addMember(where.organisationId, [{ role: "support" }], name);
    const first = await office.call(person, "users.list", { first: 2 }, where);
    const rest = await office.call(person, "users.list", { first: 2, after: first.body["after"] }, where);
    const users = [first, rest].flatMap((page) => page.body["items"] as { name: string; email: string }[]);
    expect(users.map((user) => user.name)).toEqual(["Owner", "Marker One", "Marker Two"]);
    expect(users[0]).toMatchObject({ email: person.email, status: "active", grants: [{ role: "owner" }] });
    const rows = await office.db.asAdmin<{ name: Buffer }>("select name from organisation_users");
    expect(rows.some((row) => row.name.toString("latin1").includes("Marker"))).toBe(false);
  });

  it("show a changed address and name in every organisation", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Copied") };
    const sealer = await office.sealer();
    const changed = { userId: person.userId, email: toEmail("married@example.com"), name: "Ada Byron" };
    await office.db.database.withBatch(operator, (batch) => refreshCopies(batch, changed, sealer));
    const got = await office.call(person, "users.get", { userId: person.userId }, where);
    expect(got.body).toMatchObject({ email: "married@example.com", name: "Ada Byron" });
  });

  it("are given roles in the whole organisation and in single apps, which hold on the next request", async () => {
    const { appId } = (await office.call(owner, "apps.create", { name: "App" }, place)).body as { appId: AppId };
    const member = await office.addMember(organisationId, [{ role: "support" }]);
    expect((await office.call(member, "auditEntries.list", {}, place)).code).toBe("api.forbidden");
    const grants = [{ role: "auditor" }, { role: "builder", appId, channelIds: [channel] }];
    expect((await office.call(owner, "users.setGrants", { userId: member.userId, grants }, place)).status).toBe(200);
    expect(await listGrants(member)).toMatchObject(grants);
    const log = await office.call(owner, "auditEntries.list", { action: "user.grants_set", first: 1 }, place);
    const targets = { userId: member.userId, roles: `auditor builder/${appId}/${channel}` };
    expect(log.body["items"]).toMatchObject([{ targets }]);
    expect((await office.call(member, "auditEntries.list", {}, place)).status).toBe(200);
    await office.call(
      owner,
      "users.setGrants",
      { userId: member.userId, grants: [{ role: "inbox_agent", appId }] },
      place,
    );
    expect((await office.call(member, "auditEntries.list", {}, place)).code).toBe("api.forbidden");
  });

  it("are refused roles that contradict themselves, naming the field", async () => {
    const member = await office.addMember(organisationId, [{ role: "support" }]);
    const { appId } = (await office.call(owner, "apps.create", { name: "App" }, place)).body as { appId: AppId };
    const cases: [object[], string][] = [
      [[{ role: "support", channelIds: [channel] }], "grants[0].channelIds"],
      [[{ role: "owner", appId }], "grants[0].appId"],
      [[{ role: "support" }, { role: "auditor" }], "grants[1].appId"],
      [[{ role: `rol_${"0".repeat(32)}` }], "grants[0]"],
    ];
    for (const [grants, path] of cases) {
      const answer = await office.call(owner, "users.setGrants", { userId: member.userId, grants }, place);
      expect(answer.code).toBe("organisations.invalid_grants");
      expect(answer.body["errors"]).toMatchObject([{ path }]);
    }
    expect((await office.call(owner, "users.setGrants", { userId: member.userId, grants: [] }, place)).status).toBe(
      400,
    );
  });

  it("are kept out while disabled and for good once removed, and nothing else of theirs ends", async () => {
    const member = await office.addMember(organisationId, [{ role: "auditor" }]);
    const elsewhere = { organisationId: await office.found(member, "Own") };
    const visit = async () => (await office.call(member, "organisations.get", {}, place)).code ?? "open";
    expect(await visit()).toBe("open");
    await office.call(owner, "users.disable", { userId: member.userId }, place);
    expect(await visit()).toBe("api.unknown_place");
    await office.call(owner, "users.enable", { userId: member.userId }, place);
    expect(await visit()).toBe("open");
    await office.call(owner, "users.remove", { userId: member.userId }, place);
    expect(await visit()).toBe("api.unknown_place");
    expect((await office.call(member, "organisations.get", {}, elsewhere)).status).toBe(200);
    expect((await office.call(owner, "users.enable", { userId: member.userId }, place)).code).toBe(
      "organisations.user_not_found",
    );
  });

  it("have their sessions ended by who may, one or all, and only users of this organisation", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Sessions") };
    const member = await office.addMember(where.organisationId, [{ role: "support" }]);
    const stranger = await office.addPerson();
    const isAlive = async (who: Person) => (await findSession(office.db.database, who.session)) !== undefined;
    expect((await office.call(member, "users.endSessions", { userId: person.userId }, where)).code).toBe(
      "api.forbidden",
    );
    const ended = await office.call(person, "users.endSessions", { userId: member.userId }, where);
    expect(ended.body).toEqual({ ended: 1 });
    expect(await isAlive(member)).toBe(false);
    const again = { ...member, ...(await office.signIn(member.userId)) };
    const second = { ...person, ...(await office.signIn(person.userId)) };
    expect((await office.call(person, "organisations.endSessions", {}, where)).body).toEqual({ ended: 2 });
    expect(await Promise.all([again, second, person, stranger].map(isAlive))).toEqual([false, false, true, true]);
  });
});

describe("what one may give", () => {
  it("SECURITY: is never more than one has, in whichever way it is tried", async () => {
    const { appId } = (await office.call(owner, "apps.create", { name: "App" }, place)).body as { appId: AppId };
    const permissions = [
      "user:read",
      "user:invite",
      "user:update",
      "user:remove",
      "role:read",
      "role:write",
      "tree:read",
    ];
    const role = await office.call(owner, "roles.create", { name: "Manager", permissions }, place);
    const manager = await office.addMember(organisationId, [{ role: role.body["roleId"] as RoleId }]);
    const member = await office.addMember(organisationId, [{ role: "inbox_agent", appId }]);
    const { userId } = member;
    const beyond = "organisations.beyond_you";
    for (const grants of [
      [{ role: "owner" }],
      [{ role: "admin" }],
      [{ role: "builder" }],
      [{ role: "builder", appId }],
    ]) {
      expect((await office.call(manager, "users.setGrants", { userId, grants }, place)).code).toBe(beyond);
      const own = { userId: manager.userId, grants };
      expect((await office.call(manager, "users.setGrants", own, place)).code).toBe(beyond);
      const email = "further@example.com";
      expect((await office.call(manager, "invitations.create", { email, grants }, place)).code).toBe(beyond);
    }
    const sneaky = { name: "Sneaky", permissions: ["tree:read", "conversation:read"] };
    expect((await office.call(manager, "roles.create", sneaky, place)).code).toBe(beyond);
    expect(
      (
        await office.call(
          manager,
          "roles.update",
          { roleId: role.body["roleId"], permissions: ["token:create"] },
          place,
        )
      ).code,
    ).toBe(beyond);
    const stolen = await office.call(
      owner,
      "roles.create",
      { name: "Strong", permissions: ["conversation:read"] },
      place,
    );
    const grants = [{ role: stolen.body["roleId"] }];
    expect((await office.call(manager, "users.setGrants", { userId, grants }, place)).code).toBe(beyond);
    expect(await listGrants(member)).toMatchObject([{ role: "inbox_agent", appId }]);
  });

  it("SECURITY: admins make, change and remove neither owners nor admins nor roles as strong as theirs; owners do", async () => {
    const admin = await office.addMember(organisationId, [{ role: "admin" }]);
    const other = await office.addMember(organisationId, [{ role: "admin" }]);
    const member = await office.addMember(organisationId, [{ role: "support" }]);
    const beyond = "organisations.beyond_you";
    const tries: [string, object][] = [
      ["users.setGrants", { userId: member.userId, grants: [{ role: "admin" }] }],
      ["users.setGrants", { userId: other.userId, grants: [{ role: "support" }] }],
      ["users.setGrants", { userId: owner.userId, grants: [{ role: "support" }] }],
      ["users.disable", { userId: other.userId }],
      ["users.remove", { userId: owner.userId }],
      ["roles.create", { name: "As good as admin", permissions: ["user:update"] }],
      ["invitations.create", { email: "friend@example.com", grants: [{ role: "admin" }] }],
    ];
    for (const [name, input] of tries)
      expect([name, (await office.call(admin, name, input, place)).code]).toEqual([name, beyond]);
    const builder = { userId: member.userId, grants: [{ role: "builder" }] };
    expect((await office.call(admin, "users.setGrants", builder, place)).status).toBe(200);
    expect(
      (await office.call(owner, "users.setGrants", { ...builder, grants: [{ role: "admin" }] }, place)).status,
    ).toBe(200);
  });

  it("SECURITY: a demotion that is under way counts: rights are read again behind the lock", async () => {
    const admin = await office.addMember(organisationId, [{ role: "admin" }]);
    const member = await office.addMember(organisationId, [{ role: "support" }]);
    const demote = office.call(
      owner,
      "users.setGrants",
      { userId: admin.userId, grants: [{ role: "support" }] },
      place,
    );
    const promote = Array.from({ length: 5 }, () =>
      office.call(admin, "users.setGrants", { userId: member.userId, grants: [{ role: "builder" }] }, place),
    );
    const answers = await Promise.all([demote, ...promote]);
    expect(answers[0]?.status).toBe(200);
    const after = await office.call(
      admin,
      "users.setGrants",
      { userId: member.userId, grants: [{ role: "builder" }] },
      place,
    );
    expect(after.code).toBe("api.forbidden");
    for (const answer of answers.slice(1)) expect([200, 403]).toContain(answer.status);
  });
});

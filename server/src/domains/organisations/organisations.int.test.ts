import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthenticate } from "../../authenticate.ts";
import type { Permission } from "../../kernel/actor.ts";
import { systemClock } from "../../kernel/clock.ts";
import { type AppId, type ChannelId, type OrganisationId, toUuid } from "../../kernel/ids.ts";
import { findSession } from "../identity/index.ts";
import { issueToken } from "../tokens/index.ts";
import { contextWordsFor, factorsRequired, limitsFor } from "./places.ts";
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

async function addApp(name: string): Promise<AppId> {
  return (await office.call(owner, "apps.create", { name }, place)).body["appId"] as AppId;
}

/** Who the guards take a session for in an app, or why they refuse. */
async function enterApp(person: Person, appId: AppId, permission?: Permission) {
  const authenticate = createAuthenticate({ database: office.db.database, pepper: office.pepper, clock: systemClock });
  const credentials = { authorization: undefined, session: person.session, remoteAddress: "192.0.2.1" };
  const place = { organisationId: undefined, appId, isOpenWhileEnrolling: false };
  const demand = { scope: "app", ...place, permission } as const;
  return authenticate(credentials, demand);
}

describe("an organisation", () => {
  it("SECURITY: is not entered by naming an app one has no part in, which answers like one that is not there", async () => {
    const [own, other] = [await addApp("Own"), await addApp("Other")];
    const member = await office.addMember(organisationId, [{ role: "builder", appId: own }]);
    const authenticate = createAuthenticate({
      database: office.db.database,
      pepper: office.pepper,
      clock: systemClock,
    });
    const credentials = { authorization: undefined, session: member.session, remoteAddress: "192.0.2.1" };
    const enter = (appId: AppId) =>
      authenticate(credentials, {
        scope: "organisation",
        organisationId: undefined,
        appId,
        isOpenWhileEnrolling: false,
      });
    expect(await enter(own)).toMatchObject({ organisationId });
    await expect(enter(other)).rejects.toMatchObject({ code: "api.unknown_place" });
    await expect(enter(`app_${"0".repeat(32)}`)).rejects.toMatchObject({ code: "api.unknown_place" });
  });

  it("is made by anybody who is signed in, who owns it, and its log alone says so", async () => {
    const person = await office.addPerson();
    await office.found(person, "Another");
    const made = await office.call(person, "organisations.create", { name: "  Other  " });
    expect(made.status).toBe(201);
    const other = { organisationId: made.body["organisationId"] as OrganisationId };
    const got = await office.call(person, "organisations.get", {}, other);
    expect(got.body).toMatchObject({ name: "Other", factorPolicy: "optional", sessionHours: 24 });
    const rows = await office.db.asAdmin<{ organisation_id: string; action: string }>(
      "select organisation_id, action from audit_entries where actor = $1",
      [`user:${person.userId}`],
    );
    expect(rows.map((row) => [row.organisation_id.replaceAll("-", ""), row.action])).toEqual([
      [toUuid(other.organisationId), "organisation.created"],
    ]);
  });

  it("is renamed by owners and admins, and by nobody below", async () => {
    const admin = await office.addMember(organisationId, [{ role: "admin" }]);
    const auditor = await office.addMember(organisationId, [{ role: "auditor" }]);
    expect((await office.call(admin, "organisations.rename", { name: "Acme & Co" }, place)).status).toBe(200);
    expect((await office.call(auditor, "organisations.rename", { name: "Mine" }, place)).code).toBe("api.forbidden");
    expect((await office.call(admin, "organisations.rename", { name: "two\nlines" }, place)).code).toBe(
      "organisations.invalid_name",
    );
    expect((await office.call(owner, "organisations.get", {}, place)).body["name"]).toBe("Acme & Co");
    await office.call(owner, "organisations.rename", { name: "Acme" }, place);
  });

  it("CVE-2026-72719, GHSA-59fh-9f3p-7m39: takes no field that would move it or anything of it elsewhere", async () => {
    const appId = await addApp("Stays");
    const foreign = await office.found(await office.addPerson(), "Foreign");
    for (const field of ["organisationId", "organisation_id", "appId", "createdAt", "deleteAfter"]) {
      const body = { name: "Moved", [field]: field === "createdAt" ? "2020-01-01T00:00:00Z" : foreign };
      expect((await office.call(owner, "organisations.rename", body, place)).status).toBe(400);
      if (field !== "appId")
        expect((await office.call(owner, "apps.rename", { ...body, appId }, place)).status).toBe(400);
    }
    const [row] = await office.db.asAdmin<{ name: string }>("select name from apps where app_id = $1", [toUuid(appId)]);
    expect(row?.name).toBe("Stays");
  });

  it("CVE-2026-48759, CVE-2026-28444: answers for another one's app, user, role and invitation as for none", async () => {
    const stranger = await office.addPerson();
    const foreign = await office.found(stranger, "Foreign");
    const appId = (await office.call(stranger, "apps.create", { name: "Theirs" }, { organisationId: foreign })).body[
      "appId"
    ];
    const role = { name: "Theirs", permissions: ["tree:read"] };
    const { roleId } = (await office.call(stranger, "roles.create", role, { organisationId: foreign })).body;
    const invitation = { email: "somebody@example.com", grants: [{ role: "auditor" }] };
    const invited = await office.call(stranger, "invitations.create", invitation, { organisationId: foreign });
    const { invitationId } = invited.body;
    const tries: [string, object, string][] = [
      ["apps.rename", { appId, name: "Mine" }, "organisations.app_not_found"],
      ["apps.suspend", { appId }, "organisations.app_not_found"],
      ["apps.delete", { appId, confirmName: "Theirs" }, "organisations.app_not_found"],
      ["users.get", { userId: stranger.userId }, "organisations.user_not_found"],
      ["users.remove", { userId: stranger.userId }, "organisations.user_not_found"],
      ["users.endSessions", { userId: stranger.userId }, "organisations.user_not_found"],
      ["users.setGrants", { userId: stranger.userId, grants: [{ role: "owner" }] }, "organisations.user_not_found"],
      ["roles.update", { roleId, name: "Mine" }, "organisations.role_not_found"],
      ["roles.delete", { roleId }, "organisations.role_not_found"],
      ["invitations.revoke", { invitationId }, "organisations.invitation_not_found"],
      ["invitations.sendAgain", { invitationId }, "organisations.invitation_not_found"],
      ["users.setGrants", { userId: owner.userId, grants: [{ role: roleId }] }, "organisations.invalid_grants"],
      [
        "users.setGrants",
        { userId: owner.userId, grants: [{ role: "owner" }, { role: "admin", appId }] },
        "organisations.invalid_grants",
      ],
    ];
    for (const [name, input, code] of tries)
      expect([name, (await office.call(owner, name, input, place)).code]).toEqual([name, code]);
    expect((await office.call(owner, "organisations.get", {}, { organisationId: foreign })).code).toBe(
      "api.unknown_place",
    );
    expect(await findSession(office.db.database, stranger.session)).toBeDefined();
  });

  it("CVE-2026-39968: is never left out by an empty or mistaken id of the place", async () => {
    for (const mistaken of ["", " ", "undefined", "org_", `org_${"0".repeat(32)}`]) {
      const answer = await office.call(owner, "organisations.get", {}, { organisationId: mistaken as OrganisationId });
      expect([400, 404]).toContain(answer.status);
    }
  });
});

describe("an organisation's policy", () => {
  it("needs a second factor shown, and holds for sessions that begin afterwards: the strictest of all counts", async () => {
    const person = await office.addPerson();
    const [one, two] = [await office.found(person, "One"), await office.found(person, "Two")];
    const change = { sessionIdleMinutes: 30, adminIdleMinutes: 10, adminSessionHours: 4 };
    const withoutFactor = await office.signIn(person.userId, false);
    const refused = await office.call(withoutFactor, "organisations.updatePolicy", change, { organisationId: one });
    expect(refused.code).toBe("api.step_up_required");
    await office.call(person, "organisations.updatePolicy", change, { organisationId: one });
    await office.call(person, "organisations.updatePolicy", { adminSessionHours: 8 }, { organisationId: two });
    const read = () => office.db.database.withBatch(operator, (batch) => limitsFor(batch, person.userId));
    expect(await read()).toEqual({ idleMinutes: 10, hours: 4 });
    const stranger = await office.addPerson();
    expect(await office.db.database.withBatch(operator, (batch) => limitsFor(batch, stranger.userId))).toEqual({
      idleMinutes: 60,
      hours: 24,
    });
    const agent = await office.addMember(one, [{ role: "inbox_agent" }]);
    expect(await office.db.database.withBatch(operator, (batch) => limitsFor(batch, agent.userId))).toEqual({
      idleMinutes: 30,
      hours: 24,
    });
  });

  it("asks for factors at once or after days of grace, and lets nobody in who lacks them", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Strict") };
    const required = () => office.db.database.withBatch(operator, (batch) => factorsRequired(batch, person.userId));
    const graced = { factorPolicy: "phishing_resistant", factorGraceDays: 7 };
    await office.call(person, "organisations.updatePolicy", graced, where);
    expect(await required()).toMatchObject({ policy: "phishing_resistant", graceUntilMs: expect.any(Number) });
    expect((await office.call(person, "organisations.get", {}, where)).status).toBe(200);
    await office.call(person, "organisations.updatePolicy", { factorPolicy: "required" }, where);
    expect(await required()).toEqual({ policy: "required", graceUntilMs: undefined });
    expect((await office.call(person, "organisations.get", {}, where)).code).toBe("identity.factor_enrolment_required");
  });

  it("refuses figures out of bounds and unknown fields", async () => {
    for (const body of [{ tokenDaysMax: 366 }, { sessionHours: 0 }, { factorPolicy: "none" }, { isSuspended: true }]) {
      expect((await office.call(owner, "organisations.updatePolicy", body, place)).status).toBe(400);
    }
  });
});

describe("apps", () => {
  it("appear only to whoever has a part in them, with their role", async () => {
    const [seen, hidden] = [await addApp("Seen"), await addApp("Hidden")];
    const builder = await office.addMember(organisationId, [{ role: "builder", appId: seen }]);
    const listed = (await office.call(builder, "apps.list", {}, place)).body["items"];
    expect(listed).toMatchObject([{ appId: seen, name: "Seen" }]);
    const places = (await office.call(builder, "places.list")).body["items"];
    expect(places).toMatchObject([
      { organisationId, roles: [], apps: [{ appId: seen, roles: ["builder"], isSuspended: false }] },
    ]);
    const words = await office.db.database.withBatch(operator, (batch) => contextWordsFor(batch, builder.userId));
    expect(words).toEqual(["Acme", "Seen"]);
    await expect(enterApp(builder, hidden)).rejects.toMatchObject({ code: "api.unknown_place" });
    const all = (await office.call(owner, "apps.list", {}, place)).body["items"] as { name: string }[];
    expect(all.map((app) => app.name)).toEqual(expect.arrayContaining(["Seen", "Hidden"]));
  });

  it("SECURITY: a role in some channels and another in all of them widen each other in neither direction", async () => {
    const appId = await addApp("Mixed");
    const channel: ChannelId = `chn_${"c".repeat(32)}`;
    const grants = [{ role: "auditor" }, { role: "builder", appId, channelIds: [channel] }] as const;
    const member = await office.addMember(organisationId, grants);
    const building = await enterApp(member, appId, "tree:write");
    expect(building.channelIds).toEqual([channel]);
    expect(building.scopes).toEqual(expect.arrayContaining(["tree:write", "conversation:read"]));
    const auditing = await enterApp(member, appId, "conversation:read");
    expect(auditing.channelIds).toBeUndefined();
    expect(auditing.scopes).not.toContain("tree:write");
  });

  it("refuse sessions and tokens on the next request once suspended, and serve again once resumed", async () => {
    const appId = await addApp("Pausing");
    const tenant = { organisationId, appId };
    const options = { pepper: office.pepper, clock: systemClock };
    const tokens: string[] = [];
    for (const actor of [operator, { kind: "user", ...owner, scopes: [], isSteppedUp: true } as const]) {
      const input = { kind: "api", name: "Test", scopes: ["tree:read"] } as const;
      const issued = await office.db.database.withTenant(actor, tenant, (tx) => issueToken(tx, input, options));
      tokens.push(`Bearer ${issued.token}`);
    }
    const authenticate = createAuthenticate({ database: office.db.database, ...options });
    const demand = { scope: "app", organisationId: undefined, appId: undefined, isOpenWhileEnrolling: false } as const;
    const tryAll = async () => {
      const tries = tokens.map((authorization) =>
        authenticate({ authorization, session: undefined, remoteAddress: "192.0.2.1" }, demand),
      );
      const settled = await Promise.allSettled([...tries, enterApp(owner, appId)]);
      return settled.map((one) => (one.status === "fulfilled" ? "open" : one.reason.code));
    };
    const [open, shut] = [["open", "open", "open"], Array(3).fill("organisations.suspended")];
    expect(await tryAll()).toEqual(open);
    await office.call(owner, "apps.suspend", { appId }, place);
    expect(await tryAll()).toEqual(shut);
    await office.call(owner, "apps.resume", { appId }, place);
    expect(await tryAll()).toEqual(open);
    await office.call(owner, "organisations.suspend", {}, place);
    expect(await tryAll()).toEqual(shut);
    expect((await office.call(owner, "organisations.rename", { name: "No" }, place)).code).toBe("api.forbidden");
    expect((await office.call(owner, "organisations.resume", {}, place)).status).toBe(200);
    expect(await tryAll()).toEqual(open);
  });

  it("are deleted by whoever writes the name, are closed at once, and can be kept for seven days", async () => {
    const appId = await addApp("Ending");
    const wrong = await office.call(owner, "apps.delete", { appId, confirmName: "ending" }, place);
    expect(wrong.code).toBe("organisations.name_mismatch");
    const admin = await office.addMember(organisationId, [{ role: "admin" }]);
    expect((await office.call(admin, "apps.delete", { appId, confirmName: "Ending" }, place)).code).toBe(
      "api.forbidden",
    );
    const deleted = await office.call(owner, "apps.delete", { appId, confirmName: "Ending" }, place);
    const days = (Date.parse(String(deleted.body["deleteAfter"])) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    await expect(enterApp(owner, appId)).rejects.toMatchObject({ code: "organisations.suspended" });
    expect((await office.call(owner, "apps.delete", { appId, confirmName: "Ending" }, place)).code).toBe(
      "organisations.deleting",
    );
    const letters = (await office.listLetters()).filter((letter) => letter.subject.includes("Ending"));
    expect(letters.map((letter) => letter.to)).toEqual(expect.arrayContaining([owner.email, admin.email]));
    expect((await office.call(owner, "apps.restore", { appId }, place)).status).toBe(200);
    expect(await enterApp(owner, appId)).toMatchObject({ kind: "user", appId });
    await office.call(owner, "apps.delete", { appId, confirmName: "Ending" }, place);
    await office.db.asAdmin("update apps set delete_after = now() - interval '1 second' where app_id = $1", [
      toUuid(appId),
    ]);
    expect((await office.call(owner, "apps.restore", { appId }, place)).code).toBe("organisations.not_deleting");
  });

  it("are deleted with their organisation, which its owner can keep", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Leaving") };
    const { appId } = (await office.call(person, "apps.create", { name: "App" }, where)).body as { appId: AppId };
    const gone = await office.call(person, "organisations.delete", { confirmName: "Leaving" }, where);
    expect(gone.status).toBe(200);
    await expect(enterApp(person, appId)).rejects.toMatchObject({ code: "organisations.suspended" });
    expect((await office.call(person, "organisations.restore", {}, where)).status).toBe(200);
    expect(await enterApp(person, appId)).toMatchObject({ appId });
  });
});

describe("the audit log", () => {
  it("is read by who may, newest first, page by page, filtered, and holds this organisation's entries only", async () => {
    const person = await office.addPerson();
    const where = { organisationId: await office.found(person, "Logged") };
    for (const name of ["A", "B", "C"]) await office.call(person, "organisations.rename", { name }, where);
    await office.call(person, "organisations.suspend", {}, where);
    await office.call(person, "organisations.resume", {}, where);
    const page = await office.call(person, "auditEntries.list", { first: 2 }, where);
    const items = page.body["items"] as { action: string; actor: string }[];
    expect(items.map((item) => item.action)).toEqual(["organisation.resumed", "organisation.suspended"]);
    expect(items[0]?.actor).toBe(`user:${person.userId}`);
    const next = await office.call(person, "auditEntries.list", { first: 10, after: page.body["after"] }, where);
    expect((next.body["items"] as unknown[]).length).toBe(3);
    const filter = { action: "organisation.renamed", actor: `user:${person.userId}`, from: "2020-01-01T00:00:00Z" };
    const filtered = await office.call(person, "auditEntries.list", filter, where);
    expect((filtered.body["items"] as unknown[]).length).toBe(3);
    const none = await office.call(person, "auditEntries.list", { until: "2020-01-01T00:00:00Z" }, where);
    expect(none.body["items"]).toEqual([]);
    const support = await office.addMember(where.organisationId, [{ role: "support" }]);
    expect((await office.call(support, "auditEntries.list", {}, where)).code).toBe("api.forbidden");
    const auditor = await office.addMember(where.organisationId, [{ role: "auditor" }]);
    expect((await office.call(auditor, "auditEntries.list", {}, where)).status).toBe(200);
  });
});

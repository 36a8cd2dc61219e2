import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrganisationId, RoleId } from "../../kernel/ids.ts";
import { createOffice, type Office, type Person } from "./testing/office.ts";

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

describe("roles", () => {
  it("are made, listed, changed for everybody who holds them, and removed once nobody does", async () => {
    const input = { name: "Reader", permissions: ["trace:read", "user:read"] };
    const { roleId } = (await office.call(owner, "roles.create", input, place)).body as { roleId: RoleId };
    const listed = (await office.call(owner, "roles.list", {}, place)).body;
    expect(listed["custom"]).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ roleId, name: "Reader", permissions: ["user:read", "trace:read"] }),
      ]),
    );
    expect(listed["builtIn"]).toHaveLength(7);
    const member = await office.addMember(organisationId, [{ role: roleId }]);
    expect((await office.call(member, "users.list", {}, place)).status).toBe(200);
    await office.call(owner, "roles.update", { roleId, permissions: ["trace:read"] }, place);
    expect((await office.call(member, "users.list", {}, place)).code).toBe("api.forbidden");
    expect((await office.call(owner, "roles.delete", { roleId }, place)).code).toBe("organisations.role_in_use");
    await office.call(owner, "users.setGrants", { userId: member.userId, grants: [{ role: "support" }] }, place);
    const invitation = { email: "reader@example.com", grants: [{ role: roleId }] };
    const invited = await office.call(owner, "invitations.create", invitation, place);
    expect((await office.call(owner, "roles.delete", { roleId }, place)).code).toBe("organisations.role_in_use");
    await office.call(owner, "invitations.revoke", { invitationId: invited.body["invitationId"] }, place);
    expect((await office.call(owner, "roles.delete", { roleId }, place)).status).toBe(200);
  });

  it("are made of permissions of the catalogue, under a name of their own", async () => {
    const wrong = await office.call(
      owner,
      "roles.create",
      { name: "X", permissions: ["tree:read", "tree:admin"] },
      place,
    );
    expect(wrong.code).toBe("organisations.unknown_permission");
    expect(wrong.body["errors"]).toMatchObject([{ path: "permissions[1]" }]);
    const twice = { name: "Twice", permissions: ["tree:read"] };
    await office.call(owner, "roles.create", twice, place);
    expect((await office.call(owner, "roles.create", twice, place)).code).toBe("organisations.role_exists");
    const listed = await office.call(owner, "permissions.list", {}, place);
    expect(listed.body["items"]).toEqual(expect.arrayContaining([{ permission: "app:delete", roles: ["owner"] }]));
  });
});

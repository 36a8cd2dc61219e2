import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrganisationId } from "../../kernel/ids.ts";
import { builtInRoles, catalogue } from "./rights/catalogue.ts";
import { createOffice, type Office, type Person } from "./testing/office.ts";

let office: Office;
beforeAll(async () => {
  office = await createOffice();
});
afterAll(() => office.close());

/** Ids that name nothing, for the fields of paths. */
const nothing = {
  userId: `usr_${"0".repeat(32)}`,
  appId: `app_${"0".repeat(32)}`,
  roleId: `rol_${"0".repeat(32)}`,
  invitationId: `inv_${"0".repeat(32)}`,
};

function listInOrganisation() {
  return office.operations.filter((operation) => operation.scope === "organisation");
}

function toInput(operation: ReturnType<typeof listInOrganisation>[number]): object {
  const fields = Object.keys(operation.params?.shape ?? {});
  return Object.fromEntries(fields.map((field) => [field, Reflect.get(nothing, field)]));
}

async function reopen(organisationId: OrganisationId): Promise<void> {
  const text = "update organisations set suspended_at = null, delete_after = null where organisation_id = $1";
  await office.db.asAdmin(text, [organisationId.slice(4)]);
}

describe("every operation in an organisation", () => {
  it("GHSA-fm2f-4339-4p2f, CVE-2026-67621, CVE-2026-55762: lets in exactly the roles that the catalogue names", async () => {
    const wrong: string[] = [];
    for (const role of builtInRoles) {
      const founder = await office.addPerson();
      const organisationId = await office.found(founder, "Matrix");
      const member = await office.addMember(organisationId, [{ role }]);
      for (const operation of listInOrganisation()) {
        if (typeof operation.permission !== "string") continue;
        const { code } = await office.call(member, operation.name, toInput(operation), { organisationId });
        const isHolder = catalogue[operation.permission]?.includes(role) === true;
        if ((code === "api.forbidden") === isHolder) wrong.push(`${role} ${operation.name}: ${String(code)}`);
        await reopen(organisationId);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("SECURITY: is a place that does not exist for strangers, for holders of nothing, and for nobody at all", async () => {
    const [founder, stranger] = [await office.addPerson(), await office.addPerson()];
    const organisationId = await office.found(founder, "Closed");
    const disabled = await office.addMember(organisationId, [{ role: "owner" }]);
    await office.call(founder, "users.disable", { userId: disabled.userId }, { organisationId });
    for (const operation of listInOrganisation()) {
      const input = toInput(operation);
      for (const who of [stranger, disabled]) {
        const { code } = await office.call(who, operation.name, input, { organisationId });
        expect([operation.name, code]).toEqual([operation.name, "api.unknown_place"]);
      }
      expect((await office.call(undefined, operation.name, input, { organisationId })).status).toBe(401);
    }
  });

  it("SECURITY: asks for a second factor wherever rights, ownership or an end are decided", async () => {
    const owner: Person = await office.addPerson();
    const organisationId = await office.found(owner, "Stepped");
    const weak = await office.signIn(owner.userId, false);
    const asking: string[] = [];
    for (const operation of listInOrganisation()) {
      const { code } = await office.call(weak, operation.name, toInput(operation), { organisationId });
      if (code === "api.step_up_required") asking.push(operation.name);
      await reopen(organisationId);
    }
    expect(asking.sort()).toEqual([
      "apps.delete",
      "invitations.create",
      "organisations.delete",
      "organisations.updatePolicy",
      "ownership.accept",
      "ownership.offer",
      "roles.create",
      "roles.delete",
      "roles.update",
      "users.disable",
      "users.enable",
      "users.remove",
      "users.setGrants",
    ]);
  });

  it("SECURITY: takes no rights of one app for rights in the organisation", async () => {
    const owner = await office.addPerson();
    const organisationId = await office.found(owner, "Apart");
    const { appId } = (await office.call(owner, "apps.create", { name: "App" }, { organisationId })).body;
    const admin = await office.addMember(organisationId, [{ role: "admin", appId: appId as `app_${string}` }]);
    for (const operation of listInOrganisation()) {
      if (typeof operation.permission !== "string") continue;
      const { code } = await office.call(admin, operation.name, toInput(operation), { organisationId });
      expect([operation.name, code]).toEqual([operation.name, "api.forbidden"]);
    }
  });
});

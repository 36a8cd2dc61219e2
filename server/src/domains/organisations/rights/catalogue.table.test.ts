import { describe, expect, it } from "vitest";
import {
  builtInRoles,
  catalogue,
  expandScopes,
  isAdministrators,
  listRolePermissions,
  permissions,
} from "./catalogue.ts";

/** One row a permission, one column a role. */
function drawTable(): string {
  const width = Math.max(...permissions.map((permission) => permission.length)) + 1;
  const head = `${"".padEnd(width)}${builtInRoles.map((role) => role.slice(0, 9).padEnd(10)).join("")}`;
  const rows = permissions.map((permission) => {
    const cells = builtInRoles.map((role) => (listRolePermissions(role).includes(permission) ? "yes" : "-").padEnd(10));
    return `${permission.padEnd(width)}${cells.join("")}`;
  });
  return `\n${[head, ...rows].map((line) => line.trimEnd()).join("\n")}\n`;
}

describe("the permission catalogue", () => {
  it("GHSA-fm2f-4339-4p2f, CVE-2025-43862: says of each built-in role and each permission whether they go together", () => {
    expect(drawTable()).toMatchInlineSnapshot(`
      "
                               owner     admin     channel_m builder   support   auditor   inbox_age
      organisation:read        yes       yes       yes       yes       yes       yes       yes
      organisation:update      yes       yes       -         -         -         -         -
      organisation:suspend     yes       -         -         -         -         -         -
      organisation:delete      yes       -         -         -         -         -         -
      organisation:transfer    yes       -         -         -         -         -         -
      app:read                 yes       yes       yes       yes       yes       yes       yes
      app:create               yes       yes       -         -         -         -         -
      app:update               yes       yes       -         -         -         -         -
      app:suspend              yes       yes       -         -         -         -         -
      app:delete               yes       -         -         -         -         -         -
      user:read                yes       yes       yes       yes       yes       yes       -
      user:invite              yes       yes       -         -         -         -         -
      user:update              yes       yes       -         -         -         -         -
      user:remove              yes       yes       -         -         -         -         -
      user:administer          yes       -         -         -         -         -         -
      role:read                yes       yes       yes       yes       yes       yes       -
      role:write               yes       yes       -         -         -         -         -
      session:read             yes       yes       -         -         -         -         -
      session:end              yes       yes       -         -         -         -         -
      token:read               yes       yes       -         -         -         yes       -
      token:create             yes       yes       yes       -         -         -         -
      token:revoke             yes       yes       -         -         -         -         -
      audit:read               yes       yes       -         -         -         yes       -
      channel:read             yes       yes       yes       yes       yes       yes       -
      channel:write            yes       yes       yes       -         -         -         -
      tree:read                yes       yes       yes       yes       yes       yes       -
      tree:write               yes       yes       yes       yes       -         -         -
      tree:publish             yes       yes       yes       yes       -         -         -
      webhook:read             yes       yes       yes       -         -         yes       -
      webhook:write            yes       yes       yes       -         -         -         -
      bot:sendResponses        yes       yes       -         -         yes       -         yes
      bot:redirectMemberToNode yes       yes       -         -         yes       -         yes
      conversation:read        yes       yes       -         -         yes       yes       yes
      conversation:write       yes       yes       -         -         yes       -         yes
      trace:read               yes       yes       yes       yes       -         yes       -
      file:read                yes       yes       yes       yes       yes       yes       yes
      file:write               yes       yes       yes       yes       yes       -         yes
      "
    `);
  });

  it("gives the owner everything, and everybody less than the role before where they are ordered", () => {
    expect(listRolePermissions("owner")).toEqual(permissions);
    const holds = (role: (typeof builtInRoles)[number]): Set<string> => new Set(listRolePermissions(role));
    expect(holds("admin").isSubsetOf(holds("owner"))).toBe(true);
    expect(holds("channel_manager").isSubsetOf(holds("admin"))).toBe(true);
    expect(holds("builder").isSubsetOf(holds("channel_manager"))).toBe(true);
  });

  it("lets a builder and a channel manager read no conversations, and a builder make no tokens", () => {
    expect(catalogue["conversation:read"]).not.toContain("builder");
    expect(catalogue["conversation:read"]).not.toContain("channel_manager");
    expect(catalogue["token:create"]).not.toContain("builder");
  });

  it("knows what only owners and admins hold, and leaves out of scopes what it does not know", () => {
    expect(permissions.filter(isAdministrators)).toContain("user:administer");
    expect(permissions.filter(isAdministrators)).not.toContain("token:create");
    expect(expandScopes(["tree:admin", "nothing:admin", "tree:admin:x", "conversation:read"])).toEqual([
      "tree:read",
      "tree:write",
      "tree:publish",
      "conversation:read",
    ]);
  });
});

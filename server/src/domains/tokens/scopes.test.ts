import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtInRoles, expandScopes, listRolePermissions, permissions } from "../organisations/index.ts";
import { listScopeMistakes, listScopesBeyond } from "./scopes.ts";

describe("scopes of a token", () => {
  it.each(["channel:fly", "nothing:admin", "channel", "channel:*", "*:*", "CHANNEL:read", ":", "channel:read "])(
    "that no permission is called %s are refused",
    (scope) => {
      expect(listScopeMistakes(["channel:read", scope], "api").map((mistake) => mistake.path)).toEqual(["scopes[1]"]);
    },
  );

  it("are permissions of the catalogue or bundles of them", () => {
    const bundles = permissions.map((permission) => `${permission.split(":")[0]}:admin`);
    expect(listScopeMistakes([...permissions, ...bundles], "api")).toEqual([]);
  });

  it("SECURITY: of a bot are bot:*, conversation:read and trace:read, and no other of the whole catalogue", () => {
    const allowed = permissions.filter((permission) => listScopeMistakes([permission], "bot").length === 0);
    expect(allowed.toSorted()).toEqual(
      ["bot:redirectMemberToNode", "bot:sendResponses", "conversation:read", "trace:read"].toSorted(),
    );
    expect(listScopeMistakes(["bot:admin"], "bot")).toEqual([]);
    expect(listScopeMistakes(["channel:admin", "token:admin"], "bot")).toHaveLength(2);
  });

  it("SECURITY: never let a role hand out what it does not hold, by name or by bundle", () => {
    const scope = fc.constantFrom(...permissions, ...permissions.map((one) => `${one.split(":")[0]}:admin`));
    fc.assert(
      fc.property(fc.constantFrom(...builtInRoles), fc.array(scope, { maxLength: 5 }), (role, scopes) => {
        const held: readonly string[] = listRolePermissions(role);
        const isWithin = expandScopes(scopes).every((permission) => held.includes(permission));
        expect(listScopesBeyond(scopes, held).length === 0).toBe(isWithin);
      }),
    );
  });
});

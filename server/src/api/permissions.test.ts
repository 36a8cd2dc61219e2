import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPermitted } from "./permissions.ts";

describe("a permission", () => {
  it.each([
    [["channels:read"], true],
    [["channels:admin"], true],
    [["channels:write"], false],
    [["channel:admin"], false],
    [["channels"], false],
    [["channels:*", "*", ":admin", "channels:readx"], false],
    [[], false],
  ])("to read channels is given by the scopes %j: %s", (scopes, isGiven) => {
    expect(isPermitted(scopes, "channels:read")).toBe(isGiven);
  });

  it("is never given by scopes of other resources", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word)), (pairs) => {
        const scopes = pairs.filter(([resource]) => resource !== "channels").map((pair) => pair.join(":"));
        expect(isPermitted(scopes, "channels:read")).toBe(false);
      }),
    );
  });
});

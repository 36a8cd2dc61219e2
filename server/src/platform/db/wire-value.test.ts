import { describe, expect, it } from "vitest";
import { toWireValue } from "./wire-value.ts";

describe("values on the wire", () => {
  it("sends bytes as they are and nothing as null", () => {
    const bytes = Buffer.from([0, 255]);
    expect(toWireValue(bytes)).toBe(bytes);
    expect(toWireValue(null)).toBeNull();
  });

  it("spells numbers, truth and times", () => {
    expect([7, -1.5, true, new Date(0)].map(toWireValue)).toEqual(["7", "-1.5", "true", "1970-01-01T00:00:00.000Z"]);
  });

  it("quotes every element that could be read as something else", () => {
    expect(toWireValue(["a-b", "null", "", 'say "x"', "back\\slash", "a,b", "{}", null])).toBe(
      '{a-b,"null","","say \\"x\\"","back\\\\slash","a,b","{}",NULL}',
    );
    expect(toWireValue([Buffer.from("ab"), null])).toBe('{"\\\\x6162",NULL}');
    expect(toWireValue([])).toBe("{}");
  });
});

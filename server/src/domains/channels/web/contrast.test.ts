import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accentInks, contrastOf, findInk, findReadable, isReadable } from "./contrast.ts";

const anyColour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, "0")}`);

describe("the contrast of two colours", () => {
  it.each([
    ["#000000", "#ffffff", 21],
    ["#ffffff", "#ffffff", 1],
    ["#777777", "#ffffff", 4.48],
    ["#767676", "#ffffff", 4.54],
    ["#ff0000", "#ffffff", 4],
    ["#0000ff", "#ffffff", 8.59],
    ["#ffff00", "#000000", 19.56],
  ])("of %s and %s is %d", (one, other, ratio) => {
    expect(contrastOf(one, other)).toBeCloseTo(ratio, 1);
    expect(contrastOf(other, one)).toBe(contrastOf(one, other));
  });
});

describe("an accent", () => {
  it("carries white where white can be read, else near-black", () => {
    expect(findInk("#2e54c4").ink).toBe("#ffffff");
    expect(findInk("#ffd400").ink).toBe(accentInks[1]);
    expect(["#2e54c4", "#ffd400", "#000000", "#ffffff"].map(isReadable)).toEqual([true, true, true, true]);
  });

  it("between the two is refused, with a colour near it that passes", () => {
    for (const accent of ["#808080", "#7b7b7b", "#e8402a", "#00879e"].filter((colour) => !isReadable(colour))) {
      const found = findReadable(accent);
      expect(isReadable(found)).toBe(true);
      expect(contrastOf(accent, found)).toBeLessThan(1.2);
    }
    expect(isReadable("#7b7b7b")).toBe(false);
    expect(findReadable("#7b7b7b")).toBe("#767676");
  });

  it("that passes is its own nearest, and every other has one", () => {
    fc.assert(
      fc.property(anyColour, (accent) => {
        const found = findReadable(accent);
        expect(isReadable(found)).toBe(true);
        if (isReadable(accent)) expect(found).toBe(accent);
      }),
    );
  });
});

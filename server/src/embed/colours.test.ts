import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contrast, toPalette } from "./colours.ts";

type Rgb = readonly [number, number, number];

const parse = (css: string | undefined): Rgb => (css?.match(/\d+/g) ?? []).map(Number) as unknown as Rgb;

describe("the palette of an accent colour", () => {
  it("is legible for every colour a channel can choose", () => {
    const part = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(part, part, part, (...parts) => {
        const palette = toPalette(`#${parts.map((one) => one.toString(16).padStart(2, "0")).join("")}`);
        expect(parse(palette["--accent"])).toEqual(parts);
        expect(contrast(parse(palette["--accent-ink"]), parts)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(parse(palette["--accent-light"]), [229, 232, 237])).toBeGreaterThanOrEqual(4.5);
        expect(contrast(parse(palette["--accent-dark"]), [49, 55, 66])).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it("takes nothing but a colour: what is none becomes the widget's own", () => {
    for (const hostile of ["red; background: url(//x)", "#12345", "", "#12345g"]) {
      expect(toPalette(hostile)).toEqual(toPalette("#2e54c4"));
    }
  });
});

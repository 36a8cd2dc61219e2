import { encode } from "uqr";
import { describe, expect, it } from "vitest";
import { toQrSvg } from "./qr-code.ts";

const text = "otpauth://totp/Parley:alice%40example.com?secret=ABCDABCDABCDABCDABCDABCDABCDABCD&issuer=Parley";

/** Draws the path's strokes into a grid, as a viewer would. */
function toGrid(svg: string): boolean[][] {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const grid = Array.from({ length: side }, () => Array.from({ length: side }, () => false));
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let step = 0; step < Number(length); step += 1) (grid[Number(y)] ?? [])[Number(x) + step] = true;
  }
  return grid;
}

describe("a QR code", () => {
  it("shows exactly the encoder's modules inside a quiet zone of four", () => {
    const grid = toGrid(toQrSvg(text, "t"));
    const { data, size } = encode(text, { ecc: "M", border: 0 });
    expect(grid).toHaveLength(size + 8);
    const inner = grid.slice(4, -4).map((row) => row.slice(4, -4));
    expect(inner).toEqual(data);
    const dark = grid.flat().filter(Boolean).length;
    expect(dark).toBe(data.flat().filter(Boolean).length);
  });

  it("is an image with a title, black on white, without any style or script", () => {
    const svg = toQrSvg(text, "Code for <alice> & co");
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="[^"]+" role="img"/);
    expect(svg).toContain("<title>Code for &lt;alice&gt; &amp; co</title>");
    expect(svg).toContain('fill="#fff"');
    expect(svg).toContain('<path fill="#000"');
    expect(svg).not.toMatch(/style|script|on\w+=|href/);
  });
});

// The channel's accent colour, made legible: the ink that stands on it, and its shade that can stand as text on the ground
// of either scheme. WCAG 2.2 1.4.3 asks for 4.5:1. The frame sets them through CSSOM, because its policy takes no
// style attribute.

type Rgb = readonly [number, number, number];

const contrastMin = 4.5;
/** `--press` of the widget's `embed.css` in both schemes: of the grounds that accent text stands on, the one with the least contrast. */
const lightGround: Rgb = [229, 232, 237];
const darkGround: Rgb = [49, 55, 66];
const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];

function parseColour(colour: string): Rgb {
  const value = /^#[0-9a-f]{6}$/i.test(colour) ? Number.parseInt(colour.slice(1), 16) : 0x2e54c4;
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

/** Contrast of two colours, 1 to 21. WCAG 2.2, contrast ratio. */
export function contrast(one: Rgb, other: Rgb): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

function mix(colour: Rgb, towards: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => Math.round(colour[index] + (towards[index] - colour[index]) * share);
  return [part(0), part(1), part(2)];
}

function toLegible(colour: Rgb, ground: Rgb, towards: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, towards, share);
    if (contrast(mixed, ground) >= contrastMin) return mixed;
  }
  return towards;
}

/** By the names of the custom properties. */
export type Palette = Readonly<Record<"--accent" | "--accent-ink" | "--accent-light" | "--accent-dark", string>>;

const toCss = (colour: Rgb): string => `rgb(${colour.join(" ")})`;

/** The custom properties of an accent: itself, black or white upon it, and itself as text in both schemes. */
export function toPalette(accent: string): Palette {
  const colour = parseColour(accent);
  return {
    "--accent": toCss(colour),
    "--accent-ink": toCss(contrast(colour, white) >= contrast(colour, black) ? white : black),
    "--accent-light": toCss(toLegible(colour, lightGround, black)),
    "--accent-dark": toCss(toLegible(colour, darkGround, white)),
  };
}

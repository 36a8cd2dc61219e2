// Whether people can read what the widget writes on its accent colour (WCAG 2.2, 1.4.3 and the definitions of relative
// luminance and contrast ratio). Colours are `#rrggbb`.

/** What the widget writes on the accent: white where that can be read, else this near-black. */
export const accentInks = ["#ffffff", "#1a1e24"] as const;

/** Of text (WCAG 1.4.3, level AA). */
const ratioMin = 4.5;
const steps = 256;

type Rgb = readonly [number, number, number];

function toRgb(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function toHex(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

function toLuminance(colour: string): number {
  const [red, green, blue] = toRgb(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast ratio of two colours, 1 to 21. */
export function contrastOf(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [toLuminance(one), toLuminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** The better of the two inks on this accent, and its ratio. */
export function findInk(accent: string): { ink: string; ratio: number } {
  const [first, second] = accentInks.map((ink) => ({ ink, ratio: contrastOf(accent, ink) })) as [
    { ink: string; ratio: number },
    { ink: string; ratio: number },
  ];
  return first.ratio >= ratioMin || first.ratio >= second.ratio ? first : second;
}

/** Whether text on this accent reaches 4.5:1. */
export function isReadable(accent: string): boolean {
  return findInk(accent).ratio >= ratioMin;
}

function mix(from: Rgb, to: Rgb, share: number): string {
  return toHex(from.map((part, index) => part + ((to[index] ?? 0) - part) * share) as unknown as Rgb);
}

/** The colour nearest to `accent`, darker or lighter, on which text can be read: itself when it is one. */
export function findReadable(accent: string): string {
  const from = toRgb(accent);
  for (let step = 0; step <= steps; step += 1) {
    const share = step / steps;
    const found = [mix(from, [0, 0, 0], share), mix(from, [255, 255, 255], share)].find(isReadable);
    if (found !== undefined) return found;
  }
  return "#000000";
}

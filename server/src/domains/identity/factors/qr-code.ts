// A QR code as an SVG document of its own: black on white with the quiet zone of four modules that ISO/IEC 18004 asks for,
// readable in a dark page, named for screen readers, and without a style attribute, so the strictest content policy
// shows it. What it encodes may be a secret: send it with `Cache-Control: no-store` and never log it.

import { encode } from "uqr";

const quietModules = 4;

/** A code as a drawing: the side of the square with its quiet zone, and the SVG path of the dark modules. */
export interface QrDrawing {
  readonly side: number;
  readonly path: string;
}

/** Draws `text`, up to some 2,000 characters. Each run of dark modules in a row is one stroke. */
export function toQrDrawing(text: string): QrDrawing {
  const { data, size } = encode(text, { ecc: "M", border: 0 });
  const strokes = data.flatMap((row, y) => listRuns(row).map(([start, length]) => toStroke(start, y, length)));
  return { side: size + 2 * quietModules, path: strokes.join("") };
}

/** The drawing as a document of its own, under an accessible title. */
export function toQrSvg(text: string, title: string): string {
  const { side, path } = toQrDrawing(text);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" role="img" shape-rendering="crispEdges">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="${side}" height="${side}" fill="#fff"/>`,
    `<path fill="#000" d="${path}"/>`,
    "</svg>",
  ].join("");
}

function toStroke(start: number, y: number, length: number): string {
  return `M${start + quietModules} ${y + quietModules}h${length}v1h-${length}z`;
}

/** The runs of dark modules of one row, each as its start and length. */
function listRuns(row: readonly boolean[]): (readonly [start: number, length: number])[] {
  const runs: (readonly [number, number])[] = [];
  let start = -1;
  for (let x = 0; x <= row.length; x += 1) {
    const isDark = row[x] === true;
    if (isDark && start < 0) start = x;
    if (!isDark && start >= 0) {
      runs.push([start, x - start]);
      start = -1;
    }
  }
  return runs;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

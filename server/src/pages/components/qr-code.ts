// A QR code as one SVG path: no image to load, no style, black on white in every colour scheme so that cameras read it.

import { encode } from "uqr";
import { type Html, html } from "../../platform/html/index.ts";

/** The text as a QR code with a quiet zone of four modules (ISO/IEC 18004). `title` says what it is for. */
export function qrCode(text: string, title: string): Html {
  const { size, data } = encode(text, { ecc: "M", border: 4 });
  const modules = data.flatMap((line, y) => line.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")));
  return html`<figure class="qr">
    <svg viewBox="0 0 ${size} ${size}" role="img" aria-label="${title}" shape-rendering="crispEdges">
      <path fill="#fff" d="M0 0h${size}v${size}H0z"></path>
      <path fill="#000" d="${modules.join("")}"></path>
    </svg>
  </figure>`;
}

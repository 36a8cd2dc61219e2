// A QR code in a page: no image to load, no style, black on white in every colour scheme so that cameras read it.

import { toQrDrawing } from "../../domains/identity/index.ts";
import { type Html, html } from "../../platform/html/index.ts";

/** The text as a QR code. `title` says what it is for. */
export function qrCode(text: string, title: string): Html {
  const { side, path } = toQrDrawing(text);
  return html`<figure class="qr">
    <svg viewBox="0 0 ${side} ${side}" role="img" aria-label="${title}" shape-rendering="crispEdges">
      <path fill="#fff" d="M0 0h${side}v${side}H0z"></path>
      <path fill="#000" d="${path}"></path>
    </svg>
  </figure>`;
}

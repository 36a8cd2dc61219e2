// A text of anybody as HTML, for letters and pages. The tree comes from `@parley/richtext`; here each of its nodes has its
// element, written by the template that escapes. Text brings no element, attribute or style of its own.

import type { Block, Inline } from "@parley/richtext";
import { attributes } from "./attributes.ts";
import { type Html, html } from "./html.ts";
import { textLink } from "./link.ts";

function renderInline(inline: Inline): Html {
  if (inline.kind === "text") return html`${inline.text}`;
  if (inline.kind === "break") return html`<br>`;
  if (inline.kind === "code") return html`<code>${inline.text}</code>`;
  const children = inline.children.map(renderInline);
  if (inline.kind !== "link") {
    return inline.kind === "strong" ? html`<strong>${children}</strong>` : html`<em>${children}</em>`;
  }
  const rel = "noopener noreferrer nofollow ugc";
  return html`<a href="${textLink(inline.url)}" rel="${rel}" target="_blank" dir="auto">${children}</a>`;
}

function renderBlock(block: Block): Html {
  if (block.kind === "paragraph") return html`<p dir="auto">${block.children.map(renderInline)}</p>`;
  if (block.kind === "code") return html`<pre dir="auto"><code>${block.text}</code></pre>`;
  if (block.kind === "quote") return html`<blockquote dir="auto">${renderRichText(block.children)}</blockquote>`;
  const items = block.items.map((item) => html`<li dir="auto">${renderRichText(item)}</li>`);
  if (!block.isOrdered) return html`<ul dir="auto">${items}</ul>`;
  return html`<ol ${attributes({ dir: "auto", start: block.start })}>${items}</ol>`;
}

/** The tree as HTML: p, br, strong, em, code, pre, ul, ol, li, blockquote, and a with a checked address. */
export function renderRichText(blocks: readonly Block[]): Html {
  return html`${blocks.map(renderBlock)}`;
}

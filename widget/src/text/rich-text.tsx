// A text of anybody as elements. The tree has no HTML, images or unchecked addresses, and nothing is added here: each node
// has its element, and every text is a text node.

import { type Block, type Inline, parseRichText } from "@parley/richtext";
import type { ComponentChildren, VNode } from "preact";

function renderInline(inline: Inline): ComponentChildren {
  if (inline.kind === "text") return inline.text;
  if (inline.kind === "break") return <br />;
  if (inline.kind === "code") return <code>{inline.text}</code>;
  const children = inline.children.map(renderInline);
  if (inline.kind !== "link") return inline.kind === "strong" ? <strong>{children}</strong> : <em>{children}</em>;
  // SECURITY: the address is a `SafeUrl`; the page behind it learns nothing of this one and cannot reach it.
  return (
    <a href={inline.url} rel="noopener noreferrer nofollow ugc" target="_blank" dir="auto">
      {children}
    </a>
  );
}

function renderBlock(block: Block): VNode {
  if (block.kind === "paragraph") return <p dir="auto">{block.children.map(renderInline)}</p>;
  if (block.kind === "code") {
    return (
      <pre dir="auto">
        <code>{block.text}</code>
      </pre>
    );
  }
  if (block.kind === "quote") return <blockquote dir="auto">{block.children.map(renderBlock)}</blockquote>;
  const items = block.items.map((item) => <li dir="auto">{item.map(renderBlock)}</li>);
  if (!block.isOrdered) return <ul dir="auto">{items}</ul>;
  return (
    <ol dir="auto" start={block.start}>
      {items}
    </ol>
  );
}

/** The Markdown subset of `text` as elements: p, br, strong, em, code, pre, ul, ol, li, blockquote and a. */
export function RichText({ text }: { readonly text: string }): VNode {
  return <>{parseRichText(text).map(renderBlock)}</>;
}

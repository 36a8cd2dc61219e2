import type { Block, Inline } from "@parley/richtext";

/** The inner text of inlines. */
function readText(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => ("text" in inline ? inline.text : "children" in inline ? readText(inline.children) : " "))
    .join("");
}

function stripInline(inline: Inline): Inline {
  if (inline.kind !== "link") {
    return "children" in inline ? { ...inline, children: inline.children.map(stripInline) } : inline;
  }
  const label = readText(inline.children);
  const address = inline.url.replace(/^(?:mailto|tel):/, "");
  return { kind: "text", text: label === address || `${label}/` === address ? label : `${label} (${address})` };
}

/** The tree with every link as the words it had and where it led: for letters, whose links are ours alone. */
export function withoutLinks(blocks: readonly Block[]): Block[] {
  return blocks.map((block): Block => {
    if (block.kind === "paragraph") return { ...block, children: block.children.map(stripInline) };
    if (block.kind === "quote") return { ...block, children: withoutLinks(block.children) };
    return block.kind === "list" ? { ...block, items: block.items.map(withoutLinks) } : block;
  });
}

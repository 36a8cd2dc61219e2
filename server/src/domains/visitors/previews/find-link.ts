import { type Block, type Inline, parseRichText } from "@parley/richtext";

const urlMax = 2_000;

function* listInlines(inlines: readonly Inline[]): Generator<Inline> {
  for (const inline of inlines) {
    yield inline;
    if ("children" in inline) yield* listInlines(inline.children);
  }
}

function* listAllInlines(blocks: readonly Block[]): Generator<Inline> {
  for (const block of blocks) {
    if (block.kind === "paragraph") yield* listInlines(block.children);
    if (block.kind === "quote") yield* listAllInlines(block.children);
    if (block.kind === "list") for (const item of block.items) yield* listAllInlines(item);
  }
}

/** The first https link of a text, as its reader sees it; undefined when there is none of at most 2000 characters. */
export function findPreviewLink(text: string): string | undefined {
  for (const inline of listAllInlines(parseRichText(text))) {
    if (inline.kind === "link" && inline.url.startsWith("https://")) {
      return inline.url.length <= urlMax ? inline.url : undefined;
    }
  }
  return undefined;
}

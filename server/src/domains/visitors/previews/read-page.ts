// What a page says about itself in its head: Open Graph (ogp.me) before title and description. Read as it comes, and only
// as far as the body; nothing of it is kept but a few short texts and one address.

import { Parser } from "htmlparser2";
import { toOneLine } from "../../../platform/html/index.ts";

/** A page as a preview shows it. */
export interface PageFacts {
  readonly title: string;
  readonly description?: string;
  /** An absolute https address. */
  readonly imageUrl?: string;
}

const pieceCharacters = 16_384;
/** More of a text is not looked at; more than fits is cut or, of an address, refused. */
const rawMax = 4_000;
const titleMax = 150;
const descriptionMax = 300;
const urlMax = 2_000;
const wanted = new Set([
  "og:title",
  "og:description",
  "og:image",
  "og:image:url",
  "og:image:secure_url",
  "description",
]);

interface Found {
  readonly metas: Map<string, string>;
  title: string;
  isDone: boolean;
}

function createParser(found: Found): Parser {
  let isInTitle = false;
  let hasTitle = false;
  return new Parser({
    onopentag(name, attributes) {
      if (found.isDone) return;
      if (name === "body") found.isDone = true;
      if (name === "title" && !hasTitle) isInTitle = true;
      if (name !== "meta") return;
      const key = (attributes["property"] ?? attributes["name"] ?? "").toLowerCase();
      const content = attributes["content"]?.slice(0, rawMax);
      if (content !== undefined && wanted.has(key) && !found.metas.has(key)) found.metas.set(key, content);
    },
    ontext(text) {
      if (isInTitle && !found.isDone && found.title.length < rawMax) found.title += text.slice(0, rawMax);
    },
    onclosetag(name) {
      if (name === "head") found.isDone = true;
      if (name !== "title") return;
      isInTitle = false;
      hasTitle = true;
    },
  });
}

function toShown(text: string | undefined, max: number): string | undefined {
  const plain = toOneLine(text ?? "");
  if (plain === "") return undefined;
  if (plain.length <= max) return plain;
  return `${plain
    .slice(0, max - 1)
    .toWellFormed()
    .replace(/\ufffd$/, "")
    .trimEnd()}…`;
}

function toImageUrl(text: string | undefined, pageUrl: string): string | undefined {
  const url = text === undefined ? null : URL.parse(text.trim(), pageUrl);
  const isPlain = url?.protocol === "https:" && url.username === "" && url.password === "";
  return isPlain && url.href.length <= urlMax ? url.href : undefined;
}

/** Reads a page's head. Undefined when it has no title. */
export function readPage(page: string, pageUrl: string): PageFacts | undefined {
  const found: Found = { metas: new Map(), title: "", isDone: false };
  const parser = createParser(found);
  for (let start = 0; start < page.length && !found.isDone; start += pieceCharacters) {
    parser.write(page.slice(start, start + pieceCharacters));
  }
  if (!found.isDone) parser.end();
  const { metas } = found;
  const title = toShown(metas.get("og:title"), titleMax) ?? toShown(found.title, titleMax);
  if (title === undefined) return undefined;
  const description =
    toShown(metas.get("og:description"), descriptionMax) ?? toShown(metas.get("description"), descriptionMax);
  const image = metas.get("og:image:secure_url") ?? metas.get("og:image") ?? metas.get("og:image:url");
  const imageUrl = toImageUrl(image, pageUrl);
  return {
    title,
    ...(description === undefined ? {} : { description }),
    ...(imageUrl === undefined ? {} : { imageUrl }),
  };
}

// Where the holes of a template stand. Escaping is right only for a place: text, or a quoted attribute. Every other place
// (a tag's name, an unquoted value, a script, a style sheet, a comment) is refused when the template is first used.

import { AppError } from "../../kernel/errors.ts";
import { htmlErrors } from "./errors.ts";

export type HoleContext =
  | { readonly kind: "text" }
  /** Inside `<title>` or `<textarea>`: text, but no elements. */
  | { readonly kind: "plain" }
  /** Between attributes. */
  | { readonly kind: "tag" }
  /** In the quoted value of an attribute; `before` is what the template wrote of the value so far. */
  | { readonly kind: "attribute"; readonly name: string; readonly before: string };

type Mode = "text" | "tag" | "value" | "comment" | "raw" | "plain";

const rawElements = new Set(["script", "style", "iframe", "noembed", "noframes", "xmp", "plaintext"]);
const plainElements = new Set(["title", "textarea"]);

class Scanner {
  #mode: Mode = "text";
  #tag = "";
  #isClosing = false;
  #attribute = "";
  #quote = '"';
  #before = "";
  #text = "";
  #at = 0;

  /** Reads one static part of the template. */
  read(text: string): void {
    this.#text = text;
    this.#at = 0;
    while (this.#at < text.length) this.#step();
  }

  /** The context of a hole that stands here. */
  hole(): HoleContext {
    if (this.#mode === "value") return { kind: "attribute", name: this.#attribute, before: this.#before };
    if (this.#mode === "tag" && this.#isClosing) throw refuse("a value cannot stand in a closing tag");
    if (this.#mode === "raw" || this.#mode === "comment") throw refuse(`a value cannot stand in a ${this.#tag}`);
    return { kind: this.#mode };
  }

  /** Whether the template may end here. */
  isComplete(): boolean {
    return this.#mode === "text";
  }

  #step(): void {
    if (this.#mode === "text") return this.#readText();
    if (this.#mode === "tag") return this.#readTag();
    if (this.#mode === "value") return this.#readValue();
    if (this.#mode === "comment") return this.#skipPast("-->");
    this.#readElementText();
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  #skipPast(end: string): void {
    const found = this.#text.indexOf(end, this.#at);
    this.#at = found < 0 ? this.#text.length : found + end.length;
    if (found >= 0) this.#mode = "text";
  }

  #readText(): void {
    if (this.#take(/[^<]+/y) !== null || this.#take(/<!doctype html>/iy) !== null) return;
    if (this.#take(/<!--/y) !== null) {
      this.#mode = "comment";
      this.#tag = "comment";
      return;
    }
    const tag = this.#take(/<(\/?)([a-z][a-z0-9-]*)/iy);
    if (tag === null) throw refuse("a lone < must be written &lt;");
    this.#isClosing = tag[1] === "/";
    this.#tag = (tag[2] ?? "").toLowerCase();
    this.#mode = "tag";
  }

  #readTag(): void {
    if (this.#take(/\s+/y) !== null) return;
    if (this.#take(/\/?>/y) !== null) {
      this.#mode = this.#isClosing ? "text" : this.#modeInside();
      return;
    }
    const attribute = this.#take(/([^\s"'<>/=]+)=(["'])/y);
    if (attribute !== null) {
      this.#attribute = (attribute[1] ?? "").toLowerCase();
      this.#quote = attribute[2] ?? "";
      this.#before = "";
      this.#mode = "value";
      return;
    }
    if (this.#take(/[^\s"'<>/=]+(?=[\s/>])/y) === null) {
      throw refuse(`<${this.#tag}> has a value without quotes, or a name that is put together`);
    }
  }

  #modeInside(): Mode {
    if (rawElements.has(this.#tag)) return "raw";
    return plainElements.has(this.#tag) ? "plain" : "text";
  }

  #readValue(): void {
    const end = this.#text.indexOf(this.#quote, this.#at);
    this.#before += this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 1;
    if (end >= 0) this.#mode = "tag";
  }

  #readElementText(): void {
    const end = this.#text.toLowerCase().indexOf(`</${this.#tag}`, this.#at);
    this.#at = end < 0 ? this.#text.length : end;
    if (end >= 0) this.#mode = "text";
  }
}

function refuse(note: string): AppError {
  return new AppError(htmlErrors.template, { note });
}

/** The context of every hole. Throws `html.template` when one stands where nothing can be put in safely. */
export function findContexts(strings: TemplateStringsArray): readonly HoleContext[] {
  const scanner = new Scanner();
  const contexts = strings.slice(0, -1).map((text) => {
    scanner.read(text);
    return scanner.hole();
  });
  scanner.read(strings.at(-1) ?? "");
  if (!scanner.isComplete()) throw refuse("a template must close the tags, comments and attributes it opens");
  return contexts;
}

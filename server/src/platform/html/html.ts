// The one way HTML is written, for pages and letters: a tagged template that escapes every value for the place where it
// stands. There is no way to put in unescaped text; what is not plain text is built from templates.

import { AppError } from "../../kernel/errors.ts";
import { Attributes, writeValue } from "./attributes.ts";
import { findContexts, type HoleContext } from "./context.ts";
import type { Css } from "./css.ts";
import { htmlErrors } from "./errors.ts";
import { escapeText } from "./escape.ts";
import type { Link } from "./link.ts";

/** What may stand in a template. `false`, `null` and `undefined` write nothing; an array writes its parts in turn. */
export type HtmlValue =
  | string
  | number
  | bigint
  | false
  | null
  | undefined
  | Html
  | Attributes
  | Link
  | Css
  | readonly HtmlValue[];

let make: (text: string) => Html;
const contexts = new WeakMap<TemplateStringsArray, readonly HoleContext[]>();

export class Html {
  #text = "";

  private constructor() {}

  static {
    make = (text) => {
      const made = new Html();
      made.#text = text;
      return made;
    };
  }

  /** The written HTML. */
  toString(): string {
    return this.#text;
  }
}

function refuse(note: string): AppError {
  return new AppError(htmlErrors.template, { note });
}

function writeText(value: unknown, isPlain: boolean): string {
  if (value === undefined || value === null || value === false) return "";
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return escapeText(String(value));
  }
  if (Array.isArray(value)) return value.map((part) => writeText(part, isPlain)).join("");
  if (value instanceof Html && !isPlain) return value.toString();
  throw refuse("text takes strings, numbers, html`...` and arrays of them");
}

function write(context: HoleContext, value: unknown): string {
  if (context.kind === "attribute") return writeValue(context.name, context.before, value);
  if (context.kind !== "tag") return writeText(value, context.kind === "plain");
  if (value === undefined || value === null || value === false) return "";
  if (value instanceof Attributes) return value.toString();
  throw refuse("between attributes only attributes({...}) can stand");
}

/**
 * Writes HTML. Values are escaped; `Html` and arrays nest in text. In an attribute, which must be quoted, an address is a
 * `link(...)` or `localLink(...)`, a style is `css`; whole attributes come from `attributes({...})`. Throws
 * `html.template` for a value that cannot be put safely where it stands.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let places = contexts.get(strings);
  if (places === undefined) {
    places = findContexts(strings);
    contexts.set(strings, places);
  }
  // SECURITY: every value is escaped for its place; nothing from outside becomes an element or an attribute.
  const holes = places.map((context, index) => write(context, values[index]));
  return make(strings.map((text, index) => text + (holes[index] ?? "")).join(""));
}

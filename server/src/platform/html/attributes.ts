// Attributes of an element: which names a value may be given, and what a value must be. Used for written attributes
// (`title="${name}"`) and for whole sets (`<input ${attributes({ name, checked: true })}>`).

import { AppError } from "../../kernel/errors.ts";
import { Css } from "./css.ts";
import { htmlErrors } from "./errors.ts";
import { escapeText } from "./escape.ts";
import { Link } from "./link.ts";

export type AttributeValue = string | number | bigint | Link | Css | boolean | null | undefined;

const addressNames = new Set(["href", "src", "action", "formaction", "poster", "cite", "data", "xlink:href", "ping"]);
const refusedNames = new Set(["srcdoc", "srcset", "imagesrcset", "http-equiv"]);
/** A beginning that settles where the address leads: a path of this server, a query, a fragment, or a whole origin. */
const settled = /^(?:\/[\w.-]|[?#]|https?:\/\/[\w.-]+(?::\d+)?\/|mailto:[^?]*\?)/;

function refuse(note: string): AppError {
  return new AppError(htmlErrors.template, { note });
}

/**
 * The escaped text of a value in the attribute `name`, whose value the template began with `before`. Throws
 * `html.template` for a value that such an attribute must not take: addresses are `Link`, styles are `Css`.
 */
export function writeValue(name: string, before: string, value: unknown): string {
  // SECURITY: no value can become a script, a style or a document of its own.
  if (name.startsWith("on") || refusedNames.has(name)) throw refuse(`${name} takes no value`);
  if (name === "style") {
    if (value instanceof Css) return escapeText(value.toString());
    throw refuse("style takes css`...`");
  }
  if (value instanceof Link) return escapeText(value.toString());
  if (addressNames.has(name) && !settled.test(before)) throw refuse(`${name} takes link(...) or localLink(...)`);
  if (value === undefined || value === null || value === false) return "";
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return escapeText(String(value));
  }
  throw refuse(`${name} takes a string or a number`);
}

let make: (text: string) => Attributes;

export class Attributes {
  #text = "";

  private constructor() {}

  static {
    make = (text) => {
      const made = new Attributes();
      made.#text = text;
      return made;
    };
  }

  toString(): string {
    return this.#text;
  }
}

/** A set of attributes: `true` writes the bare name, `false`, `null` and `undefined` leave it out. */
export function attributes(values: Readonly<Record<string, AttributeValue>>): Attributes {
  const written = Object.entries(values).map(([name, value]) => {
    if (!/^[a-z][a-z0-9:-]*$/.test(name)) throw refuse("an attribute's name is mistaken");
    if (value === undefined || value === null || value === false) return "";
    const text = writeValue(name, "", value === true ? "" : value);
    return value === true ? ` ${name}` : ` ${name}="${text}"`;
  });
  return make(written.join(""));
}

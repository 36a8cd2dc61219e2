// The templates most trees are made of, texts with bare paths like `{{ event.match[1] }}`, without the template engine: the
// same text at a fifth of its cost. Anything else (filters, tags, quotes, `size`) is the engine's. A test compares both.

/** A piece of a template: text as it stands, or where a value lies. */
export type PlainPart = string | readonly (string | number)[];

const output = /\{\{[ \t\n]*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d{1,4}\])*)[ \t\n]*\}\}/g;
const step = /[A-Za-z_]\w*|\d+/g;

/** Names that mean more than an own property. */
const meaningful: ReadonlySet<string> = new Set(["size", "first", "last"]);

function toPath(text: string): (string | number)[] {
  return (text.match(step) ?? []).map((name) => (/^\d/.test(name) ? Number(name) : name));
}

/** The pieces of a template that passed the engine's parser, or undefined when it needs the engine. */
export function toPlainParts(source: string): readonly PlainPart[] | undefined {
  const parts: PlainPart[] = [];
  let end = 0;
  for (const found of source.matchAll(output)) {
    const path = toPath(found[1] ?? "");
    if (path.some((name) => meaningful.has(String(name)))) return undefined;
    parts.push(source.slice(end, found.index), path);
    end = found.index + found[0].length;
  }
  parts.push(source.slice(end));
  const isPlain = parts.every((part) => typeof part !== "string" || !/\{[{%]/.test(part));
  return isPlain ? parts.filter((part) => part !== "") : undefined;
}

/** The value at a path. SECURITY: own properties only, as everywhere in templates. */
export function readPath(scope: object, path: readonly (string | number)[]): unknown {
  let value: unknown = scope;
  for (const name of path) {
    if (value === null || value === undefined) return value;
    value = Object.hasOwn(value as object, name) ? (value as Record<string | number, unknown>)[name] : undefined;
  }
  return value;
}

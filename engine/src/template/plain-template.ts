// The templates most trees are made of, texts with bare paths like `{{ event.match[1] }}`, without the template engine: the
// same text at a fifth of its cost. Anything else (filters, tags, quotes, `size`) is the engine's. A test compares both.

import { type RootName, rootNames } from "../expression/frame.ts";

/** What templates start from. */
export interface TemplateRoots {
  readTemplateRoot(name: RootName): unknown;
  /** All of them as one object. */
  toTemplateScope(): object;
}

/** Where a value lies: a top-level name, and the steps from there. */
export interface PlainPath {
  readonly root: RootName;
  readonly steps: readonly (string | number)[];
}

/** A piece of a template: text as it stands, or where a value lies. */
export type PlainPart = string | PlainPath;

const output = /\{\{[ \t\n]*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d{1,4}\])*)[ \t\n]*\}\}/g;
const step = /[A-Za-z_]\w*|\d+/g;

/** Names that mean more than an own property. */
const meaningful: ReadonlySet<string> = new Set(["size", "first", "last"]);

function findRoot(name: string | undefined): RootName | undefined {
  return rootNames.find((root) => root === name);
}

function toPath(text: string): PlainPath | undefined {
  const [first, ...others] = text.match(step) ?? [];
  const root = findRoot(first);
  if (root === undefined || others.some((name) => meaningful.has(name))) return undefined;
  return { root, steps: others.map((name) => (/^\d/.test(name) ? Number(name) : name)) };
}

/** The pieces of a template that passed the engine's parser, or undefined when it needs the engine. */
export function toPlainParts(source: string): readonly PlainPart[] | undefined {
  const parts: PlainPart[] = [];
  let end = 0;
  for (const found of source.matchAll(output)) {
    const path = toPath(found[1] ?? "");
    if (path === undefined) return undefined;
    parts.push(source.slice(end, found.index), path);
    end = found.index + found[0].length;
  }
  parts.push(source.slice(end));
  const isPlain = parts.every((part) => typeof part !== "string" || !/\{[{%]/.test(part));
  return isPlain ? parts.filter((part) => part !== "") : undefined;
}

/** The value at a path. SECURITY: own properties only, as everywhere in templates. */
export function readPath(roots: TemplateRoots, { root, steps }: PlainPath): unknown {
  let value = roots.readTemplateRoot(root);
  for (const name of steps) {
    if (value === null || value === undefined) return value;
    value = Object.hasOwn(value as object, name) ? (value as Record<string | number, unknown>)[name] : undefined;
  }
  return value;
}

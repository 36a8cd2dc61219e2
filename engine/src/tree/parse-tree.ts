// The only way a tree gets in. A tree that passes can be compiled and run without surprise; one that does not
// gets every mistake at once, with its path.

import { limits } from "../limits.ts";
import { crossCheck } from "./cross-checks.ts";
import { copyForeignJson } from "./foreign-json.ts";
import { type Mistake, toMistakes } from "./mistakes.ts";
import { type TreeDefinition, treeSchema } from "./schema.ts";

/** Checks a tree of schema `parley.tree/1`. Never throws; reports up to `limits.mistakes` mistakes. */
export function parseTree(input: unknown): { ok: true; tree: TreeDefinition } | { ok: false; mistakes: Mistake[] } {
  const foreign = copyForeignJson(input);
  if (foreign.isTooLarge) return { ok: false, mistakes: foreign.mistakes };
  const parsed = treeSchema.safeParse(foreign.json);
  const mistakes = [
    ...foreign.mistakes,
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => toMistakes(issue))),
    ...crossCheck(foreign.json),
  ];
  if (parsed.success && mistakes.length === 0) return { ok: true, tree: parsed.data };
  return { ok: false, mistakes: withoutRepeats(mistakes).slice(0, limits.mistakes) };
}

function withoutRepeats(mistakes: readonly Mistake[]): Mistake[] {
  const seen = new Map(mistakes.map((mistake) => [`${mistake.path}\n${mistake.message}`, mistake]));
  return [...seen.values()];
}

// Mistakes as a person reads them: where in the JSON, and one sentence.

import type { z } from "zod";

/** One mistake in a tree; `path` is like `nodes[2].triggers[0].any[1].pattern`, or empty for the whole. */
export interface Mistake {
  readonly path: string;
  readonly message: string;
}

/** A path in the notation of mistakes. Keys that are not plain names are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (typeof part === "string" && /^[A-Za-z_$][\w$-]*$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(String(part).slice(0, 100))}]`;
  }
  return text;
}

/** The mistakes of a schema issue: an unknown key is a mistake at that key; a union gives its closest member's. */
export function toMistakes(issue: z.core.$ZodIssue, base: readonly PropertyKey[] = []): Mistake[] {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: formatPath([...path, key]), message: "Unknown field." }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = issue.errors.reduce((best, other) => (weight(other) < weight(best) ? other : best));
    return closest.flatMap((inner) => toMistakes(inner, path));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map((inner) => ({ path: formatPath(path), message: inner.message }));
  }
  return [{ path: formatPath(path), message: issue.message }];
}

/** How far a union member is from the input: missing and unknown fields weigh more than wrong contents. */
function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === "unrecognized_keys") return sum + 10 * issue.keys.length;
    return sum + (issue.code === "invalid_type" && issue.input === undefined ? 10 : 1);
  }, 0);
}

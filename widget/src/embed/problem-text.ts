// Which sentence tells a problem; those of files stand in `file-problem-text.ts`. Codes that the widget has no words for are told by the general sentence: the server's
// own detail is English and may name fields that a visitor never saw.

import type { Problem } from "../client/types.ts";
import type { Texts } from "./texts/index.ts";

const rules: readonly (readonly [RegExp, keyof Texts])[] = [
  [/ident|jwt/, "identityRefused"],
  [/offline|unreachable|network/, "offline"],
];

/** The sentence for a problem that carries no time to wait for. */
export function toProblemText({ code }: Problem, texts: Texts): string {
  const rule = rules.find(([pattern]) => pattern.test(code));
  return texts[rule?.[1] ?? "problem"];
}

// Which sentence tells a problem. Codes that the widget has no words for are told by the general sentence: the server's
// own detail is English and may name fields that a visitor never saw.

import type { Problem } from "../client/types.ts";
import type { Texts } from "./texts/index.ts";

const rules: readonly (readonly [RegExp, keyof Texts])[] = [
  [/too_large|too_long|quota|bytes/, "tooLarge"],
  [/unsafe|infected|virus|hostile|bomb/, "unsafe"],
  [/^files\..*(type|kind|name|image)|media_type/, "wrongType"],
  [/ident|jwt/, "identityRefused"],
  [/offline|unreachable|network/, "offline"],
];

/** The sentence for a problem that carries no time to wait for. */
export function toProblemText({ code }: Problem, texts: Texts): string {
  const rule = rules.find(([pattern]) => pattern.test(code));
  return texts[rule?.[1] ?? "problem"];
}

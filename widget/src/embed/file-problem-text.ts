// Which sentence tells why a file was not taken. By the server's codes (server/src/domains/files/errors.ts); a test holds
// that every one of them is told.

import type { Problem } from "../client/types.ts";
import { toProblemText } from "./problem-text.ts";
import type { Texts } from "./texts/index.ts";

const rules: ReadonlyMap<string, keyof Texts> = new Map([
  ["files.empty", "fileDamaged"],
  ["files.damaged", "fileDamaged"],
  ["files.too_large", "tooLarge"],
  ["files.image_too_large", "tooLarge"],
  ["http.too_large", "tooLarge"],
  ["files.quota", "fileQuota"],
  ["files.name_refused", "fileName"],
  ["files.double_extension", "fileName"],
  ["files.type_refused", "wrongType"],
  ["files.type_mismatch", "wrongType"],
  ["files.archive_bomb", "unsafe"],
  ["files.archive_refused", "unsafe"],
  ["files.infected", "unsafe"],
]);

/** Answers whether the same file may be taken when it is sent again. */
export const mayPass = ({ code }: Problem): boolean => !rules.has(code);

/** The sentence for a file that was not taken. What may pass by itself is told by the general one: try again. */
export function toFileProblemText(problem: Problem, texts: Texts): string {
  const key = rules.get(problem.code);
  return key === undefined ? toProblemText(problem, texts) : texts[key];
}

// The thread that knows the common passwords and scores strength. It runs beside the event loop because loading the lists
// takes most of a second and scoring one password 10 to 50 ms; measured uncut, 256 characters took up to 3,000 ms. So
// only the first 64 code units are scored, and look-alike spellings are limited to four readings.

import { parentPort } from "node:worker_threads";
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary as commonDictionary } from "@zxcvbn-ts/language-common";
import { dictionary as englishDictionary, translations } from "@zxcvbn-ts/language-en";
import type { StrengthAnswer, StrengthQuestion } from "./strength-meter.ts";

const scoredUnitsMax = 64;
/** The lists are sorted by how common a word is; the longest, of surnames, is cut here. */
const wordsMax = 50_000;
const dictionaries = { ...commonDictionary, ...englishDictionary };

// Advice about kinds of characters is left out: it would sound like a rule, and there is none (SP 800-63B-4 3.1.1.2).
const { allUppercase, capitalization } = translations.suggestions;
const unwanted = new Set([allUppercase, capitalization]);
const commonPasswords = new Set(commonDictionary["passwords-common"]);
const scorer = new ZxcvbnFactory({
  dictionary: Object.fromEntries(Object.entries(dictionaries).map(([name, words]) => [name, words.slice(0, wordsMax)])),
  graphs: adjacencyGraphs,
  translations,
  maxLength: scoredUnitsMax,
  l33tMaxSubstitutions: 4,
});

function answer({ id, password, contextWords }: StrengthQuestion): StrengthAnswer {
  const { score, feedback } = scorer.check(password.slice(0, scoredUnitsMax), [...contextWords]);
  return {
    id,
    isCommon: commonPasswords.has(password.normalize("NFKC").toLowerCase()),
    score,
    advice: [feedback.warning ?? "", ...feedback.suggestions].filter((line) => line !== "" && !unwanted.has(line)),
    isCut: password.length > scoredUnitsMax,
  };
}

parentPort?.on("message", (question: StrengthQuestion) => parentPort?.postMessage(answer(question), []));

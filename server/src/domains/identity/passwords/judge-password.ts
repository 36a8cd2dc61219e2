// Decides whether a password may be set, and explains how strong it is. The rules are those of SP 800-63B-4 3.1.1.2:
// length, and a blocklist compared with the whole password; nothing about kinds of characters. The blocklist is the common
// passwords, the context words, and what a guesser that knows both would try among its first million guesses (repetition,
// runs, keyboard rows, a common password with a year): listing those one by one would only be a longer list.

import { AppError } from "../../../kernel/errors.ts";
import { identityErrors } from "../errors.ts";
import { isMadeOfContext } from "./context-words.ts";
import { passwordLimits, readPassword } from "./normalise-password.ts";
import { type Strength, type StrengthAnswer, StrengthMeter } from "./strength-meter.ts";

export type PasswordFault = "not_text" | "too_long" | "too_short" | "context" | "common" | "guessable" | "breached";

export interface PasswordVerdict {
  readonly isAccepted: boolean;
  /** Why it is refused; absent when it is accepted. */
  readonly reason?: PasswordFault;
  /** The verdict in words that say what to do. */
  readonly sentence: string;
  readonly strength: Strength;
  /** How hard it is to guess and what would help, in plain words. */
  readonly explanation: string;
}

export interface JudgeOptions {
  /** Whether another factor is always asked beside this password. */
  readonly hasSecondFactor: boolean;
  /** From `toContextWords`. */
  readonly contextWords: readonly string[];
}

/** Scores below this are refused: fewer than a million guesses. */
const strengthMin = 2;

export class PasswordJudge {
  readonly #meter: StrengthMeter;
  readonly #isBreached: (password: string) => Promise<boolean>;

  /** `isBreached` asks a service about a password that is good otherwise; left out, nobody is asked. */
  constructor(
    meter: StrengthMeter = new StrengthMeter(),
    isBreached: (password: string) => Promise<boolean> = () => Promise.resolve(false),
  ) {
    this.#meter = meter;
    this.#isBreached = isBreached;
  }

  /** Judges a password as it was typed. Throws `identity.busy` when it could not be looked up in time. */
  async judgePassword(password: string, options: JudgeOptions): Promise<PasswordVerdict> {
    const form = readPassword(password);
    if (!form.isText) return refuse(form.fault, sentences[form.fault], { score: 0, advice: [], isCut: false });
    const measured = await this.#meter.measure(form.text, options.contextWords);
    const least = options.hasSecondFactor ? passwordLimits.withFactorMin : passwordLimits.aloneMin;
    if (form.characters < least) return refuse("too_short", toShortSentence(form.characters, least), measured);
    const weak = { ...measured, score: 0 as const };
    if (isMadeOfContext(form.text, options.contextWords)) return refuse("context", sentences.context, weak);
    if (measured.isCommon) return refuse("common", sentences.common, weak);
    if (measured.score < strengthMin) return refuse("guessable", sentences.guessable, measured);
    if (await this.#isBreached(form.text)) return refuse("breached", sentences.breached, weak);
    const explanation = explain(measured);
    return { isAccepted: true, sentence: "This password can be used.", strength: measured.score, explanation };
  }

  /** Throws `identity.weak_password` with the verdict's sentence for a password that may not be set. */
  async assertAcceptable(password: string, options: JudgeOptions): Promise<void> {
    const { isAccepted, sentence, reason } = await this.judgePassword(password, options);
    if (isAccepted) return;
    const mistakes = [{ path: "password", message: sentence }];
    throw new AppError(identityErrors.weakPassword, { detail: sentence, mistakes, note: reason ?? "" });
  }

  /** Ends the thread that holds the lists. */
  close(): Promise<void> {
    return this.#meter.close();
  }
}

const sentences: Readonly<Record<Exclude<PasswordFault, "too_short">, string>> = {
  not_text:
    "The password holds a character that cannot be typed reliably, such as a line break. Use letters, digits, signs and spaces.",
  too_long: `The password is longer than ${passwordLimits.charactersMax} characters. Use a shorter one.`,
  breached: "This password is in a published collection of stolen passwords. Choose another one.",
  context:
    "The password is made of your name, your e-mail address, your organisation or this product. Use words that have nothing to do with them.",
  common: "This is one of the most used passwords, and the first that are tried. Choose another.",
  guessable:
    "This password would be guessed within a million tries. Choose one without repetitions, runs and common words alone.",
};

function toShortSentence(characters: number, least: number): string {
  const unit = characters === 1 ? "character" : "characters";
  return `The password has ${characters} ${unit}. Use at least ${least}; four unrelated words are easy to remember.`;
}

type Measure = Pick<StrengthAnswer, "score" | "advice" | "isCut">;

function refuse(reason: PasswordFault, sentence: string, measured: Measure): PasswordVerdict {
  return { isAccepted: false, reason, sentence, strength: measured.score, explanation: explain(measured) };
}

const levels: Readonly<Record<Strength, string>> = {
  0: "Very weak: among the first thousand guesses.",
  1: "Weak: among the first million guesses.",
  2: "Fair: more than a million guesses.",
  3: "Good: more than a hundred million guesses.",
  4: "Strong: more than ten thousand million guesses.",
};

function explain({ score, advice, isCut }: Measure): string {
  const cut = isCut ? ["Only its first 64 characters were scored; the rest makes it no weaker."] : [];
  return [levels[score], ...(score < 4 ? advice : []), ...cut].join(" ");
}

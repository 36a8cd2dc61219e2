// Words that belong to the account or the service: its name, the organisation, the app, the person's own name and e-mail
// address. SP 800-63B-4 3.1.1.2 wants "context-specific words ... and derivatives thereof" on the blocklist, compared with
// the whole password. A derivative here is: such words and nothing else, in any case, with letters written as look-alike
// digits, in any order or repeated, with separators, and with at most eight further digits or signs. A context word inside
// a longer password is never a reason to refuse it.

const partMin = 3;
const wordsMax = 64;
const wordLengthMax = 128;
const decorationMax = 8;
const foldedMax = 512;
const productName = "parley";

export interface Context {
  readonly organisation?: string | undefined;
  readonly app?: string | undefined;
  readonly personName?: string | undefined;
  readonly email?: string | undefined;
}

/** The words nobody of this context may use as a password: each name whole, its parts of three letters or more. */
export function toContextWords(context: Context): string[] {
  const names = [productName, context.organisation, context.app, context.personName, context.email];
  const words = new Set<string>();
  for (const name of names) {
    if (name === undefined) continue;
    const whole = name.slice(0, wordLengthMax);
    const [local = ""] = whole.split("@");
    for (const word of [whole, local, ...whole.split(/[^\p{L}\p{N}]+/u)]) {
      if (toSkeleton(word).length >= partMin && words.size < wordsMax) words.add(word);
    }
  }
  return [...words];
}

/** Answers whether the whole password is made of context words, as described above. */
export function isMadeOfContext(password: string, contextWords: readonly string[]): boolean {
  const folded = fold(password);
  // Compatibility forms can grow eighteenfold; no password that anybody would type does.
  if (folded.length > foldedMax) return false;
  const words = new Set(contextWords.slice(0, wordsMax).map((word) => toSkeleton(word.slice(0, wordLengthMax))));
  const usable = [...words].filter((word) => word.length >= partMin);
  const first = folded.search(/\p{L}/u);
  if (first < 0) return false;
  const end = first + folded.slice(first).replace(/[^\p{L}]+$/u, "").length;
  // A digit or sign at either end may be decoration or stand for a letter: both are tried.
  const cuts = [folded, folded.slice(0, end), folded.slice(first), folded.slice(first, end)];
  const candidates = new Set(cuts.map(toSkeleton));
  return [...candidates].some(
    (candidate) => folded.length - candidate.length <= decorationMax && isMadeOf(candidate, usable),
  );
}

/** One spelling for case, width, accents, and for i and l, which share their look-alikes. */
function fold(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll("i", "l");
}

const lookAlikes: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  "@": "a",
  $: "s",
};

/** The letters somebody reads: look-alike digits and signs are letters, every other sign is left out. */
function toSkeleton(text: string): string {
  const letters = fold(text).replaceAll(/[0134578@$]/g, (sign) => lookAlikes[sign] ?? sign);
  return letters.replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Answers whether `text` can be cut into words without a rest. */
function isMadeOf(text: string, words: readonly string[]): boolean {
  if (text === "") return false;
  const reachable = new Set([0]);
  for (let start = 0; start < text.length; start += 1) {
    if (!reachable.has(start)) continue;
    for (const word of words) if (text.startsWith(word, start)) reachable.add(start + word.length);
  }
  return reachable.has(text.length);
}

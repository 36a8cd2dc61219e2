// Which catalogue speaks: the wanted locale, its language, English. Which of the channel's own texts stand beside it.
// A visitor loads one catalogue; another one when the language is changed.

import type { WidgetConfig, WidgetTexts } from "../../client/config.ts";
import type { Texts } from "./en.ts";

export type { Texts } from "./en.ts";

const loadEnglish = (): Promise<Texts> => import("./en.ts").then(({ en }) => en);
const loaders: ReadonlyMap<string, () => Promise<Texts>> = new Map([
  ["es", () => import("./es.ts").then(({ es }) => es)],
  ["ar", () => import("./ar.ts").then(({ ar }) => ar)],
  ["zh", () => import("./zh-Hant.ts").then(({ zhHant }) => zhHant)],
]);

const loaded = new Map<string, Texts>();

const languageOf = (locale: string): string => locale.split("-")[0]?.toLowerCase() ?? "en";

/** The catalogue for a locale, when it is here. */
export const findTexts = (locale: string): Texts | undefined => loaded.get(languageOf(locale));

/** Brings the catalogue of a locale: English for a language without one, and where the own one cannot be had. */
export async function loadTexts(locale: string): Promise<Texts> {
  const language = languageOf(locale);
  const load = loaders.get(language) ?? loadEnglish;
  const texts = loaded.get(language) ?? (await load().catch(loadEnglish));
  loaded.set(language, texts);
  return texts;
}

/** The channel's own words: of the locale, of another region of its language, of the channel's first locale. */
export function findOwnTexts(config: WidgetConfig, locale: string): Partial<WidgetTexts> {
  const { texts, defaultLocale } = config;
  const names = Object.keys(texts);
  const related =
    names.find((name) => name === locale) ?? names.find((name) => languageOf(name) === languageOf(locale));
  return texts[related ?? defaultLocale] ?? {};
}

/** `rtl` for the languages that are written from the right. */
export function directionOf(locale: string): "ltr" | "rtl" {
  return ["ar", "he", "fa", "ur"].includes(languageOf(locale)) ? "rtl" : "ltr";
}

/** The first of the wanted locales that is one (RFC 5646) and that the channel has words for; else the channel's own. */
export function choosePageLocale(config: WidgetConfig, wanted: readonly string[]): string {
  const isSpoken = (locale: string) =>
    /^[a-z]{2,3}(?:-[a-z\d]{2,8})*$/i.test(locale) &&
    Object.keys(config.texts).some((name) => languageOf(name) === languageOf(locale));
  return wanted.find(isSpoken) ?? config.defaultLocale;
}

/** Puts values in the place of `{name}`. A name without a value stays as it is. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

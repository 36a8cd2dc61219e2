// Which catalogue speaks: the wanted locale, its language, English. Which of the channel's own texts stand beside it.

import type { WidgetConfig, WidgetTexts } from "../../client/config.ts";
import { ar } from "./ar.ts";
import { en, type Texts } from "./en.ts";
import { es } from "./es.ts";
import { zhHant } from "./zh-Hant.ts";

export { fill, type Texts } from "./en.ts";

const catalogues: Readonly<Record<string, Texts>> = { en, es, ar, zh: zhHant };

const languageOf = (locale: string): string => locale.split("-")[0]?.toLowerCase() ?? "en";

/** The catalogue for a locale; English for a language without one. */
export function findTexts(locale: string): Texts {
  return catalogues[languageOf(locale)] ?? en;
}

/** The channel's own words: of the locale, of another region of its language, of the channel's first locale. */
export function findOwnTexts(config: WidgetConfig, locale: string): Partial<WidgetTexts> {
  const { texts, defaultLocale } = config;
  const related = Object.keys(texts).find((name) => languageOf(name) === languageOf(locale));
  return texts[locale] ?? texts[related ?? defaultLocale] ?? {};
}

/** `rtl` for the languages that are written from the right. */
export function directionOf(locale: string): "ltr" | "rtl" {
  return ["ar", "he", "fa", "ur"].includes(languageOf(locale)) ? "rtl" : "ltr";
}

/** The first of the wanted locales that the channel has words for; else the channel's own. */
export function choosePageLocale(config: WidgetConfig, wanted: readonly string[]): string {
  const isSpoken = (locale: string) => Object.keys(config.texts).some((name) => languageOf(name) === languageOf(locale));
  return wanted.find(isSpoken) ?? config.defaultLocale;
}

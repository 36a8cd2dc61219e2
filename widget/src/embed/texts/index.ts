// Which catalogue speaks: the wanted locale, its language, English. Which of the channel's own texts stand beside it.
// English is part of the widget; a visitor of another language loads one catalogue more.

import type { WidgetConfig, WidgetTexts } from "../../client/config.ts";
import { en, type Texts } from "./en.ts";

export { fill, type Texts } from "./en.ts";

const loaders: ReadonlyMap<string, () => Promise<Texts>> = new Map([
  ["es", () => import("./es.ts").then(({ es }) => es)],
  ["ar", () => import("./ar.ts").then(({ ar }) => ar)],
  ["zh", () => import("./zh-Hant.ts").then(({ zhHant }) => zhHant)],
]);

const loaded = new Map<string, Texts>([["en", en]]);

const languageOf = (locale: string): string => locale.split("-")[0]?.toLowerCase() ?? "en";

/** The catalogue for a locale, when it is here; `en` for a language without one. */
export function findTexts(locale: string): Texts | undefined {
  const language = languageOf(locale);
  return loaded.get(language) ?? (loaders.has(language) ? undefined : en);
}

/** Brings the catalogue of a locale. Where it cannot be had, `en` stands in for it. */
export async function loadTexts(locale: string): Promise<Texts> {
  const language = languageOf(locale);
  const texts =
    loaded.get(language) ??
    (await loaders
      .get(language)?.()
      .catch(() => en)) ??
    en;
  if (texts !== en) loaded.set(language, texts);
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

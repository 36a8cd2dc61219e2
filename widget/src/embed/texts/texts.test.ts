import { describe, expect, it } from "vitest";
import type { WidgetConfig } from "../../client/config.ts";
import { en } from "./en.ts";
import { choosePageLocale, directionOf, fill, findOwnTexts, findTexts, loadTexts } from "./index.ts";

const locales = ["es", "zh-Hant", "ar"];
const holesOf = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the words of the widget", () => {
  it.each(locales)("say everything in %s that English says, with the same values in them", async (locale) => {
    const texts = await loadTexts(locale);
    expect(texts).not.toBe(en);
    expect(Object.keys(texts)).toEqual(Object.keys(en));
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(texts[key].trim(), key).not.toBe("");
      expect(holesOf(texts[key]), key).toEqual(holesOf(en[key]));
    }
  });

  it("are those of the language for any of its regions, and English for a language without any", async () => {
    const spanish = await loadTexts("es");
    expect(findTexts("es-MX")).toBe(spanish);
    expect(await loadTexts("fi")).toBe(en);
    expect(await loadTexts("constructor")).toBe(en);
    expect(findTexts("fi-FI")).toBe(en);
    expect(findTexts("sv")).toBeUndefined();
  });

  it("fill in values as they are", () => {
    expect(fill("{name}: {count} {other}", { name: "{count}", count: 2 })).toBe("{count}: 2 {other}");
  });

  it("run from the right where the language does", () => {
    expect(["ar", "ar-EG", "he", "en", "zh-Hant"].map(directionOf)).toEqual(["rtl", "rtl", "rtl", "ltr", "ltr"]);
  });
});

describe("the channel's own words", () => {
  const texts = { "en-GB": { title: "Colour" }, "zh-Hant": { title: "顏色" } };
  const config = { texts, defaultLocale: "en-GB" } as unknown as WidgetConfig;

  it("are those of the locale, of its language, of the channel's first locale, in this order", () => {
    expect(findOwnTexts(config, "zh-Hant").title).toBe("顏色");
    expect(findOwnTexts(config, "en-US").title).toBe("Colour");
    expect(findOwnTexts(config, "fr").title).toBe("Colour");
  });

  it("decide which of the visitor's languages is spoken", () => {
    expect(choosePageLocale(config, ["fr", "zh-TW", "en"])).toBe("zh-TW");
    expect(choosePageLocale(config, ["fr"])).toBe("en-GB");
    expect(choosePageLocale(config, ["en_US", "en-!", "constructor"])).toBe("en-GB");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freshWebSettings, WebSettings, WebSettingsInput } from "./settings.ts";

const paths = (value: unknown): string[] =>
  (WebSettingsInput.safeParse(value).error?.issues ?? []).map(({ path }) => path.join("."));
const appearance = { accent: "#2e54c4", position: "right", theme: "auto" };

describe("the settings of a web channel", () => {
  it("begin with nobody who may show it, nothing uploaded, no demo page, and AI that says what it is", () => {
    const { origins, uploads, demoPage, aiDisclosure, linkPreviews, identity } = freshWebSettings;
    expect({ origins, uploads, demoPage, aiDisclosure, linkPreviews }).toEqual({
      ...{ origins: [], uploads: false, demoPage: false, aiDisclosure: true, linkPreviews: false },
    });
    expect(identity.mode).toBe("off");
    expect(paths({})).toEqual([]);
  });

  it("keep origins in one spelling, and read back what was written", () => {
    const given = { origins: ["HTTPS://Shop.Example:443", "https://bücher.example"] };
    const written = WebSettingsInput.parse(given);
    expect(written.origins).toEqual(["https://shop.example", "https://xn--bcher-kva.example"]);
    expect(WebSettings.parse(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });

  it.each([
    ["a wildcard", { origins: ["https://*.example"] }, "origins.0"],
    ["a path", { origins: ["https://shop.example", "https://shop.example/x"] }, "origins.1"],
    ["clear text", { origins: ["http://shop.example"] }, "origins.0"],
    ["an origin twice", { origins: ["https://shop.example", "https://SHOP.example"] }, "origins"],
    ["51 origins", { origins: Array.from({ length: 51 }, (_, at) => `https://s${at}.example`) }, "origins"],
    ["no colour", { appearance: { ...appearance, accent: "red" } }, "appearance.accent"],
    ["a colour nothing can be read on", { appearance: { ...appearance, accent: "#7b7b7b" } }, "appearance.accent"],
    ["a position there is not", { appearance: { ...appearance, position: "top" } }, "appearance.position"],
    [
      "a file of another kind",
      { appearance: { ...appearance, avatarFileId: "https://x.example/a.png" } },
      "appearance.avatarFileId",
    ],
    ["no text in the default language", { defaultLocale: "es" }, "texts"],
    ["a consent that says nothing", { consentRequired: true }, "texts.en.consent"],
    ["a blank title", { texts: { en: { title: " " } } }, "texts.en.title"],
    ["a title that is turned round", { texts: { en: { title: "a\u202eb" } } }, "texts.en.title"],
    ["a null character", { texts: { en: { title: "a\u0000b" } } }, "texts.en.title"],
    ["half a character", { texts: { en: { title: "a\ud800" } } }, "texts.en.title"],
    ["a title too long", { texts: { en: { title: "x".repeat(61) } } }, "texts.en.title"],
    ["a further text", { texts: { en: { title: "x", html: "<b>" } } }, "texts.en"],
    ["a language there is not", { texts: { en: { title: "x" }, English: { title: "x" } } }, "texts.English"],
    ["another spelling of a language", { texts: { en: { title: "x" }, "zh-hant": { title: "x" } } }, "texts.zh-hant"],
    [
      "nine quick starts",
      { quickStarts: Array.from({ length: 9 }, () => ({ title: "a", payload: "b" })) },
      "quickStarts",
    ],
    ["a quick start that does nothing", { quickStarts: [{ title: "a" }] }, "quickStarts.0"],
    ["a quick start to an address", { quickStarts: [{ title: "a", url: "javascript:alert(1)" }] }, "quickStarts.0"],
    ["no hours to resume", { resumeHours: 0 }, "resumeHours"],
    ["a month to resume", { resumeHours: 721 }, "resumeHours"],
    ["keys by clear text", { identity: { mode: "off", jwksUrl: "http://shop.example/jwks" } }, "identity.jwksUrl"],
    ["keys with a password", { identity: { mode: "off", jwksUrl: "https://a:b@shop.example/" } }, "identity.jwksUrl"],
    ["what is no key", { identity: { mode: "off", publicKeysPem: ["-----BEGIN"] } }, "identity.publicKeysPem.0"],
    ["a secret in the open", { identity: { mode: "off", secret: "x".repeat(40) } }, "identity"],
    ["a further field", { isAdmin: true }, ""],
  ])("refuse %s, naming the field", (_name, given, path) => {
    expect(paths(given)).toContain(path);
  });

  it("name a colour near the refused one that passes", () => {
    const refused = WebSettingsInput.safeParse({ appearance: { ...appearance, accent: "#7b7b7b" } });
    expect(refused.error?.issues[0]?.message).toContain("#767676");
    expect(paths({ appearance: { ...appearance, accent: "#767676" } })).toEqual([]);
  });

  it("hold at most thirty languages", () => {
    const locales = Array.from(
      { length: 31 },
      (_, at) => `a${"bcdefghijklmnopqrstuvwxyz"[at % 25]}${at < 25 ? "" : "a"}`,
    );
    const texts = Object.fromEntries([...locales, "en"].map((locale) => [locale, { title: "x" }]));
    expect(paths({ texts })).toContain("texts");
  });

  it("take nothing but their own fields, whatever is sent", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
        const result = WebSettingsInput.safeParse(given);
        const known = Object.keys(WebSettings.shape);
        if (result.success) expect(Object.keys(given).every((key) => known.includes(key))).toBe(true);
        else expect(result.error.issues.length).toBeGreaterThan(0);
      }),
    );
  });
});

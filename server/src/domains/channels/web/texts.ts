// What a web channel says, in the languages of its visitors. Plain text: the widget never reads it as markup.

import { z } from "zod";

const localesMax = 30;
/** Language, script, region (BCP 47), as `Intl` spells it: `en`, `zh-Hant`, `pt-BR`. */
const localeForm = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?$/;

function isLocale(name: string): boolean {
  return localeForm.test(name) && Intl.getCanonicalLocales(name)[0] === name;
}

export const Locale = z.string().max(20).refine(isLocale, { error: "must be a language such as en, zh-Hant or pt-BR" });

/** A sentence that can be shown: no control characters but line breaks, no broken characters, no overriding direction. */
export function words(lengthMax: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^(?:\n|[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069])*$/u, { error: "holds characters that cannot be shown" })
    .regex(/\S/, { error: "is blank" });
}

export const WebTexts = z.strictObject({
  title: words(60),
  subtitle: words(120).optional(),
  greeting: words(500).optional(),
  placeholder: words(80).optional(),
  /** What a visitor agrees to before anything is kept. */
  consent: words(1_000).optional(),
  aiNotice: words(300).optional(),
  offHours: words(500).optional(),
  /** Beside the launcher's icon, and its name to whoever does not see it. */
  launcher: words(60).optional(),
});

export type WebTexts = z.infer<typeof WebTexts>;

export const TextsByLocale = z
  .record(Locale, WebTexts)
  .refine((texts) => Object.keys(texts).length <= localesMax, { error: `holds more than ${localesMax} languages` });

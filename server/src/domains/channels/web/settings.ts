// How a web channel looks, what it says, where it may be shown and what it asks of visitors. `WebSettings` is the shape, with
// the defaults of a fresh channel: nobody may show it. `WebSettingsInput` holds the rules between fields besides; what is
// stored has been through it.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { BusinessHours } from "./business-hours.ts";
import { findReadable, isReadable } from "./contrast.ts";
import { WebIdentity } from "./identity.ts";
import { findSiteOrigin } from "./site-origin.ts";
import { Locale, TextsByLocale, words } from "./texts.ts";

const originsMax = 50;
const quickStartsMax = 8;

const SiteOrigin = z
  .string()
  .max(300)
  .transform((text, context) => {
    const origin = findSiteOrigin(text);
    if (origin !== undefined) return origin;
    context.addIssue({
      code: "custom",
      message:
        "must be an exact origin such as https://shop.example: https, no path, no wildcard (http for this machine)",
    });
    return z.NEVER;
  })
  .meta({ wire: { type: "string", maxLength: 300 } });

/** SECURITY: a site is let in by its exact origin; an empty list lets nobody in. */
const Origins = z
  .array(SiteOrigin)
  .max(originsMax)
  .refine((origins) => new Set(origins).size === origins.length, { error: "names an origin twice" });

const Accent = z
  .string()
  .max(7)
  .regex(/^#[0-9a-f]{6}$/, { error: "must be a colour such as #2e54c4" });

const Appearance = z.strictObject({
  accent: Accent,
  position: z.enum(["right", "left"]),
  theme: z.enum(["auto", "light", "dark"]),
  avatarFileId: idOf("file").optional(),
});

const QuickStart = z.union([
  z.strictObject({ title: words(60), payload: words(200) }),
  z.strictObject({ title: words(60), text: words(500) }),
]);

export const WebSettings = z.strictObject({
  origins: Origins.default([]),
  appearance: Appearance.default({ accent: "#2e54c4", position: "right", theme: "auto" }),
  texts: TextsByLocale.default({ en: { title: "Chat with us" } }),
  defaultLocale: Locale.default("en"),
  /** `visitor`: the visitor's own language where there are texts in it. `default`: everybody reads the default's. */
  language: z.enum(["visitor", "default"]).default("visitor"),
  quickStarts: z.array(QuickStart).max(quickStartsMax).default([]),
  consentRequired: z.boolean().default(false),
  aiDisclosure: z.boolean().default(true),
  uploads: z.boolean().default(false),
  linkPreviews: z.boolean().default(false),
  proofOfWork: z.enum(["auto", "always", "never"]).default("auto"),
  /** How long after it was last used a session can be taken up again. */
  resumeHours: z.int().min(1).max(720).default(24),
  businessHours: BusinessHours.optional(),
  transcript: z.boolean().default(false),
  identity: WebIdentity.default({ mode: "off", publicKeysPem: [] }),
  demoPage: z.boolean().default(false),
});

export type WebSettings = z.output<typeof WebSettings>;

/** What a web channel begins with. */
export const freshWebSettings: WebSettings = WebSettings.parse({});

interface Mistake {
  readonly path: string[];
  readonly message: string;
}

function* listMistakes(settings: WebSettings): Generator<Mistake> {
  const { appearance, texts, defaultLocale, consentRequired } = settings;
  if (!isReadable(appearance.accent)) {
    const message = `neither white nor dark text on it reaches 4.5:1; ${findReadable(appearance.accent)} does`;
    yield { path: ["appearance", "accent"], message };
  }
  const own = Object.hasOwn(texts, defaultLocale) ? texts[defaultLocale] : undefined;
  if (own === undefined) yield { path: ["texts"], message: `has none in the default language, ${defaultLocale}` };
  if (consentRequired && own !== undefined && own.consent === undefined) {
    yield { path: ["texts", defaultLocale, "consent"], message: "is required: it says what a visitor agrees to" };
  }
}

/** Settings as they may be saved. What is left out is as in a fresh channel. */
export const WebSettingsInput = WebSettings.superRefine((settings, context) => {
  for (const { path, message } of listMistakes(settings)) context.addIssue({ code: "custom", path, message });
});

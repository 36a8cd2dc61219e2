// What the frame is told of its channel, in `data-config`. All of it is public: a visitor of a listed site reads it.

import { isOffHours, type WebSettings } from "../domains/channels/index.ts";
import type { ChannelId } from "../kernel/ids.ts";
import { type Palette, toPalette } from "./colours.ts";

type Texts = WebSettings["texts"];

export interface WidgetConfig {
  readonly channelId: ChannelId;
  readonly appearance: Omit<WebSettings["appearance"], "accent" | "avatarFileId"> & {
    readonly palette: Palette;
    readonly avatarUrl?: string;
  };
  readonly texts: Texts;
  readonly defaultLocale: string;
  readonly features: {
    readonly uploads: boolean;
    readonly consentRequired: boolean;
    readonly aiDisclosure: boolean;
    readonly quickStarts: WebSettings["quickStarts"];
    readonly isOffHours: boolean;
    readonly transcript: boolean;
    readonly identity: "off" | "optional" | "required";
  };
}

/** Where the channel's picture is served. */
export const avatarPath = "/widget/avatar/{channelId}/{fileId}" as const;

function toAvatarUrl(channelId: ChannelId, fileId: string | undefined): { avatarUrl: string } | undefined {
  if (fileId === undefined) return undefined;
  return { avatarUrl: avatarPath.replace("{channelId}", channelId).replace("{fileId}", fileId) };
}

/** The texts that are offered: all, or the default language's where everybody reads that one. */
function offerTexts({ texts, language, defaultLocale }: WebSettings): Texts {
  const own = texts[defaultLocale];
  return language === "visitor" || own === undefined ? texts : { [defaultLocale]: own };
}

/**
 * What the frame is told.
 * SECURITY: the fields are named one by one: origins, keys, addresses of keys and hours stay here.
 */
export function toWidgetConfig(channelId: ChannelId, web: WebSettings, nowMs: number): WidgetConfig {
  const { appearance, defaultLocale, uploads, consentRequired, aiDisclosure, quickStarts, transcript } = web;
  const { accent, position, theme, avatarFileId } = appearance;
  return {
    channelId,
    appearance: { palette: toPalette(accent), position, theme, ...toAvatarUrl(channelId, avatarFileId) },
    texts: offerTexts(web),
    defaultLocale,
    features: {
      ...{ uploads, consentRequired, aiDisclosure, quickStarts, transcript },
      isOffHours: isOffHours(web.businessHours, nowMs),
      identity: web.identity.mode,
    },
  };
}

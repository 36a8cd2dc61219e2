// The settings of the channel as the embed page carries them (`data-config`). The server writes them; they are read as
// unknown all the same, so that a page of another release is drawn with what it has.

export interface WidgetTexts {
  readonly title: string;
  readonly subtitle?: string;
  readonly greeting?: string;
  readonly placeholder?: string;
  readonly consent?: string;
  readonly aiNotice?: string;
  readonly offHours?: string;
  readonly launcher?: string;
}

export interface Appearance {
  /** Custom properties of the style sheet by their names: the channel's colour, and what is legible with it. */
  readonly palette: Readonly<Record<string, string>>;
  readonly position: "right" | "left";
  /** A path on Parley's own origin. */
  readonly avatarUrl?: string;
  readonly theme: "auto" | "light" | "dark";
}

export type QuickStart =
  | { readonly title: string; readonly payload: string }
  | { readonly title: string; readonly text: string };

export interface Features {
  readonly uploads: boolean;
  readonly consentRequired: boolean;
  readonly aiDisclosure: boolean;
  readonly quickStarts: readonly QuickStart[];
  readonly isOffHours: boolean;
  readonly transcript: boolean;
  readonly identity: "off" | "optional" | "required";
}

export interface WidgetConfig {
  readonly channelId: string;
  readonly appearance: Appearance;
  /** By locale, such as `en` or `zh-Hant`. */
  readonly texts: Readonly<Record<string, WidgetTexts>>;
  readonly defaultLocale: string;
  readonly features: Features;
}

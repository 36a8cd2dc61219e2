// Something to know before going on.

import { type Html, html } from "../../platform/html/index.ts";

export interface CalloutOptions {
  readonly tone: "info" | "care" | "good";
  readonly title: string;
  readonly text: Html | string;
}

/** A short text that stands out. */
export function callout({ tone, title, text }: CalloutOptions): Html {
  return html`<div class="callout tone-${tone}"><p class="callout-title">${title}</p><p>${text}</p></div>`;
}

/** A word or two about the state of a thing. */
export function tag(words: string, tone: "plain" | "good" | "care" = "plain"): Html {
  return html`<span class="tag tone-${tone}">${words}</span>`;
}

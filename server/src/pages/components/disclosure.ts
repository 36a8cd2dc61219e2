// More behind a word: other ways, and acts that want a second look. Works without script.

import { attributes, type Html, html } from "../../platform/html/index.ts";

export interface DisclosureOptions {
  readonly words: string;
  /** What a screen reader says after the words, where several say the same. */
  readonly of?: string;
  readonly content: Html | readonly Html[];
  readonly isOpen?: boolean;
}

/** A part of the page that opens when asked. */
export function disclosure({ words, of, content, isOpen }: DisclosureOptions): Html {
  const rest = of !== undefined && html`<span class="unseen"> ${of}</span>`;
  return html`<details ${attributes({ open: isOpen === true })}>
    <summary>${words}${rest}</summary>
    <div class="more">${content}</div>
  </details>`;
}

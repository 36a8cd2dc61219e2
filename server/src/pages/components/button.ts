// Buttons, and links that look like one. A page has one button of the full colour: the thing to do.

import { attributes, type Html, html, localLink } from "../../platform/html/index.ts";

export interface ButtonOptions {
  readonly kind?: "main" | "plain" | "bad";
  readonly isSmall?: boolean;
  /** What a screen reader says after the words, where several buttons say the same. */
  readonly of?: string;
}

const classes = { main: "button", plain: "button button-plain", bad: "button button-bad" };

function toClass(options: ButtonOptions): string {
  return `${classes[options.kind ?? "main"]}${options.isSmall === true ? " button-small" : ""}`;
}

function toWords(words: string, options: ButtonOptions): Html {
  return options.of === undefined ? html`${words}` : html`${words}<span class="unseen"> ${options.of}</span>`;
}

/** The button that sends its form. */
export function button(words: string, options: ButtonOptions = {}): Html {
  return html`<button ${attributes({ type: "submit", class: toClass(options) })}>${toWords(words, options)}</button>`;
}

/** A link to a place of this server that looks like a button. */
export function linkButton(words: string, path: string, options: ButtonOptions = {}): Html {
  return html`<a class="${toClass(options)}" href="${localLink(path)}">${toWords(words, options)}</a>`;
}

/** A link to a place of this server. */
export function textLink(words: string, path: string): Html {
  return html`<a href="${localLink(path)}">${words}</a>`;
}

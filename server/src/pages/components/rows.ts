// Lists of things: one a row, with what is known about it and what can be done with it.

import { type Html, html } from "../../platform/html/index.ts";

export interface RowOptions {
  readonly title: Html | string;
  readonly tag?: Html | false | undefined;
  readonly text?: Html | string | undefined;
  readonly facts?: readonly (readonly [name: string, value: Html | string])[];
  /** What can be done, beside the text. */
  readonly side?: Html | false | undefined;
  /** True for a word or less of it: it stays beside the text on narrow screens too. */
  readonly isSideShort?: boolean;
  /** What can be done, below. */
  readonly more?: Html | readonly Html[];
}

function writeFacts(facts: NonNullable<RowOptions["facts"]>): Html {
  const items = facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`<dl class="facts">${items}</dl>`;
}

/** One row. */
export function row(options: RowOptions): Html {
  const head = html`<div class="row-head"><h2>${options.title}</h2>${options.tag}</div>`;
  const text = options.text !== undefined && html`<p class="row-text">${options.text}</p>`;
  const side = options.side && html`<div class="row-side">${options.side}</div>`;
  const kind = options.isSideShort === true ? "row-top row-pair" : "row-top row-split";
  const top = html`<div class="${kind}"><div class="stack-tight">${head}${text}</div>${side}</div>`;
  return html`<li class="row">${top}${options.facts && writeFacts(options.facts)}${options.more}</li>`;
}

/** The list of rows. */
export function rows(items: readonly Html[]): Html {
  // Safari forgets that a list without bullets is one; the role reminds it.
  return html`<ul class="rows" role="list">${items}</ul>`;
}

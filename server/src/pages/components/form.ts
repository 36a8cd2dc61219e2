// A form: it posts to this server only, and always with the token that proves it came from one of its pages.

import { type Attributes, attributes, type Html, html, localLink } from "../../platform/html/index.ts";
import type { FormPageView } from "../page-view.ts";

export interface FormOptions {
  readonly action: string;
  readonly content: Html | readonly Html[];
  /** Fields that nobody sees. */
  readonly hidden?: Readonly<Record<string, string | undefined>>;
  /** True for a lone button among other things. */
  readonly isPlain?: boolean;
  readonly more?: Attributes;
}

function hiddenField(name: string, value: string): Html {
  return html`<input ${attributes({ type: "hidden", name, value })}>`;
}

/** A form that posts. SECURITY: every form of the pages is made here and carries the field `csrf`. */
export function form(view: FormPageView, options: FormOptions): Html {
  const hidden = Object.entries(options.hidden ?? {}).map(
    ([name, value]) => value !== undefined && hiddenField(name, value),
  );
  const kind = attributes({ class: options.isPlain === true ? "plain" : undefined });
  const csrf = hiddenField("csrf", view.csrf);
  return html`<form method="post" action="${localLink(options.action)}" ${kind} ${options.more}>${csrf}${hidden}${options.content}</form>`;
}

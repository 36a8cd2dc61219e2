// A field: label, hint, mistake and input, tied together for screen readers. Nothing keeps anyone from pasting, and
// nothing is cut while it is typed: the server measures, and says what it found.

import { attributes, type Html, html, stripControls } from "../../platform/html/index.ts";
import type { FormPageView } from "../page-view.ts";

export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
  readonly type?: "text" | "email";
  readonly hint?: string;
  readonly value?: string;
  /** The cursor stands here when the page opens, unless the page has something to say first. */
  readonly isFirst?: boolean;
  /** A code: its characters are set apart; `digits` brings the number keys on phones. */
  readonly code?: "digits" | "letters";
  /** When a page has several fields of one name: sets this one apart, also as `path` of its mistake. */
  readonly id?: string;
}

export interface FieldParts {
  readonly id: string;
  readonly hint: Html | undefined;
  readonly mistake: Html | undefined;
  readonly described: string | undefined;
}

/** The address of a field inside its page, as the list of mistakes links to it. */
export function toFieldId(path: string): string {
  return `field-${path.replaceAll(/[^\w-]/g, "-")}`;
}

/** The texts around an input and how it names them. */
export function toFieldParts(view: FormPageView, options: Pick<FieldOptions, "id" | "name" | "hint">): FieldParts {
  const path = options.id ?? options.name;
  const id = toFieldId(path);
  const found = view.mistakes?.find((mistake) => mistake.path === path);
  const hint = options.hint === undefined ? undefined : html`<p class="hint" id="${id}-hint">${options.hint}</p>`;
  const mistake =
    found === undefined
      ? undefined
      : html`<p class="mistake" id="${id}-mistake"><span class="unseen">Mistake: </span>${stripControls(found.message)}</p>`;
  const named = [hint && `${id}-hint`, mistake && `${id}-mistake`].filter((one) => one !== undefined);
  return { id, hint, mistake, described: named.length === 0 ? undefined : named.join(" ") };
}

/** Whether the page opens with something to say, which then has the focus. */
export function hasNews(view: FormPageView): boolean {
  return view.notice !== undefined || (view.mistakes?.length ?? 0) > 0;
}

/** One line of text to fill in. */
export function field(view: FormPageView, options: FieldOptions): Html {
  const { id, hint, mistake, described } = toFieldParts(view, options);
  const isPlainText = options.type !== "email" && options.code === undefined;
  const input = attributes({
    id,
    name: options.name,
    type: options.type ?? "text",
    class: options.code === undefined ? undefined : "code",
    value: options.value === undefined ? undefined : stripControls(options.value),
    autocomplete: options.autocomplete,
    autocapitalize: isPlainText ? undefined : "none",
    spellcheck: isPlainText ? undefined : "false",
    inputmode: options.code === "digits" ? "numeric" : undefined,
    required: true,
    autofocus: options.isFirst === true && !hasNews(view),
    "aria-invalid": mistake === undefined ? undefined : "true",
    "aria-describedby": described,
  });
  return html`<div class="field"><label for="${id}">${options.label}</label>${hint}${mistake}<input ${input}></div>`;
}

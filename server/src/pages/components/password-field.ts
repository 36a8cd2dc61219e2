// A password: hidden, but for a button that the page's script runs. Password managers find it by `autocomplete`.

import { attributes, type Html, html } from "../../platform/html/index.ts";
import type { FormPageView } from "../page-view.ts";
import { type FieldOptions, toFieldParts } from "./field.ts";

export interface PasswordFieldOptions extends Pick<FieldOptions, "name" | "label" | "hint" | "id"> {
  readonly autocomplete: "current-password" | "new-password";
}

/** What a password of the person's choice must be, in words (SP 800-63B-4 3.1.1.2). */
export function toPasswordHint(lengthMin: number): string {
  return `At least ${lengthMin} characters. A few words you will remember do well; spaces count. We refuse passwords that are well known or easy to guess from what we know about you.`;
}

/** A password to type, or to paste. */
export function passwordField(view: FormPageView, options: PasswordFieldOptions): Html {
  const { label } = options;
  const { id, hint, mistake, described } = toFieldParts(view, options);
  const input = attributes({
    id,
    name: options.name,
    type: "password",
    autocomplete: options.autocomplete,
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
    "aria-invalid": mistake === undefined ? undefined : "true",
    "aria-describedby": described,
  });
  const reveal = attributes({ "data-reveal": id, "data-show": "Show", "data-hide": "Hide", "aria-controls": id });
  const what = label.toLowerCase();
  return html`<div class="field">
    <label for="${id}">${label}</label>${hint}${mistake}
    <div class="with-action">
      <input ${input}>
      <button type="button" class="button button-plain reveal with-script" ${reveal}><span>Show</span><span class="unseen"> ${what}</span></button>
    </div>
  </div>`;
}

/** The name of the account beside a password, for password managers only. It is not sent. */
export function accountNameField(email: string): Html {
  return html`<input type="text" autocomplete="username" value="${email}" hidden readonly>`;
}

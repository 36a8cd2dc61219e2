// The form behind a passkey: the page's script asks the browser, puts the answer into `credential` and sends the form.
// Without script, or without passkeys in the browser, it says so and the other ways of the page remain.

import { attributes, type Html, html } from "../../platform/html/index.ts";
import type { FormPageView, PasskeyPrompt } from "../page-view.ts";
import { type ButtonOptions, button } from "./button.ts";
import { form } from "./form.ts";

export interface PasskeyFormOptions {
  readonly action: string;
  readonly act: "create" | "get";
  readonly prompt: PasskeyPrompt;
  readonly words: string;
  readonly kind?: ButtonOptions["kind"];
  readonly hidden?: Readonly<Record<string, string | undefined>>;
  readonly fields?: Html;
  /** Offers passkeys in the suggestions of the field with `autocomplete="... webauthn"` too. */
  readonly isAutofill?: boolean;
  /** What to do where passkeys do not work. */
  readonly otherwise: string;
}

/** The form of one passkey prompt. It sends `credential`: the answer as JSON (WebAuthn level 3 `toJSON()`). */
export function passkeyForm(view: FormPageView, options: PasskeyFormOptions): Html {
  const more = attributes({
    class: "with-script",
    "data-passkey": options.act,
    "data-options": options.prompt.optionsJson,
    "data-autofill": options.isAutofill === true,
    "data-closed": "The passkey prompt was closed or took too long. Nothing was sent. Try again when you are ready.",
    "data-known": "This device already has a passkey for your account. You can use it as it is.",
    "data-failed": "The browser could not use a passkey here. Load the page again, or use another way.",
  });
  const status = html`<p class="mistake" role="status" data-passkey-status hidden></p>`;
  const content = html`${options.fields}${button(options.words, { kind: options.kind ?? "main" })}${status}`;
  const hidden = { ...options.hidden, credential: "" };
  const asked = form(view, { action: options.action, hidden, content, more });
  const missing = `Passkeys need a recent browser with JavaScript switched on. ${options.otherwise}`;
  return html`${asked}<p class="quiet without-script" data-passkey-missing>${missing}</p>`;
}

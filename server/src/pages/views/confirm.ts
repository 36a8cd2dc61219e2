// Step-up: before something that matters, the person shows again that it is them, and then goes on where they were.

import { type Html, html } from "../../platform/html/index.ts";
import { button, textLink } from "../components/button.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { passkeyForm } from "../components/passkey-form.ts";
import { accountNameField, passwordField } from "../components/password-field.ts";
import { person } from "../components/text.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView, PasskeyPrompt } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";

export interface ConfirmView extends FormPageView {
  readonly email: string;
  /** Ends the sentence `Confirm that it is you`: `to remove a passkey`. Ours, never from outside. */
  readonly purpose?: string;
  readonly returnTo: string;
  readonly passkey?: PasskeyPrompt;
  readonly hasTotp: boolean;
  /** Only for whoever has neither: a password alone confirms nothing where there is a factor. */
  readonly hasPassword: boolean;
}

function writePassword(view: ConfirmView, returnTo: string): Html {
  const password = passwordField(view, { name: "password", label: "Password", autocomplete: "current-password" });
  const content = html`${accountNameField(view.email)}${password}${button("Confirm")}`;
  return form(view, { action: pagePaths.confirm, hidden: { method: "password", returnTo }, content });
}

function writeTotp(view: ConfirmView, returnTo: string): Html {
  const code = field(view, {
    name: "code",
    label: "Code from your authenticator app",
    autocomplete: "one-time-code",
    code: "digits",
  });
  const content = html`${code}${button("Confirm", view.passkey ? { kind: "plain" } : {})}`;
  return form(view, { action: pagePaths.confirm, hidden: { method: "totp", returnTo }, content });
}

/** The confirmation. Posts `method` with `password`, `code` or `credential`; and `returnTo`. */
export function confirmPage(view: ConfirmView): Html {
  const returnTo = toReturnPath(view.returnTo);
  const passkey =
    view.passkey &&
    passkeyForm(view, {
      action: pagePaths.confirm,
      act: "get",
      prompt: view.passkey,
      words: "Confirm with a passkey",
      hidden: { method: "passkey", returnTo },
      otherwise: view.hasTotp ? "Use your authenticator app." : "Open this page in a browser that has them.",
    });
  const isBoth = passkey !== undefined && view.hasTotp;
  const hasPasswordOnly = passkey === undefined && !view.hasTotp && view.hasPassword;
  return sheetPage(view, {
    title: "Confirm that it is you",
    lead: html`You are about ${view.purpose ?? "to change something that matters"}. This counts for 10 minutes.`,
    content: html`${passkey}${isBoth && html`<p class="or">or</p>`}${view.hasTotp && writeTotp(view, returnTo)}${hasPasswordOnly && writePassword(view, returnTo)}`,
    below: html`Signed in as ${person(view.email)}. ${textLink("Cancel", returnTo)}`,
  });
}

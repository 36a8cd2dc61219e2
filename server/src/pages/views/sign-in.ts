// Sign-in: e-mail and password, or a passkey alone. It says the same to everybody, known or not.

import { type Html, html } from "../../platform/html/index.ts";
import { button, textLink } from "../components/button.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { passkeyForm } from "../components/passkey-form.ts";
import { passwordField } from "../components/password-field.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView, PasskeyPrompt } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";

export interface SignInView extends FormPageView {
  /** What was typed before. */
  readonly email?: string;
  /** Where to go on to; a path of this server. */
  readonly returnTo?: string;
  /** Left out where passkeys cannot be used to sign in. */
  readonly passkey?: PasskeyPrompt;
}

/** The sign-in page. Posts `email`, `password`, `returnTo`; or `credential`, `returnTo`. */
export function signInPage(view: SignInView): Html {
  const hidden = { returnTo: view.returnTo === undefined ? undefined : toReturnPath(view.returnTo) };
  const email = field(view, {
    name: "email",
    label: "E-mail",
    type: "email",
    autocomplete: view.passkey === undefined ? "username" : "username webauthn",
    isFirst: true,
    ...(view.email === undefined ? {} : { value: view.email }),
  });
  const password = passwordField(view, { name: "password", label: "Password", autocomplete: "current-password" });
  const content = html`${email}${password}${button("Sign in")}`;
  const passkey =
    view.passkey &&
    html`<p class="or">or</p>${passkeyForm(view, {
      action: pagePaths.signInPasskey,
      act: "get",
      prompt: view.passkey,
      words: "Sign in with a passkey",
      kind: "plain",
      hidden,
      isAutofill: true,
      otherwise: "Use your password instead.",
    })}`;
  return sheetPage(view, {
    title: "Sign in",
    content: html`${form(view, { action: pagePaths.signIn, hidden, content })}${passkey}`,
    below: textLink("Forgot your password?", pagePaths.reset),
  });
}

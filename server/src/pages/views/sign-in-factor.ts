// The second step of a sign-in: the passkey or the authenticator app first, a recovery code when neither is at hand.

import { type Html, html } from "../../platform/html/index.ts";
import { button, textLink } from "../components/button.ts";
import { disclosure } from "../components/disclosure.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { passkeyForm } from "../components/passkey-form.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView, PasskeyPrompt } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";

export interface SignInFactorView extends FormPageView {
  readonly returnTo?: string;
  /** What this person can use. At least one of them. */
  readonly passkey?: PasskeyPrompt;
  readonly hasTotp: boolean;
  readonly hasRecoveryCodes: boolean;
}

function toHidden(view: SignInFactorView, method: string): Record<string, string | undefined> {
  return { method, returnTo: view.returnTo === undefined ? undefined : toReturnPath(view.returnTo) };
}

function writePasskey(view: SignInFactorView, prompt: PasskeyPrompt): Html {
  return passkeyForm(view, {
    action: pagePaths.signInFactor,
    act: "get",
    prompt,
    words: "Use your passkey",
    kind: view.hasTotp ? "plain" : "main",
    hidden: toHidden(view, "passkey"),
    otherwise: "Use one of the other ways.",
  });
}

function writeTotp(view: SignInFactorView): Html {
  const code = field(view, {
    name: "code",
    label: "Code from your authenticator app",
    hint: "The six digits it shows for Parley.",
    autocomplete: "one-time-code",
    code: "digits",
    isFirst: true,
  });
  const content = html`${code}${button("Go on")}`;
  return form(view, { action: pagePaths.signInFactor, hidden: toHidden(view, "totp"), content });
}

function writeRecovery(view: SignInFactorView): Html {
  const code = field(view, {
    name: "recoveryCode",
    label: "Recovery code",
    hint: "One of the codes you kept when you set this up. It works once.",
    autocomplete: "off",
    code: "letters",
  });
  const content = html`${code}${button("Use this code", { kind: "plain" })}`;
  const isOpen = view.mistakes?.some((mistake) => mistake.path === "recoveryCode") ?? false;
  return disclosure({
    words: "Use a recovery code",
    isOpen,
    content: form(view, { action: pagePaths.signInFactor, hidden: toHidden(view, "recovery"), content }),
  });
}

/** The second step. Posts `method` with `code`, `recoveryCode` or `credential`, and `returnTo`. */
export function signInFactorPage(view: SignInFactorView): Html {
  const passkey = view.passkey && writePasskey(view, view.passkey);
  return sheetPage(view, {
    title: "Show that it is you",
    lead: "Your password was right. One more step protects your account.",
    content: html`${view.hasTotp && writeTotp(view)}${view.hasTotp && passkey && html`<p class="or">or</p>`}${passkey}${view.hasRecoveryCodes && writeRecovery(view)}`,
    below: textLink("Start again", pagePaths.signIn),
  });
}

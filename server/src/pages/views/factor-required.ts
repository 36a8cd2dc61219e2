// The organisation asks for a second factor and the person has none: this is all there is until one is added, or until they
// put it off while that is allowed.

import { type Html, html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { callout } from "../components/callout.ts";
import { field } from "../components/field.ts";
import { passkeyForm } from "../components/passkey-form.ts";
import { strongName, toDay, toLeftWords } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView, PasskeyPrompt } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";

export interface FactorRequiredView extends AccountPageView {
  /** Left out when several ask for it, or which one is not known. */
  readonly organisationName?: string;
  /** `phishing-resistant`: only a passkey will do, and no authenticator app is offered. */
  readonly policy: "required" | "phishing-resistant";
  /** Until when it can wait. Left out, or past: it cannot. */
  readonly dueAtMs?: number;
  readonly prompt: PasskeyPrompt;
  /** Where the person was going. */
  readonly returnTo?: string;
}

function writePasskey(view: FactorRequiredView): Html {
  const name = field(view, {
    name: "name",
    label: "Name for the passkey",
    hint: "So that you know it again: Phone, Blue key.",
    autocomplete: "off",
  });
  const otherwise =
    view.policy === "required"
      ? "Use an authenticator app instead."
      : "Open this page in a browser that has them, or ask an administrator for help.";
  const asked = passkeyForm(view, {
    action: pagePaths.passkeys,
    act: "create",
    prompt: view.prompt,
    words: "Add a passkey",
    fields: name,
    hidden: { returnTo: view.returnTo === undefined ? undefined : toReturnPath(view.returnTo) },
    otherwise,
  });
  return html`<section class="block" aria-labelledby="passkey">
    <div class="stack-tight">
      <h2 id="passkey">A passkey</h2>
      <p class="quiet">Your fingerprint, your face or the lock of your screen. The quickest, and the safest.</p>
    </div>
    ${asked}
  </section>`;
}

function writeTotp(): Html {
  return html`<section class="block" aria-labelledby="app">
    <div class="stack-tight">
      <h2 id="app">An authenticator app</h2>
      <p class="quiet">A code from an app on your phone, asked for after your password.</p>
    </div>
    ${linkButton("Set up an app", pagePaths.totp, { kind: "plain" })}
  </section>`;
}

function writeWait(view: FactorRequiredView, dueAtMs: number): Html {
  const note = callout({
    tone: "info",
    title: `You can do this later, until ${toDay(dueAtMs)}`,
    text: `That is ${toLeftWords(dueAtMs, view.nowMs)} from now. After that, this page is all you can open.`,
  });
  return html`${note}${linkButton("Not now", toReturnPath(view.returnTo), { kind: "plain" })}`;
}

/** The demand for a factor. Posts `name`, `credential` and `returnTo` to the passkeys. */
export function factorRequiredPage(view: FactorRequiredView): Html {
  const { dueAtMs, policy } = view;
  const canWait = dueAtMs !== undefined && dueAtMs > view.nowMs;
  const what = policy === "required" ? "a second factor" : "a passkey";
  return accountPage(
    { ...view, isRestricted: true },
    {
      title: policy === "required" ? "Add a second factor" : "Add a passkey",
      lead: html`${view.organisationName === undefined ? "Your organisation" : strongName(view.organisationName)} asks everybody for ${what}, so that a stolen password alone opens nothing.${!canWait && " You can go on as soon as you have added it."}`,
      path: pagePaths.account,
      content: [writePasskey(view), policy === "required" && writeTotp(), canWait && writeWait(view, dueAtMs)],
    },
  );
}

// The first page anybody sees of a fresh server: it makes the organisation, its first app and its owner, for whoever holds
// the set-up code that the server printed.

import { type Html, html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { passwordField, toPasswordHint } from "../components/password-field.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface SetUpView extends FormPageView {
  readonly passwordLengthMin: number;
  /** What was typed before; never the code or the password. */
  readonly values?: Partial<Record<"organisationName" | "appName" | "name" | "email", string>>;
}

type Name = keyof NonNullable<SetUpView["values"]>;

interface Question {
  readonly name: Name;
  readonly label: string;
  readonly autocomplete: string;
  readonly hint?: string;
  readonly type?: "email";
}

const questions: readonly Question[] = [
  { name: "organisationName", label: "Organisation", autocomplete: "organization", hint: "Your company or team." },
  { name: "appName", label: "First app", autocomplete: "off", hint: "What you will talk about: a shop, a product." },
  { name: "name", label: "Your name", autocomplete: "name" },
  { name: "email", label: "Your e-mail", autocomplete: "username", type: "email", hint: "You sign in with it." },
];

/** The set-up page. Posts `setupCode`, `organisationName`, `appName`, `name`, `email`, `password`. */
export function setUpPage(view: SetUpView): Html {
  const code = field(view, {
    name: "setupCode",
    label: "Set-up code",
    hint: "The server printed it when it first started.",
    autocomplete: "off",
    code: "letters",
    isFirst: true,
  });
  const asked = questions.map((question) => {
    const value = view.values?.[question.name];
    return field(view, { ...question, ...(value === undefined ? {} : { value }) });
  });
  const hint = toPasswordHint(view.passwordLengthMin);
  const password = passwordField(view, { name: "password", label: "Password", autocomplete: "new-password", hint });
  return sheetPage(view, {
    title: "Set up Parley",
    lead: "You become the owner. Everything here can be changed later.",
    content: form(view, { action: pagePaths.setUp, content: html`${code}${asked}${password}${button("Set up")}` }),
  });
}

// An invitation: who invites the reader to what, and the one thing to do, which depends on whether they have an account and
// as whom they are signed in.

import { type Html, html } from "../../platform/html/index.ts";
import { button, linkButton } from "../components/button.ts";
import { field } from "../components/field.ts";
import { form } from "../components/form.ts";
import { accountNameField, passwordField, toPasswordHint } from "../components/password-field.ts";
import { person, strongName, toLeftWords, toName } from "../components/text.ts";
import { sheetPage } from "../layout.ts";
import type { FormPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

/** What the reader can do with it. */
export type InvitationWay =
  /** No account yet: name and password make one. */
  | { readonly kind: "new"; readonly passwordLengthMin: number; readonly name?: string }
  /** An account, not signed in. */
  | { readonly kind: "sign-in" }
  /** Signed in as the person invited. */
  | { readonly kind: "accept" }
  /** Signed in as someone else. */
  | { readonly kind: "other"; readonly signedInEmail: string };

export interface InvitationView extends FormPageView {
  /** From the link in the letter. */
  readonly token: string;
  readonly inviterName: string;
  readonly organisationName: string;
  /** Left out when the role is for the whole organisation. */
  readonly appName?: string;
  readonly roleName: string;
  /** Whom the invitation is for. */
  readonly email: string;
  readonly expiresAtMs: number;
  readonly nowMs: number;
  readonly way: InvitationWay;
}

function toInvitationPath(token: string): string {
  return `${pagePaths.invitation}/${encodeURIComponent(token)}`;
}

function writeNew(view: InvitationView, way: InvitationWay & { kind: "new" }): Html {
  const name = field(view, {
    name: "name",
    label: "Your name",
    autocomplete: "name",
    isFirst: true,
    ...(way.name === undefined ? {} : { value: way.name }),
  });
  const hint = toPasswordHint(way.passwordLengthMin);
  const password = passwordField(view, { name: "password", label: "Password", autocomplete: "new-password", hint });
  const content = html`${accountNameField(view.email)}${name}${password}${button("Accept and create your account")}`;
  return form(view, { action: pagePaths.invitation, hidden: { token: view.token }, content });
}

function writeWay(view: InvitationView): Html {
  const { way } = view;
  const invitation = toInvitationPath(view.token);
  if (way.kind === "new") return writeNew(view, way);
  if (way.kind === "sign-in") {
    const path = `${pagePaths.signIn}?returnTo=${encodeURIComponent(invitation)}`;
    return html`<p>You have an account already. Sign in, and you come back here to accept.</p>${linkButton("Sign in to accept", path)}`;
  }
  if (way.kind === "accept") {
    const hidden = { token: view.token };
    return form(view, { action: pagePaths.invitation, hidden, content: button("Accept the invitation") });
  }
  const content = html`<p>You are signed in as ${strongName(way.signedInEmail)}. Sign out first, then open the link in your mail again.</p>${button("Sign out", { kind: "plain" })}`;
  return form(view, { action: pagePaths.signOut, content });
}

/** The invitation. Posts `token`, and for a first account `name` and `password`. */
export function invitationPage(view: InvitationView): Html {
  const place = view.appName === undefined ? "" : html` in the app ${strongName(view.appName)}`;
  return sheetPage(view, {
    title: `Join ${toName(view.organisationName)}`,
    lead: html`${strongName(view.inviterName)} invites you to ${strongName(view.organisationName)} as ${strongName(view.roleName)}${place}.`,
    content: writeWay(view),
    below: html`For ${person(view.email)}. Valid for ${toLeftWords(view.expiresAtMs, view.nowMs)}.`,
  });
}

// Something went wrong on a page: what, what to do, and the number under which the log knows it.

import { type Html, html, stripControls } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { sheetPage } from "../layout.ts";
import type { PageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface ErrorView extends PageView {
  readonly status: number;
  /** The public sentence of the `AppError`. */
  readonly sentence: string;
  readonly requestId: string;
  /** Where the button leads; the account when left out, which asks for a sign-in itself. */
  readonly home?: "account" | "sign-in";
}

const titles: Readonly<Record<number, string>> = {
  400: "That did not work",
  401: "Sign in first",
  403: "You cannot open this",
  404: "Page not found",
  408: "That took too long",
  413: "That is too large",
  429: "Too many tries",
  503: "Not ready yet",
};

/** The error page. Shows the sentence as text, whatever is in it. */
export function errorPage(view: ErrorView): Html {
  const path = view.home === "sign-in" ? pagePaths.signIn : pagePaths.account;
  return sheetPage(view, {
    above: `Error ${view.status}`,
    title: titles[view.status] ?? (view.status < 500 ? "That did not work" : "Something went wrong"),
    lead: stripControls(view.sentence),
    content: linkButton(path === pagePaths.signIn ? "Sign in" : "Go to your account", path),
    below: html`If you ask for help, say this number: <code>${view.requestId}</code>`,
  });
}

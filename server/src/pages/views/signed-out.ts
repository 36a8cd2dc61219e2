// After a sign-out.

import { type Html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { sheetPage } from "../layout.ts";
import type { PageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export type SignedOutView = PageView;

/** The page after a sign-out. */
export function signedOutPage(view: SignedOutView): Html {
  return sheetPage(view, {
    title: "You are signed out",
    lead: "On this device. Your other devices stay signed in until you end their sessions in your account.",
    content: linkButton("Sign in again", pagePaths.signIn),
  });
}

// After a reset.

import type { Html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { sheetPage } from "../layout.ts";
import type { PageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export type ResetDoneView = PageView;

/** The page after a reset. Nobody is signed in by it. */
export function resetDonePage(view: ResetDoneView): Html {
  return sheetPage(view, {
    title: "Your password is changed",
    lead: "You were signed out on every device. Sign in with your new password.",
    content: linkButton("Sign in", pagePaths.signIn),
  });
}

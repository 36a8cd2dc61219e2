// A link for a reset that cannot be used.

import type { Html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { sheetPage } from "../layout.ts";
import type { PageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export type ResetRefusedView = PageView;

/** SECURITY: one page for used, expired and invented links. */
export function resetRefusedPage(view: ResetRefusedView): Html {
  return sheetPage(view, {
    title: "This link does not work any more",
    lead: "Links for another password work once, for a short time, and only the last one sent. Your password is unchanged.",
    content: linkButton("Ask for another link", pagePaths.reset),
  });
}

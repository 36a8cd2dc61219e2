// Where the person is signed in: each session with device, network, method and last use; end one, end all others.

import type { Html } from "../../platform/html/index.ts";
import { button } from "../components/button.ts";
import { tag } from "../components/callout.ts";
import { form } from "../components/form.ts";
import { row, rows } from "../components/rows.ts";
import { past, person, toName } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface SessionView {
  readonly id: string;
  /** From the browser's own words: `Firefox on Linux`. */
  readonly device: string;
  /** `203.0.113.0/24`, or a place where one is known. */
  readonly network: string;
  /** `Password and authenticator app`, `Passkey`. */
  readonly method: string;
  readonly lastUsedAtMs: number;
  readonly isCurrent: boolean;
}

export interface SessionsView extends AccountPageView {
  readonly sessions: readonly SessionView[];
}

function writeSession(view: SessionsView, session: SessionView): Html {
  const device = toName(session.device);
  const end = form(view, {
    action: pagePaths.sessionsEnd,
    hidden: { sessionId: session.id },
    isPlain: true,
    content: button("End", { kind: "plain", isSmall: true, of: `the session of ${device}` }),
  });
  return row({
    title: person(session.device),
    tag: session.isCurrent && tag("This one", "good"),
    side: !session.isCurrent && end,
    isSideShort: true,
    facts: [
      ["Signed in with", session.method],
      ["Network", person(session.network)],
      ["Last used", session.isCurrent ? "Now" : past(session.lastUsedAtMs, view.nowMs)],
    ],
  });
}

/** The sessions. Ending one posts `sessionId`; ending the others posts nothing but the token. */
export function sessionsPage(view: SessionsView): Html {
  const hasOthers = view.sessions.some((session) => !session.isCurrent);
  const endOthers =
    hasOthers &&
    form(view, {
      action: pagePaths.sessionsEndOthers,
      isPlain: true,
      content: button("End all other sessions", { kind: "bad" }),
    });
  return accountPage(view, {
    title: "Sessions",
    lead: "Where you are signed in. If you do not know one, end it and change your password.",
    path: pagePaths.sessions,
    content: [rows(view.sessions.map((session) => writeSession(view, session))), endOthers],
  });
}

// The overview of an account: what protects it, in one look, and the way to each place.

import { type Html, html } from "../../platform/html/index.ts";
import { linkButton } from "../components/button.ts";
import { callout, tag } from "../components/callout.ts";
import { row, rows } from "../components/rows.ts";
import { past, person, toLeftWords } from "../components/text.ts";
import { accountPage } from "../layout.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";

export interface AccountView extends AccountPageView {
  /** Left out for people without a password. */
  readonly passwordChangedAtMs?: number;
  readonly passkeyCount: number;
  readonly hasTotp: boolean;
  readonly recoveryCodesLeft: number;
  readonly sessionCount: number;
  /** Set while a factor is demanded but can still wait. */
  readonly factorDueAtMs?: number;
}

const small = { kind: "plain", isSmall: true } as const;

function toCount(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

function writePassword(view: AccountView): Html {
  const changed = view.passwordChangedAtMs;
  return row({
    title: "Password",
    text: changed === undefined ? "None. You sign in without one." : html`Changed ${past(changed, view.nowMs)}`,
    side: linkButton(changed === undefined ? "Set a password" : "Change password", pagePaths.password, small),
  });
}

function writePasskeys({ passkeyCount }: AccountView): Html {
  return row({
    title: "Passkeys",
    tag: passkeyCount > 0 ? tag(String(passkeyCount), "good") : tag("None"),
    text: "Sign in with your fingerprint, your face or the lock of your screen. Nobody can trick you out of it.",
    side: linkButton(passkeyCount > 0 ? "Manage passkeys" : "Add a passkey", pagePaths.passkeys, small),
  });
}

function writeTotp({ hasTotp }: AccountView): Html {
  return row({
    title: "Authenticator app",
    tag: hasTotp ? tag("On", "good") : tag("Off"),
    text: "A code that changes every 30 seconds, asked for after your password.",
    side: linkButton(hasTotp ? "Manage app" : "Set up app", pagePaths.totp, small),
  });
}

function writeRecoveryCodes({ recoveryCodesLeft: left }: AccountView): Html {
  return row({
    title: "Recovery codes",
    tag: tag(left === 0 ? "None" : `${left} left`, left === 0 ? "plain" : left < 4 ? "care" : "good"),
    text: "They let you in when your devices are lost. Each works once.",
    side: linkButton(left === 0 ? "Get codes" : "Manage codes", pagePaths.recoveryCodes, small),
  });
}

/** The overview of the account. */
export function accountOverviewPage(view: AccountView): Html {
  const due =
    view.factorDueAtMs !== undefined &&
    callout({
      tone: "care",
      title: `Add a second factor within ${toLeftWords(view.factorDueAtMs, view.nowMs)}`,
      text: "Your organisation asks for one. After that you can do nothing else until you have added it.",
    });
  const sessions = row({
    title: "Sessions",
    text: view.sessionCount === 1 ? "You are signed in here only." : `You are signed in ${view.sessionCount} times.`,
    side: linkButton(`See ${toCount(view.sessionCount, "session")}`, pagePaths.sessions, small),
  });
  return accountPage(view, {
    title: "Your account",
    lead: html`${person(view.user.name)}, ${person(view.user.email)}`,
    path: pagePaths.account,
    content: [
      due,
      rows([writePassword(view), writePasskeys(view), writeTotp(view), writeRecoveryCodes(view), sessions]),
    ],
  });
}

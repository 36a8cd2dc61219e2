// The addresses of the pages, once. Views link and post to these; whoever binds routes reads the same list.

import { isError } from "../kernel/errors.ts";
import { htmlErrors, localLink } from "../platform/html/index.ts";

export const pagePaths = {
  signIn: "/sign-in",
  signInFactor: "/sign-in/factor",
  signInPasskey: "/sign-in/passkey",
  signOut: "/sign-out",
  setUp: "/set-up",
  invitation: "/invitation",
  reset: "/reset",
  resetForm: "/reset/new",
  account: "/account",
  password: "/account/password",
  passkeys: "/account/passkeys",
  passkeysRename: "/account/passkeys/rename",
  passkeysRemove: "/account/passkeys/remove",
  totp: "/account/totp",
  totpRemove: "/account/totp/remove",
  recoveryCodes: "/account/recovery-codes",
  sessions: "/account/sessions",
  sessionsEnd: "/account/sessions/end",
  sessionsEndOthers: "/account/sessions/end-others",
  ownership: "/organisation/ownership",
  ownershipEnd: "/organisation/ownership/end",
  deletion: "/organisation/deletion",
  tokens: "/tokens",
  tokensRevoke: "/tokens/revoke",
  confirm: "/confirm",
  confirmEmail: "/account/email/confirm",
} as const;

/**
 * The path to go on to, or the account when `path` is absent or could leave this server.
 * SECURITY: a sign-in or a confirmation never ends on a page of someone else.
 */
export function toReturnPath(path: string | undefined): string {
  if (path === undefined) return pagePaths.account;
  try {
    return localLink(path).toString();
  } catch (error) {
    if (isError(error, htmlErrors.linkRefused)) return pagePaths.account;
    throw error;
  }
}

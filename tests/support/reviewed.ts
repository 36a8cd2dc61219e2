// What is open on purpose. An operation that is added without a credential or without a permission fails the matrix until
// somebody has looked at it and written it down here.

export const reviewed = {
  /** Anybody may call these; each answers known and unknown people alike. */
  withoutCredential: [
    "account.confirmEmail",
    "invitations.accept",
    "invitations.read",
    "passwordReset.complete",
    "passwordReset.request",
    "setUp.create",
    "setUp.read",
    "signIn.factor",
    "signIn.passkey",
    "signIn.passkeyOptions",
    "signIn.password",
    "tokens.revokeLeaked",
  ],
  /** Anybody on a page that the channel lists may call these: nothing is stored. */
  beginsChats: ["chat.start"],
  /** Whoever has a part in the place may call these; each looks itself at whose thing it is about. */
  withoutPermission: [
    "apps.list",
    "ownership.accept",
    "ownership.end",
    "ownership.get",
    "tokens.get",
    "tokens.list",
    "tokens.revoke",
  ],
} as const;

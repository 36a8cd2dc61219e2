// Every letter, with facts of a calm day or of somebody hostile. A letter that is missing here is not tested.

import * as notices from "../index.ts";

/** What outsiders chose: names, devices, networks. */
export interface Names {
  readonly organisation: string;
  readonly person: string;
  readonly app: string;
  readonly token: string;
  readonly device: string;
  readonly network: string;
}

export const calmNames: Names = {
  organisation: "Harbour Books",
  person: "Ada Okafor",
  app: "Shop assistant",
  token: "Nightly export",
  device: "Firefox on Windows",
  network: "203.0.113.7",
};

const atMs = Date.UTC(2026, 9, 14, 9, 5);
const dayMs = 86_400_000;

/** Every letter by name. */
export function writeSampleLetters(publicUrl: string, names: Names): Readonly<Record<string, notices.WrittenLetter>> {
  const occasion = { atMs, device: names.device, network: names.network };
  const secretLink = notices.toLink(publicUrl, "/reset/new", { token: "k3Jx9vQ0mT5sYw8ZrB2nC6dF7gH1jL4p" });
  const invitationLink = notices.toLink(publicUrl, "/invitation", { token: "k3Jx9vQ0mT5sYw8ZrB2nC6dF7gH1jL4p" });
  const securityLink = notices.toLink(publicUrl, "/account");
  const tokensLink = notices.toLink(publicUrl, "/tokens");
  const factorChanged = (change: notices.FactorChange): notices.WrittenLetter =>
    notices.toFactorChangedLetter({ change, occasion, securityLink });
  const organisation = { organisationName: names.organisation, sentAtMs: atMs, link: invitationLink };
  const invitation = { ...organisation, inviterName: names.person, expiresAtMs: atMs + 7 * dayMs };
  const token = { tokenName: names.token, appName: names.app, tokensLink };
  const welcome = {
    organisationName: names.organisation,
    signInLink: notices.toLink(publicUrl, "/sign-in"),
    securityLink,
  };
  const deletion = {
    personName: names.person,
    askedAtMs: atMs,
    deletedAtMs: atMs + 30 * dayMs,
    undoLink: securityLink,
  };
  return {
    invitation: notices.toInvitationLetter({ ...invitation, role: "builder" }),
    "invitation-to-an-app": notices.toInvitationLetter({ ...invitation, role: names.token, appName: names.app }),
    "first-password": notices.toFirstPasswordLetter({ ...organisation, link: secretLink, expiresAtMs: atMs + dayMs }),
    welcome: notices.toWelcomeLetter({ ...welcome, hasSecondFactor: true }),
    "welcome-without-factor": notices.toWelcomeLetter({ ...welcome, hasSecondFactor: false }),
    "password-reset": notices.toPasswordResetLetter({ link: secretLink, occasion, expiresAtMs: atMs + 1_800_000 }),
    "password-changed": notices.toPasswordChangedLetter({ occasion, securityLink }),
    "new-device": notices.toNewDeviceLetter({ occasion, methods: ["password", "totp"], sessionsLink: securityLink }),
    "factor-added": factorChanged({ kind: "added", factor: "passkey", name: names.token }),
    "factor-removed": factorChanged({ kind: "removed", factor: "totp" }),
    "recovery-codes-made": factorChanged({ kind: "recovery_codes_made" }),
    "recovery-code-used": factorChanged({ kind: "recovery_code_used", codesLeft: 2 }),
    "confirm-email": notices.toConfirmEmailLetter({ link: secretLink, occasion, expiresAtMs: atMs + 3_600_000 }),
    "email-changed": notices.toEmailChangedLetter({ nextAddress: "ada@example.org", occasion, securityLink }),
    "token-created": notices.toTokenCreatedLetter({
      ...token,
      occasion,
      scopes: ["bot:sendResponses", "trace:read"],
      expiresAtMs: atMs + 90 * dayMs,
    }),
    "token-expiring": notices.toTokenExpiringLetter({ ...token, sentAtMs: atMs, expiresAtMs: atMs + 7 * dayMs }),
    "token-leaked": notices.toTokenLeakedLetter({ ...token, shown: "ply_api_4xK9aB", revokedAtMs: atMs }),
    "ownership-transfer": notices.toOwnershipTransferLetter({
      ...organisation,
      ownerName: names.person,
      expiresAtMs: atMs + 3 * dayMs,
    }),
    "app-deletion": notices.toDeletionLetter({ ...deletion, what: "app", thingName: names.app }),
    "organisation-deletion": notices.toDeletionLetter({
      ...deletion,
      what: "organisation",
      thingName: names.organisation,
    }),
  };
}

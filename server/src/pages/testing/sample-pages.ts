// Every page with sample data: by name, with ordinary names or hostile ones.

import {
  confirmPage,
  errorPage,
  type InvitationWay,
  invitationPage,
  invitationRefusedPage,
  resetDonePage,
  resetFormPage,
  resetRefusedPage,
  resetRequestPage,
  resetSentPage,
  setUpDonePage,
  setUpPage,
  signedOutPage,
  signInFactorPage,
  signInPage,
} from "../index.ts";
import type { FormPageView } from "../page-view.ts";
import { accountPages, type SamplePages } from "./sample-account-pages.ts";
import { getPrompt, type SampleNames, sampleTimes } from "./sample-people.ts";

const token = "sample_4f1c0d8e";

function toInvitation(base: FormPageView, names: SampleNames, way: InvitationWay) {
  const { nowMs, dayMs } = sampleTimes;
  return invitationPage({
    ...base,
    token,
    inviterName: names.inviter,
    organisationName: names.organisation,
    appName: names.app,
    roleName: names.role,
    email: names.email,
    expiresAtMs: nowMs + 6 * dayMs,
    nowMs,
    way,
  });
}

const publicPages: SamplePages = {
  "sign-in": (base) => signInPage({ ...base, passkey: getPrompt }),
  "sign-in-refused": (base, names) =>
    signInPage({
      ...base,
      email: names.email,
      returnTo: "//elsewhere.example/",
      passkey: getPrompt,
      notice: {
        tone: "error",
        text: "E-mail and password do not go together. Check both, or choose another password.",
      },
    }),
  "sign-in-factor": (base) =>
    signInFactorPage({ ...base, passkey: getPrompt, hasTotp: true, hasRecoveryCodes: true, returnTo: "/account" }),
  "sign-in-factor-mistake": (base) =>
    signInFactorPage({
      ...base,
      hasTotp: true,
      hasRecoveryCodes: true,
      mistakes: [{ path: "recoveryCode", message: "This code does not work. Check it, or use another one." }],
    }),
  "signed-out": (base) => signedOutPage(base),
  "set-up": (base) => setUpPage({ ...base, passwordLengthMin: 15 }),
  "set-up-mistakes": (base, names) =>
    setUpPage({
      ...base,
      passwordLengthMin: 15,
      values: { organisationName: names.organisation, appName: names.app, name: names.person, email: names.email },
      mistakes: [
        { path: "setupCode", message: "This is not the code that the server printed." },
        { path: "password", message: "Use at least 15 characters; this has 9." },
      ],
    }),
  "set-up-done": (base, names) =>
    setUpDonePage({ ...base, made: { organisationName: names.organisation, appName: names.app } }),
  "set-up-closed": (base) => setUpDonePage(base),
  invitation: (base, names) => toInvitation(base, names, { kind: "new", passwordLengthMin: 15 }),
  "invitation-sign-in": (base, names) => toInvitation(base, names, { kind: "sign-in" }),
  "invitation-accept": (base, names) => toInvitation(base, names, { kind: "accept" }),
  "invitation-other": (base, names) => toInvitation(base, names, { kind: "other", signedInEmail: names.email }),
  "invitation-refused": (base) => invitationRefusedPage(base),
  reset: (base) => resetRequestPage(base),
  "reset-sent": (base) => resetSentPage({ ...base, validMinutes: 30 }),
  "reset-form": (base) => resetFormPage({ ...base, token, passwordLengthMin: 15 }),
  "reset-done": (base) => resetDonePage(base),
  "reset-refused": (base) => resetRefusedPage(base),
  confirm: (base, names) =>
    confirmPage({
      ...base,
      email: names.email,
      purpose: "to remove a passkey",
      returnTo: "/account/passkeys",
      passkey: getPrompt,
      hasPassword: true,
      hasTotp: true,
    }),
  error: (base, names) => errorPage({ ...base, status: 404, sentence: names.sentence, requestId: "b7f2c0e49d1a4c55" }),
};

/** Every page, by the name under which the preview serves it. */
export const samplePages: SamplePages = { ...publicPages, ...accountPages };

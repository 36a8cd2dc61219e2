// The account's pages with sample data.

import type { Html } from "../../platform/html/index.ts";
import {
  accountOverviewPage,
  factorRequiredPage,
  passkeysPage,
  passwordPage,
  recoveryCodesPage,
  recoveryCodesShownPage,
  sessionsPage,
  totpEnrolPage,
  totpPage,
} from "../index.ts";
import type { AccountPageView, FormPageView } from "../page-view.ts";
import { createPrompt, type SampleNames, sampleTimes } from "./sample-people.ts";

export type SamplePages = Readonly<Record<string, (base: FormPageView, names: SampleNames) => Html>>;

const { nowMs, dayMs } = sampleTimes;
const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const codes = Array.from({ length: 10 }, (_, index) => `${index}k7qf-x2m9p-4wvtd-h8rzn`);

function toAccount(base: FormPageView, names: SampleNames): AccountPageView {
  return { ...base, nowMs, user: { name: names.person, email: names.email } };
}

const listPasskeys = (names: SampleNames) => [
  {
    id: "psk_1",
    name: names.passkey,
    createdAtMs: nowMs - 90 * dayMs,
    lastUsedAtMs: nowMs - 7_200_000,
    backup: "backed-up" as const,
  },
  { id: "psk_2", name: "Blue key", createdAtMs: nowMs - 10 * dayMs, backup: "never" as const },
];

const listSessions = (names: SampleNames) => [
  {
    id: "ses_1",
    device: names.device,
    network: "203.0.113.0/24",
    method: "Password and authenticator app",
    lastUsedAtMs: nowMs,
    isCurrent: true,
  },
  {
    id: "ses_2",
    device: "Safari on iPhone",
    network: "2001:db8:42::/48",
    method: "Passkey",
    lastUsedAtMs: nowMs - 3 * dayMs,
    isCurrent: false,
  },
  {
    id: "ses_3",
    device: names.device,
    network: "198.51.100.0/24",
    method: "Recovery code",
    lastUsedAtMs: nowMs - 40 * dayMs,
    isCurrent: false,
  },
];

export const accountPages: SamplePages = {
  account: (base, names) =>
    accountOverviewPage({
      ...toAccount(base, names),
      passwordChangedAtMs: nowMs - 12 * dayMs,
      passkeyCount: 2,
      hasTotp: true,
      recoveryCodesLeft: 3,
      sessionCount: 3,
    }),
  "account-bare": (base, names) =>
    accountOverviewPage({
      ...toAccount(base, names),
      passwordChangedAtMs: nowMs - 3 * dayMs,
      passkeyCount: 0,
      hasTotp: false,
      recoveryCodesLeft: 0,
      sessionCount: 1,
      factorDueAtMs: nowMs + 3 * dayMs,
    }),
  password: (base, names) => passwordPage({ ...toAccount(base, names), passwordLengthMin: 8, hasPassword: true }),
  passkeys: (base, names) =>
    passkeysPage({ ...toAccount(base, names), passkeys: listPasskeys(names), prompt: createPrompt }),
  "passkeys-last": (base, names) =>
    passkeysPage({
      ...toAccount(base, names),
      passkeys: listPasskeys(names).slice(0, 1),
      prompt: createPrompt,
      keptBecause: "Your organisation asks for a passkey, and this is your last one. Add another one first.",
      mistakes: [{ path: "psk_1-name", message: "Give it a name of at most 60 characters." }],
    }),
  totp: (base, names) => totpPage({ ...toAccount(base, names), addedAtMs: nowMs - dayMs, lastUsedAtMs: nowMs }),
  "totp-enrol": (base, names) =>
    totpEnrolPage({
      ...toAccount(base, names),
      secret,
      uri: `otpauth://totp/Parley:${encodeURIComponent("grace@northwind.example")}?secret=${secret}&issuer=Parley`,
    }),
  "recovery-codes": (base, names) =>
    recoveryCodesPage({
      ...toAccount(base, names),
      left: 3,
      total: 10,
      hasFactor: true,
    }),
  "recovery-codes-none": (base, names) =>
    recoveryCodesPage({ ...toAccount(base, names), left: 0, total: 10, hasFactor: false }),
  "recovery-codes-shown": (base, names) => recoveryCodesShownPage({ ...toAccount(base, names), codes }),
  sessions: (base, names) => sessionsPage({ ...toAccount(base, names), sessions: listSessions(names) }),
  "factor-required": (base, names) =>
    factorRequiredPage({
      ...toAccount(base, names),
      organisationName: names.organisation,
      policy: "required",
      dueAtMs: nowMs + 3 * dayMs,
      prompt: createPrompt,
    }),
  "factor-required-now": (base, names) =>
    factorRequiredPage({
      ...toAccount(base, names),
      organisationName: names.organisation,
      policy: "phishing-resistant",
      prompt: createPrompt,
    }),
};

// The places of an account: overview, password, passkeys, authenticator app, recovery codes, sessions, and the
// confirmation that something which matters asks for first.

import { passkeyTransports } from "../../domains/identity/index.ts";
import type { AccountPageView, PasskeyPrompt } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";
import { accountOverviewPage } from "../views/account.ts";
import { confirmPage } from "../views/confirm.ts";
import { factorRequiredPage } from "../views/factor-required.ts";
import { type PasskeyView, passkeysPage } from "../views/passkeys.ts";
import { passwordPage } from "../views/password.ts";
import { recoveryCodesPage } from "../views/recovery-codes.ts";
import { recoveryCodesShownPage } from "../views/recovery-codes-shown.ts";
import { sessionsPage } from "../views/sessions.ts";
import { totpPage } from "../views/totp.ts";
import { totpEnrolPage } from "../views/totp-enrol.ts";
import { orAgain, type PageContext, type PageReply, type PageRoute } from "./page-route.ts";
import { toRegistrationAnswer, toSignInAnswer } from "./passkey-answer.ts";

const recoveryCodesTotal = 10;

interface Account {
  readonly email: string;
  readonly name: string;
  readonly hasPassword: boolean;
  readonly passwordSetAt?: string;
  readonly hasTotp: boolean;
  readonly passkeys: number;
  readonly recoveryCodesLeft: number;
  readonly factorPolicy: "optional" | "required" | "phishing_resistant";
}

interface Place {
  readonly account: Account;
  readonly base: AccountPageView;
}

async function read<T>(context: PageContext, name: string): Promise<T> {
  return (await context.call(name)).body as T;
}

/** What every page of an account is given. */
async function enter(context: PageContext): Promise<Place> {
  const account = await read<Account>(context, "account.get");
  const { name, email } = account;
  const restricted = context.held === undefined ? {} : { isRestricted: true };
  return { account, base: { ...context.base, user: { name, email }, nowMs: context.nowMs, ...restricted } };
}

function hasFactor({ hasTotp, passkeys }: Account): boolean {
  return hasTotp || passkeys > 0;
}

function toPrompt(body: unknown): PasskeyPrompt {
  return { optionsJson: JSON.stringify((body as { options: unknown }).options) };
}

async function readPrompt(context: PageContext): Promise<PasskeyPrompt> {
  return toPrompt(await read(context, "passkeys.options"));
}

/** The demand for a factor, in place of everything else. */
async function showDemand(context: PageContext, { account, base }: Place): Promise<PageReply> {
  const policy = account.factorPolicy === "phishing_resistant" ? "phishing-resistant" : "required";
  return { html: factorRequiredPage({ ...base, policy, prompt: await readPrompt(context) }) };
}

const overviewRoute: PageRoute = {
  path: pagePaths.account,
  needs: "user",
  get: async (context) => {
    const place = await enter(context);
    if (context.held?.code === "api.step_up_required") throw context.held;
    if (context.held !== undefined) return showDemand(context, place);
    const { account, base } = place;
    const { items } = await read<{ items: readonly unknown[] }>(context, "sessions.list");
    const { hasTotp, recoveryCodesLeft, passkeys: passkeyCount, passwordSetAt } = account;
    const changed = passwordSetAt === undefined ? {} : { passwordChangedAtMs: Date.parse(passwordSetAt) };
    const counts = { passkeyCount, hasTotp, recoveryCodesLeft, sessionCount: items.length };
    return { html: accountOverviewPage({ ...base, ...counts, ...changed }) };
  },
};

async function showPassword(context: PageContext, more: object = {}): Promise<PageReply> {
  const { account, base } = await enter(context);
  const { hasPassword } = account;
  const passwordLengthMin = hasFactor(account) ? 8 : 15;
  return { html: passwordPage({ ...base, passwordLengthMin, hasPassword, ...more }) };
}

const passwordRoute: PageRoute = {
  path: pagePaths.password,
  needs: "user",
  get: (context) => showPassword(context),
  post: (context) =>
    orAgain(
      async () => {
        const { currentPassword, newPassword: password = "" } = context.form;
        const input = currentPassword === undefined ? { password } : { currentPassword, password };
        const { headers } = await context.call("account.changePassword", input);
        return { to: pagePaths.account, headers: headers ?? [] };
      },
      (refusal) => showPassword(context, refusal),
    ),
};

interface ListedPasskey {
  readonly passkeyId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt?: string;
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
}

function toPasskeyView(passkey: ListedPasskey): PasskeyView {
  const { passkeyId, name, createdAt, lastUsedAt, isBackedUp, isBackupEligible } = passkey;
  const used = lastUsedAt === undefined ? {} : { lastUsedAtMs: Date.parse(lastUsedAt) };
  const backup = isBackedUp ? "backed-up" : isBackupEligible ? "possible" : "never";
  return { id: passkeyId, name, createdAtMs: Date.parse(createdAt), ...used, backup };
}

async function showPasskeys(context: PageContext, more: object = {}): Promise<PageReply> {
  const place = await enter(context);
  if (context.held !== undefined) return showDemand(context, place);
  const { items } = await read<{ items: readonly ListedPasskey[] }>(context, "passkeys.list");
  const prompt = await readPrompt(context);
  return { html: passkeysPage({ ...place.base, passkeys: items.map(toPasskeyView), prompt, ...more }) };
}

/** After the first factor come the codes that stand in for it. */
async function goOnFromFactor(before: Account): Promise<string> {
  return before.recoveryCodesLeft === 0 ? pagePaths.recoveryCodes : pagePaths.account;
}

const passkeysRoute: PageRoute = {
  path: pagePaths.passkeys,
  needs: "user",
  get: (context) => showPasskeys(context),
  post: (context) =>
    orAgain(
      async () => {
        const { account } = await enter(context);
        const { name = "", credential } = context.form;
        const passkey = toRegistrationAnswer(credential, passkeyTransports);
        const { headers } = await context.call("passkeys.add", { name, passkey });
        return { to: await goOnFromFactor(account), headers: headers ?? [] };
      },
      (refusal) => showPasskeys(context, refusal),
    ),
};

const renameRoute: PageRoute = {
  path: pagePaths.passkeysRename,
  needs: "user",
  post: (context) => {
    const { passkeyId = "", name = "" } = context.form;
    return orAgain(
      async () => {
        await context.call("passkeys.rename", { passkeyId, name });
        return { to: pagePaths.passkeys };
      },
      (refusal) => {
        const text = refusal.notice?.text ?? "";
        return showPasskeys(context, { mistakes: [{ path: `${passkeyId}-name`, message: text }] });
      },
    );
  },
};

const removeRoute: PageRoute = {
  path: pagePaths.passkeysRemove,
  needs: "user",
  post: (context) =>
    orAgain(
      async () => {
        await context.call("passkeys.remove", { passkeyId: context.form["passkeyId"] ?? "" });
        return { to: pagePaths.passkeys };
      },
      (refusal) => showPasskeys(context, refusal),
    ),
};

async function showTotp(context: PageContext, more: object = {}): Promise<PageReply> {
  const { account, base } = await enter(context);
  if (account.hasTotp) return { html: totpPage({ ...base, ...more }) };
  const { uri, typed } = await read<{ uri: string; typed: string }>(context, "totp.begin");
  return { html: totpEnrolPage({ ...base, uri, secret: typed.replaceAll(" ", ""), ...more }) };
}

const totpRoute: PageRoute = {
  path: pagePaths.totp,
  needs: "user",
  get: (context) => showTotp(context),
  post: (context) =>
    orAgain(
      async () => {
        const { account } = await enter(context);
        const { headers } = await context.call("totp.confirm", { code: context.form["code"] ?? "" });
        return { to: await goOnFromFactor(account), headers: headers ?? [] };
      },
      (refusal) => showTotp(context, refusal),
    ),
};

const totpRemoveRoute: PageRoute = {
  path: pagePaths.totpRemove,
  needs: "user",
  post: (context) =>
    orAgain(
      async () => {
        await context.call("totp.remove");
        return { to: pagePaths.account };
      },
      (refusal) => showTotp(context, refusal),
    ),
};

async function showRecoveryCodes(context: PageContext, more: object = {}): Promise<PageReply> {
  const { account, base } = await enter(context);
  const codes = { left: account.recoveryCodesLeft, total: recoveryCodesTotal, hasFactor: hasFactor(account) };
  return { html: recoveryCodesPage({ ...base, ...codes, ...more }) };
}

const recoveryCodesRoute: PageRoute = {
  path: pagePaths.recoveryCodes,
  needs: "user",
  get: (context) => showRecoveryCodes(context),
  post: (context) =>
    orAgain(
      async () => {
        const { base } = await enter(context);
        const { codes } = await read<{ codes: readonly string[] }>(context, "recoveryCodes.make");
        return { html: recoveryCodesShownPage({ ...base, codes }) };
      },
      (refusal) => showRecoveryCodes(context, refusal),
    ),
};

const methodWords: Readonly<Record<string, string>> = {
  password: "password",
  totp: "authenticator app",
  passkey: "passkey",
  recovery_code: "recovery code",
  setup: "set-up code",
  invitation: "invitation",
};

function toMethodWords(methods: readonly string[]): string {
  const words = methods.map((method) => methodWords[method] ?? method).join(" and ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

interface ListedSession {
  readonly sessionId: string;
  readonly device: string;
  readonly network: string;
  readonly methods: readonly string[];
  readonly lastUsedAt: string;
  readonly isCurrent: boolean;
}

async function showSessions(context: PageContext, more: object = {}): Promise<PageReply> {
  const { base } = await enter(context);
  const { items } = await read<{ items: readonly ListedSession[] }>(context, "sessions.list");
  const sessions = items.map(({ sessionId: id, methods, lastUsedAt, device, network, isCurrent }) => ({
    ...{ id, device, network, isCurrent },
    ...{ method: toMethodWords(methods), lastUsedAtMs: Date.parse(lastUsedAt) },
  }));
  return { html: sessionsPage({ ...base, sessions, ...more }) };
}

const sessionsRoute: PageRoute = { path: pagePaths.sessions, needs: "user", get: (context) => showSessions(context) };

function toEndRoute(path: string, end: (context: PageContext) => Promise<unknown>): PageRoute {
  return {
    path,
    needs: "user",
    post: (context) =>
      orAgain(
        async () => {
          await end(context);
          return { to: pagePaths.sessions };
        },
        (refusal) => showSessions(context, refusal),
      ),
  };
}

const endRoutes = [
  toEndRoute(pagePaths.sessionsEnd, (context) =>
    context.call("sessions.end", { sessionId: context.form["sessionId"] ?? "" }),
  ),
  toEndRoute(pagePaths.sessionsEndOthers, (context) => context.call("sessions.endOthers")),
];

async function findStepUpPrompt(context: PageContext, { passkeys }: Account): Promise<{ passkey?: PasskeyPrompt }> {
  return passkeys === 0 ? {} : { passkey: toPrompt(await read(context, "stepUp.options")) };
}

async function showConfirm(context: PageContext, more: object = {}): Promise<PageReply> {
  const { account } = await enter(context);
  const { email, hasTotp, hasPassword } = account;
  const returnTo = context.form["returnTo"] ?? context.query["returnTo"] ?? pagePaths.account;
  const passkey = await findStepUpPrompt(context, account);
  return { html: confirmPage({ ...context.base, email, hasTotp, hasPassword, returnTo, ...passkey, ...more }) };
}

function toProof(form: PageContext["form"]): object {
  if (form["method"] === "passkey") return { method: "passkey", passkey: toSignInAnswer(form["credential"]) };
  if (form["method"] === "totp") return { method: "totp", code: form["code"] ?? "" };
  return { method: "password", password: form["password"] ?? "" };
}

const confirmRoute: PageRoute = {
  path: pagePaths.confirm,
  needs: "user",
  get: (context) => showConfirm(context),
  post: (context) =>
    orAgain(
      async () => {
        const { headers } = await context.call("stepUp.confirm", toProof(context.form));
        return { to: toReturnPath(context.form["returnTo"]), headers: headers ?? [] };
      },
      (refusal) => showConfirm(context, refusal),
    ),
};

export const accountRoutes: readonly PageRoute[] = [
  overviewRoute,
  passwordRoute,
  passkeysRoute,
  renameRoute,
  removeRoute,
  totpRoute,
  totpRemoveRoute,
  recoveryCodesRoute,
  sessionsRoute,
  ...endRoutes,
  confirmRoute,
];

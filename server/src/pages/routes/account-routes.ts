// The places of an account: overview, password, factors, sessions, and the confirmation that something which matters asks
// for first.

import { type SignInMethod, toMethodWords } from "../../domains/notices/index.ts";
import type { PasskeyPrompt } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";
import { accountOverviewPage } from "../views/account.ts";
import { confirmPage } from "../views/confirm.ts";
import { passwordPage } from "../views/password.ts";
import { sessionsPage } from "../views/sessions.ts";
import { type Account, enter, hasFactor, read, showDemand, toPrompt } from "./account-place.ts";
import { factorRoutes } from "./factor-routes.ts";
import { orAgain, type PageContext, type PageReply, type PageRoute } from "./page-route.ts";
import { toSignInAnswer } from "./passkey-answer.ts";

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

function toTitle(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

interface ListedSession {
  readonly sessionId: string;
  readonly device: string;
  readonly network: string;
  readonly methods: readonly SignInMethod[];
  readonly lastUsedAt: string;
  readonly isCurrent: boolean;
}

async function showSessions(context: PageContext, more: object = {}): Promise<PageReply> {
  const { base } = await enter(context);
  const { items } = await read<{ items: readonly ListedSession[] }>(context, "sessions.list");
  const sessions = items.map(({ sessionId: id, methods, lastUsedAt, device, network, isCurrent }) => ({
    ...{ id, device, network, isCurrent },
    ...{ method: toTitle(toMethodWords(methods)), lastUsedAtMs: Date.parse(lastUsedAt) },
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
  ...factorRoutes,
  sessionsRoute,
  ...endRoutes,
  confirmRoute,
];

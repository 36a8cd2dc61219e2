// Signing in and out: address and password, a second step where there is one, or a passkey alone.

import type { Answer } from "../../api/index.ts";
import { AppError } from "../../kernel/errors.ts";
import type { PasskeyPrompt } from "../page-view.ts";
import { pagePaths, toReturnPath } from "../paths.ts";
import { signInPage } from "../views/sign-in.ts";
import { signInFactorPage } from "../views/sign-in-factor.ts";
import { signedOutPage } from "../views/signed-out.ts";
import { orAgain, type PageContext, type PageReply, type PageRoute } from "./page-route.ts";
import { toSignInAnswer } from "./passkey-answer.ts";
import { keepTicket } from "./visit.ts";

interface FactorRequired {
  readonly status: "factor_required";
  readonly ticket: string;
  readonly factors: readonly ("totp" | "passkey" | "recovery_code")[];
}

type SignInBody = FactorRequired | { readonly status: "signed_in" };

/** What the browser needs to ask for a passkey; nothing when the limit of such questions is reached. */
async function findPrompt(context: PageContext, ticket?: string): Promise<{ passkey?: PasskeyPrompt }> {
  try {
    const input = ticket === undefined ? {} : { ticket };
    const { body } = await context.call("signIn.passkeyOptions", input, { kind: "anonymous" });
    return { passkey: { optionsJson: JSON.stringify((body as { options: unknown }).options) } };
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return {};
    throw error;
  }
}

const anonymous = { kind: "anonymous" } as const;

function toReturn(context: PageContext): { returnTo?: string } {
  const returnTo = context.form["returnTo"] ?? context.query["returnTo"];
  return returnTo === undefined ? {} : { returnTo };
}

async function showSignIn(context: PageContext, more: object = {}): Promise<PageReply> {
  const passkey = await findPrompt(context);
  return { html: signInPage({ ...context.base, ...toReturn(context), ...passkey, ...more }) };
}

function goOn(context: PageContext, answer: Answer): PageReply {
  return { to: toReturnPath(toReturn(context).returnTo), headers: [...(answer.headers ?? []), keepTicket(undefined)] };
}

function toFactorPath(context: PageContext, factors: FactorRequired["factors"]): string {
  const returnTo = toReturn(context).returnTo;
  const query = new URLSearchParams({ with: factors.join(" "), ...(returnTo === undefined ? {} : { returnTo }) });
  return `${pagePaths.signInFactor}?${query.toString()}`;
}

const signInRoute: PageRoute = {
  path: pagePaths.signIn,
  needs: "nobody",
  get: async (context) =>
    context.user === undefined ? showSignIn(context) : { to: toReturnPath(toReturn(context).returnTo) },
  post: (context) => {
    const { email = "", password = "" } = context.form;
    const act = async (): Promise<PageReply> => {
      const answer = await context.call("signIn.password", { email, password }, anonymous);
      const body = answer.body as SignInBody;
      if (body.status === "signed_in") return goOn(context, answer);
      return { to: toFactorPath(context, body.factors), headers: [keepTicket(body.ticket)] };
    };
    return orAgain(act, (refusal) => showSignIn(context, { email, ...refusal }));
  },
};

const passkeyRoute: PageRoute = {
  path: pagePaths.signInPasskey,
  needs: "nobody",
  post: (context) =>
    orAgain(
      async () => {
        const passkey = toSignInAnswer(context.form["credential"]);
        return goOn(context, await context.call("signIn.passkey", { passkey }, anonymous));
      },
      (refusal) => showSignIn(context, refusal),
    ),
};

const factorWords = ["totp", "passkey", "recovery_code"];

/** SECURITY: which factors are offered is only a hint in the address; what a ticket takes is the operation's to know. */
async function showFactor(context: PageContext, more: object = {}): Promise<PageReply> {
  const { ticket } = context.visit;
  if (ticket === undefined) return { to: pagePaths.signIn };
  const given = (context.form["with"] ?? context.query["with"] ?? "").split(" ");
  const known = given.filter((word) => factorWords.includes(word));
  const factors = known.length > 0 ? known : factorWords;
  const passkey = factors.includes("passkey") ? await findPrompt(context, ticket) : {};
  const offered = { hasTotp: factors.includes("totp"), hasRecoveryCodes: factors.includes("recovery_code") };
  return { html: signInFactorPage({ ...context.base, ...toReturn(context), ...passkey, ...offered, ...more }) };
}

function toFactorInput(form: PageContext["form"]): object {
  if (form["method"] === "passkey") return { method: "passkey", passkey: toSignInAnswer(form["credential"]) };
  if (form["method"] === "recovery") return { method: "recovery_code", code: form["recoveryCode"] ?? "" };
  return { method: "totp", code: form["code"] ?? "" };
}

const factorRoute: PageRoute = {
  path: pagePaths.signInFactor,
  needs: "nobody",
  get: (context) => showFactor(context),
  post: (context) =>
    orAgain(
      async () => {
        const { ticket } = context.visit;
        if (ticket === undefined) return { to: pagePaths.signIn };
        const input = { ticket, ...toFactorInput(context.form) };
        return goOn(context, await context.call("signIn.factor", input, anonymous));
      },
      (refusal) => showFactor(context, refusal),
    ),
};

const signOutRoute: PageRoute = {
  path: pagePaths.signOut,
  needs: "nobody",
  post: async (context) => {
    const answer = context.user === undefined ? undefined : await context.call("signIn.end");
    return { html: signedOutPage(context.base), headers: answer?.headers ?? [] };
  },
};

export const signInRoutes: readonly PageRoute[] = [signInRoute, passkeyRoute, factorRoute, signOutRoute];

// The ways in besides signing in: the first set-up, an invitation, a reset of the password, another e-mail address.

import { AppError } from "../../kernel/errors.ts";
import type { Html } from "../../platform/html/index.ts";
import { pagePaths } from "../paths.ts";
import { confirmEmailPage } from "../views/confirm-email.ts";
import { type InvitationWay, invitationPage } from "../views/invitation.ts";
import { invitationRefusedPage } from "../views/invitation-refused.ts";
import { resetDonePage } from "../views/reset-done.ts";
import { resetFormPage } from "../views/reset-form.ts";
import { resetRefusedPage } from "../views/reset-refused.ts";
import { resetRequestPage } from "../views/reset-request.ts";
import { resetSentPage } from "../views/reset-sent.ts";
import { setUpPage } from "../views/set-up.ts";
import { setUpDonePage } from "../views/set-up-done.ts";
import type { FormFields } from "./form.ts";
import { orAgain, type PageContext, type PageReply, type PageRoute } from "./page-route.ts";

/** Alone, a password has 15 characters at least (SP 800-63B-4 3.1.1.2). */
const passwordLengthMin = 15;
const resetMinutes = 30;
const anonymous = { kind: "anonymous" } as const;

function pick<Name extends string>(form: FormFields, names: readonly Name[]): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, form[name] ?? ""])) as Record<Name, string>;
}

async function isSetUpOpen(context: PageContext): Promise<boolean> {
  try {
    await context.call("setUp.read", {}, anonymous);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.status === 404) return false;
    throw error;
  }
}

const typedNames = ["organisationName", "appName", "name", "email"] as const;

const setUpRoute: PageRoute = {
  path: pagePaths.setUp,
  needs: "nobody",
  get: async (context) => {
    // SECURITY: once somebody lives here there is nothing to see, not even that there once was (CVE-2026-34723).
    if (!(await isSetUpOpen(context))) return { html: setUpDonePage(context.base), status: 404 };
    return { html: setUpPage({ ...context.base, passwordLengthMin }) };
  },
  post: async (context) => {
    const values = pick(context.form, typedNames);
    const { setupCode = "", password = "" } = context.form;
    if (!(await isSetUpOpen(context))) return { html: setUpDonePage(context.base), status: 404 };
    return orAgain(
      async () => {
        const { headers } = await context.call("setUp.create", { ...values, code: setupCode, password }, anonymous);
        const { organisationName, appName } = values;
        return {
          html: setUpDonePage({ ...context.base, made: { organisationName, appName } }),
          headers: headers ?? [],
        };
      },
      (refusal) => ({ html: setUpPage({ ...context.base, passwordLengthMin, values, ...refusal }) }),
    );
  },
};

interface Invitation {
  readonly organisationName: string;
  readonly inviterName: string;
  readonly email: string;
  readonly roles: readonly { readonly role: string; readonly appName?: string }[];
  readonly expiresAt: string;
  readonly hasAccount: boolean;
}

async function findSignedInEmail(context: PageContext): Promise<string | undefined> {
  if (context.user === undefined) return undefined;
  return ((await context.call("account.get")).body as { email: string }).email;
}

function toWay(invitation: Invitation, signedInEmail: string | undefined, name: string | undefined): InvitationWay {
  if (signedInEmail !== undefined) {
    return signedInEmail === invitation.email ? { kind: "accept" } : { kind: "other", signedInEmail };
  }
  if (invitation.hasAccount) return { kind: "sign-in" };
  return { kind: "new", passwordLengthMin, ...(name === undefined ? {} : { name }) };
}

const roleWords: Readonly<Record<string, string>> = { channel_manager: "channel manager", inbox_agent: "inbox agent" };

async function showInvitation(context: PageContext, more: object = {}): Promise<PageReply> {
  const token = context.form["token"] ?? context.params["token"] ?? "";
  try {
    const { body } = await context.call("invitations.read", { token }, anonymous);
    const invitation = body as Invitation;
    const way = toWay(invitation, await findSignedInEmail(context), context.form["name"]);
    const [first] = invitation.roles;
    const role = first?.role ?? "";
    const place = first?.appName === undefined ? {} : { appName: first.appName };
    const { organisationName, inviterName, email, expiresAt } = invitation;
    const expiresAtMs = Date.parse(expiresAt);
    const shown = { organisationName, inviterName, email, token, expiresAtMs, roleName: roleWords[role] ?? role };
    const html: Html = invitationPage({ ...context.base, ...shown, ...place, nowMs: context.nowMs, way, ...more });
    return { html };
  } catch (error) {
    // SECURITY: wrong, used, expired and taken back look alike.
    const isRefused = error instanceof AppError && (error.status === 404 || error.status === 400);
    if (isRefused) return { html: invitationRefusedPage(context.base), status: 404 };
    throw error;
  }
}

const invitationRoute: PageRoute = {
  path: `${pagePaths.invitation}/:token`,
  needs: "nobody",
  get: (context) => showInvitation(context),
};

const acceptRoute: PageRoute = {
  path: pagePaths.invitation,
  needs: "nobody",
  post: (context) =>
    orAgain(
      async () => {
        const { token = "", name = "", password = "" } = context.form;
        const isMyself = context.user !== undefined;
        const answer = isMyself
          ? await context.call("invitations.acceptAsMyself", { token })
          : await context.call("invitations.accept", { token, name, password }, anonymous);
        return { to: pagePaths.account, headers: answer.headers ?? [] };
      },
      (refusal) => showInvitation(context, refusal),
    ),
};

const resetRoute: PageRoute = {
  path: pagePaths.reset,
  needs: "nobody",
  get: async ({ base }) => ({ html: resetRequestPage(base) }),
  post: (context) => {
    const { email = "" } = context.form;
    return orAgain(
      async () => {
        await context.call("passwordReset.request", { email }, anonymous);
        return { html: resetSentPage({ ...context.base, validMinutes: resetMinutes }) };
      },
      (refusal) => ({ html: resetRequestPage({ ...context.base, email, ...refusal }) }),
    );
  },
};

const resetFormRoute: PageRoute = {
  path: pagePaths.resetForm,
  needs: "nobody",
  get: async ({ base, query }) => {
    const { token = "" } = query;
    // Whether the link still works is said when the password is set: looking would tell a stranger who guesses.
    return token === ""
      ? { html: resetRefusedPage(base), status: 404 }
      : { html: resetFormPage({ ...base, token, passwordLengthMin }) };
  },
  post: (context) => {
    const { token = "", newPassword: password = "" } = context.form;
    const act = async (): Promise<PageReply> => {
      try {
        await context.call("passwordReset.complete", { token, password }, anonymous);
        return { html: resetDonePage(context.base) };
      } catch (error) {
        if (!(error instanceof AppError) || error.status !== 404) throw error;
        return { html: resetRefusedPage(context.base), status: 404 };
      }
    };
    return orAgain(act, (refusal) => ({
      html: resetFormPage({ ...context.base, token, passwordLengthMin, ...refusal }),
    }));
  },
};

const confirmEmailRoute: PageRoute = {
  path: pagePaths.confirmEmail,
  needs: "nobody",
  get: async ({ base, query }) => ({ html: confirmEmailPage({ ...base, token: query["token"] ?? "" }) }),
  post: (context) => {
    const { token = "" } = context.form;
    return orAgain(
      async () => {
        await context.call("account.confirmEmail", { token }, anonymous);
        return { to: context.user === undefined ? pagePaths.signIn : pagePaths.account };
      },
      (refusal) => ({ html: confirmEmailPage({ ...context.base, token, ...refusal }) }),
    );
  },
};

const homeRoute: PageRoute = {
  path: "/",
  needs: "nobody",
  get: async (context) => {
    if (context.user !== undefined) return { to: pagePaths.account };
    return { to: (await isSetUpOpen(context)) ? pagePaths.setUp : pagePaths.signIn };
  },
};

export const entryRoutes: readonly PageRoute[] = [
  homeRoute,
  setUpRoute,
  invitationRoute,
  acceptRoute,
  resetRoute,
  resetFormRoute,
  confirmEmailRoute,
];

// The factors of an account: passkeys, the authenticator app, recovery codes.

import { passkeyTransports } from "../../domains/identity/index.ts";
import { pagePaths } from "../paths.ts";
import { type PasskeyView, passkeysPage } from "../views/passkeys.ts";
import { recoveryCodesPage } from "../views/recovery-codes.ts";
import { recoveryCodesShownPage } from "../views/recovery-codes-shown.ts";
import { totpPage } from "../views/totp.ts";
import { totpEnrolPage } from "../views/totp-enrol.ts";
import { type Account, enter, hasFactor, read, readPrompt, showDemand } from "./account-place.ts";
import { orAgain, type PageContext, type PageReply, type PageRoute } from "./page-route.ts";
import { toRegistrationAnswer } from "./passkey-answer.ts";

const recoveryCodesTotal = 10;

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
function goOnFromFactor(before: Account): string {
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
        return { to: goOnFromFactor(account), headers: headers ?? [] };
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
        return { to: goOnFromFactor(account), headers: headers ?? [] };
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

export const factorRoutes: readonly PageRoute[] = [
  passkeysRoute,
  renameRoute,
  removeRoute,
  totpRoute,
  totpRemoveRoute,
  recoveryCodesRoute,
];

// What the routes of an account share: who stands there, and the demand for a factor that comes before everything else.

import type { AccountPageView, PasskeyPrompt } from "../page-view.ts";
import { factorRequiredPage } from "../views/factor-required.ts";
import type { PageContext, PageReply } from "./page-route.ts";

/** A person's own account, as `account.get` answers it. */
export interface Account {
  readonly email: string;
  readonly name: string;
  readonly hasPassword: boolean;
  readonly passwordSetAt?: string;
  readonly hasTotp: boolean;
  readonly passkeys: number;
  readonly recoveryCodesLeft: number;
  readonly factorPolicy: "optional" | "required" | "phishing_resistant";
}

/** Who stands at an account's page, and what every such page is given. */
export interface AccountPlace {
  readonly account: Account;
  readonly base: AccountPageView;
}

/** What an operation answers. */
export async function read<T>(context: PageContext, name: string): Promise<T> {
  return (await context.call(name)).body as T;
}

/** What every page of an account is given. */
export async function enter(context: PageContext): Promise<AccountPlace> {
  const account = await read<Account>(context, "account.get");
  const { name, email } = account;
  const restricted = context.held === undefined ? {} : { isRestricted: true };
  return { account, base: { ...context.base, user: { name, email }, nowMs: context.nowMs, ...restricted } };
}

/** Answers whether the account has anything besides a password. */
export function hasFactor({ hasTotp, passkeys }: Account): boolean {
  return hasTotp || passkeys > 0;
}

/** The options of an answer, as the page's script takes them. */
export function toPrompt(body: unknown): PasskeyPrompt {
  return { optionsJson: JSON.stringify((body as { options: unknown }).options) };
}

/** What the browser needs to make a passkey. */
export async function readPrompt(context: PageContext): Promise<PasskeyPrompt> {
  return toPrompt(await read(context, "passkeys.options"));
}

/** The demand for a factor, in place of everything else. */
export async function showDemand(context: PageContext, { account, base }: AccountPlace): Promise<PageReply> {
  const policy = account.factorPolicy === "phishing_resistant" ? "phishing-resistant" : "required";
  return { html: factorRequiredPage({ ...base, policy, prompt: await readPrompt(context) }) };
}

// The pages that letters about organisations, apps and tokens lead to, until there is more to see of them here.

import { AppError } from "../../kernel/errors.ts";
import { type AppId, type OrganisationId, parseId } from "../../kernel/ids.ts";
import type { AccountPageView } from "../page-view.ts";
import { pagePaths } from "../paths.ts";
import { type Doomed, deletionPage } from "../views/deletion.ts";
import { type OwnershipOffer, ownershipPage } from "../views/ownership.ts";
import { type ListedToken, tokensPage } from "../views/tokens.ts";
import { orAgain, type PageContext, type PageReply, type PageRoute } from "./page-route.ts";

/** What is no id names nothing, and is refused like what is nobody's. */
const noOrganisation: OrganisationId = `org_${"0".repeat(32)}`;
const noApp: AppId = `app_${"0".repeat(32)}`;

interface Place {
  readonly organisationId: OrganisationId;
  readonly name: string;
  readonly apps: readonly { readonly appId: AppId; readonly name: string; readonly deleteAfter?: string }[];
}

async function enter(context: PageContext): Promise<{ base: AccountPageView; places: readonly Place[] }> {
  const { name, email } = (await context.call("account.get")).body as { name: string; email: string };
  const { items } = (await context.call("places.list")).body as { items: readonly Place[] };
  return { base: { ...context.base, user: { name, email }, nowMs: context.nowMs }, places: items };
}

/** The answer, or undefined for what is not there or not the reader's to see. */
async function find<T>(work: Promise<{ readonly body: unknown }>): Promise<T | undefined> {
  try {
    return (await work).body as T;
  } catch (error) {
    if (error instanceof AppError && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}

interface Offer {
  readonly offeredBy: string;
  readonly expiresAt: string;
}

async function showOffers(context: PageContext, more: object = {}): Promise<PageReply> {
  const { base, places } = await enter(context);
  const offers: OwnershipOffer[] = [];
  for (const { organisationId, name: organisationName } of places) {
    const offer = await find<Offer>(context.callAt({ organisationId }, "ownership.get"));
    if (offer === undefined) continue;
    const isOwn = offer.offeredBy === context.user?.userId;
    offers.push({ organisationId, organisationName, expiresAtMs: Date.parse(offer.expiresAt), isOwn });
  }
  return { html: ownershipPage({ ...base, offers, ...more }) };
}

function needOrganisation(context: PageContext): OrganisationId {
  return parseId("organisation", context.form["organisationId"]) ?? noOrganisation;
}

function toOfferRoute(path: string, operation: string, get?: PageRoute["get"]): PageRoute {
  return {
    path,
    needs: "user",
    ...(get === undefined ? {} : { get }),
    post: (context) =>
      orAgain(
        async () => {
          await context.callAt({ organisationId: needOrganisation(context) }, operation);
          return { to: pagePaths.ownership };
        },
        (refusal) => showOffers(context, refusal),
      ),
  };
}

async function showDoomed(context: PageContext, more: object = {}): Promise<PageReply> {
  const { base, places } = await enter(context);
  const things: Doomed[] = [];
  for (const { organisationId, name, apps } of places) {
    const organisation = await find<{ deleteAfter?: string }>(context.callAt({ organisationId }, "organisations.get"));
    const after = organisation?.deleteAfter;
    if (after !== undefined) things.push({ organisationId, name, deletedAtMs: Date.parse(after) });
    for (const { appId, name: appName, deleteAfter } of apps) {
      if (deleteAfter === undefined) continue;
      things.push({ organisationId, appId, name: appName, deletedAtMs: Date.parse(deleteAfter) });
    }
  }
  return { html: deletionPage({ ...base, things, ...more }) };
}

const deletionRoute: PageRoute = {
  path: pagePaths.deletion,
  needs: "user",
  get: (context) => showDoomed(context),
  post: (context) =>
    orAgain(
      async () => {
        const place = { organisationId: needOrganisation(context) };
        const { appId } = context.form;
        if (appId === undefined) await context.callAt(place, "organisations.restore");
        else await context.callAt(place, "apps.restore", { appId });
        return { to: pagePaths.deletion };
      },
      (refusal) => showDoomed(context, refusal),
    ),
};

interface TokenItem {
  readonly tokenId: string;
  readonly name: string;
  readonly shown: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string;
  readonly lastUsedAt?: string;
  readonly revokedAt?: string;
}

function toListedToken(item: TokenItem): ListedToken {
  const { tokenId: id, name, shown, scopes, expiresAt, lastUsedAt, revokedAt } = item;
  const used = lastUsedAt === undefined ? {} : { lastUsedAtMs: Date.parse(lastUsedAt) };
  return { id, name, shown, scopes, expiresAtMs: Date.parse(expiresAt), ...used, isRevoked: revokedAt !== undefined };
}

async function showTokens(context: PageContext, more: object = {}): Promise<PageReply> {
  const { base } = await enter(context);
  const appId = parseId("app", context.form["appId"] ?? context.query["app"]) ?? noApp;
  const { body } = await context.callAt({ appId }, "tokens.list");
  const tokens = (body as { items: readonly TokenItem[] }).items.map(toListedToken);
  return { html: tokensPage({ ...base, appId, tokens, ...more }) };
}

const tokensRoute: PageRoute = { path: pagePaths.tokens, needs: "user", get: (context) => showTokens(context) };

const tokensRevokeRoute: PageRoute = {
  path: pagePaths.tokensRevoke,
  needs: "user",
  post: (context) =>
    orAgain(
      async () => {
        const { tokenId = "" } = context.form;
        const appId = parseId("app", context.form["appId"]) ?? noApp;
        await context.callAt({ appId }, "tokens.revoke", { tokenId });
        return { to: `${pagePaths.tokens}?${new URLSearchParams({ app: appId }).toString()}` };
      },
      (refusal) => showTokens(context, refusal),
    ),
};

export const placeRoutes: readonly PageRoute[] = [
  toOfferRoute(pagePaths.ownership, "ownership.accept", (context) => showOffers(context)),
  toOfferRoute(pagePaths.ownershipEnd, "ownership.end"),
  deletionRoute,
  tokensRoute,
  tokensRevokeRoute,
];

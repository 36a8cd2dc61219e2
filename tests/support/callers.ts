// Everybody who calls in the security suites: a person for each role, with sessions and tokens, and what the role table
// says they may do. The verdict on a call is worked out here from the catalogue's rows alone, without the guards' code.

import { issueForgeryToken } from "../../server/src/api/index.ts";
import { type BuiltInRole, builtInRoles, catalogue } from "../../server/src/domains/organisations/index.ts";
import { issueToken } from "../../server/src/domains/tokens/index.ts";
import type { PeopleStage } from "../../server/src/domains/tokens/testing/people-stage.ts";
import { systemClock } from "../../server/src/kernel/clock.ts";
import type { ChannelId, SessionId, Tenant, UserId } from "../../server/src/kernel/ids.ts";
import type { Operation } from "../../server/src/kernel/operation.ts";
import { otherSite, sampleSite, type VisitorCaller } from "./chat-world.ts";

export interface PersonSession {
  readonly token: string;
  readonly csrf: string;
}

export interface SuiteCaller {
  readonly name: string;
  readonly userId: UserId;
  readonly sessionId: SessionId;
  readonly permissions: readonly string[];
  /** Where the role is held. */
  readonly at: "organisation" | "app";
  readonly channelIds: readonly ChannelId[] | undefined;
  /** A second factor was shown just now, or never. */
  readonly sessions: { readonly fresh: PersonSession; readonly stale: PersonSession };
  readonly tokens: { readonly api: string; readonly bot: string };
}

export const credentials = ["fresh", "stale", "api", "bot", "none"] as const;
export type Credential = (typeof credentials)[number];

/** The app of the caller, another one of the organisation, another organisation's, and one that nobody has. */
export const places = ["own", "sibling", "foreign", "random"] as const;
export type PlaceName = (typeof places)[number];

/** What a role's row in the catalogue lists. */
function listByTable(role: BuiltInRole): string[] {
  return Object.entries(catalogue).flatMap(([permission, holders]) => (holders.includes(role) ? [permission] : []));
}

interface Casting {
  readonly name: string;
  readonly role: BuiltInRole | readonly string[];
  readonly at: "organisation" | "app";
  readonly channelIds?: readonly ChannelId[];
}

const customPermissions = ["channel:read", "tree:read", "token:create", "user:read", "conversation:read"];

/** Seven built-in roles in the whole organisation, six of them in one app, custom ones, and one limited to a channel. */
export function listCastings(channelId: ChannelId): Casting[] {
  const inApp = builtInRoles.filter((role) => role !== "owner");
  return [
    ...builtInRoles.map((role): Casting => ({ name: role, role, at: "organisation" })),
    ...inApp.map((role): Casting => ({ name: `${role} of one app`, role, at: "app" })),
    { name: "custom role", role: customPermissions, at: "organisation" },
    { name: "custom role of one app", role: customPermissions, at: "app" },
    { name: "empty role", role: [], at: "organisation" },
    { name: "admin of one channel", role: "admin", at: "app", channelIds: [channelId] },
  ];
}

/** Makes the person with their sessions and tokens. */
export async function cast(stage: PeopleStage, tenant: Tenant, casting: Casting): Promise<SuiteCaller> {
  const { name, role, at, channelIds } = casting;
  const userId = await stage.addUser(`${name.replaceAll(" ", "-")}@example.org`);
  const held = typeof role === "string" ? role : { roleId: await stage.addRole(tenant.organisationId, role) };
  const appId = at === "app" ? tenant.appId : undefined;
  await stage.grant(tenant.organisationId, userId, { role: held, appId, channelIds });
  const signIn = async (isSteppedUp: boolean) => {
    const { token, sessionId } = await stage.signIn(userId, isSteppedUp);
    return { sessionId, session: { token, csrf: issueForgeryToken(stage.pepper, sessionId) } };
  };
  const [fresh, stale] = [await signIn(true), await signIn(false)];
  const actor = { kind: "user", userId, sessionId: fresh.sessionId, scopes: [], isSteppedUp: true } as const;
  const issue = (kind: "api" | "bot", scopes: readonly string[]): Promise<{ token: string }> =>
    stage.db.database.withTenant(actor, tenant, (tx) =>
      issueToken(tx, { kind, name: kind, scopes }, { pepper: stage.pepper, clock: systemClock }),
    );
  const api = await issue("api", Object.keys(catalogue));
  const bot = await issue("bot", [...botScopes]);
  return {
    ...{ name, userId, at, channelIds, sessionId: fresh.sessionId },
    permissions: typeof role === "string" ? listByTable(role) : role,
    sessions: { fresh: fresh.session, stale: stale.session },
    tokens: { api: api.token, bot: bot.token },
  };
}

const botScopes: ReadonlySet<string> = new Set([
  ...Object.keys(catalogue).filter((permission) => permission.startsWith("bot:")),
  "conversation:read",
  "trace:read",
]);

/** What must come of a call: let through, or refused with a status and one of these codes. */
export type Verdict = "allowed" | { readonly status: number; readonly code: string };

export interface Cell {
  readonly operation: Operation;
  readonly caller: SuiteCaller;
  readonly credential: Credential;
  readonly place: PlaceName;
  /** The channel that the request names, where the operation is about one. */
  readonly channelId: string;
}

const deny = (status: number, code: string): Verdict => ({ status, code });

function judgeRights({ operation, caller, credential }: Cell, isInOrganisationOnly: boolean): Verdict | undefined {
  const { permission } = operation;
  if (typeof permission !== "string") return undefined;
  const isHeld = caller.permissions.includes(permission) && !isInOrganisationOnly;
  const isScoped = credential !== "bot" || botScopes.has(permission);
  return isHeld && isScoped ? undefined : deny(403, "api.forbidden");
}

function judgeAssurance({ operation, credential }: Cell): Verdict | undefined {
  if (!operation.stepUp || credential === "fresh") return undefined;
  return deny(403, credential === "stale" ? "api.step_up_required" : "api.person_required");
}

function judgeChannel({ operation, caller, channelId }: Cell): Verdict | undefined {
  const { channel } = operation;
  if (caller.channelIds === undefined || operation.scope !== "app" || channel === "filters") return undefined;
  if (channel === undefined) return deny(403, "api.forbidden");
  return caller.channelIds.some((allowed) => allowed === channelId) ? undefined : deny(404, "api.unknown_channel");
}

/** An app one has no part in is no way into its organisation either. */
function isPart({ caller, place }: Cell): boolean {
  return place === "own" || (place === "sibling" && caller.at === "organisation");
}

/** In the public chat a person or a token is nobody; only who begins a chat needs to be no one. */
function judgeInChat({ operation, credential, place }: Cell): Verdict {
  if (place === "random") return deny(404, "api.unknown_channel");
  if (operation.begins === true) return "allowed";
  const isToken = credential === "api" || credential === "bot";
  return deny(401, isToken ? "visitors.token_invalid" : "visitors.token_required");
}

/** What the declaration, the role table and the places say of a call. */
export function judge(cell: Cell): Verdict {
  const { operation, caller, credential, place } = cell;
  if (operation.scope === "public") return "allowed";
  if (operation.scope === "visitor") return judgeInChat(cell);
  if (credential === "none") return deny(401, "identity.session_required");
  const isToken = credential === "api" || credential === "bot";
  if (isToken && operation.scope !== "app") return deny(403, "api.person_required");
  if (isToken && place !== "own") return deny(404, "api.unknown_place");
  if (operation.scope === "user") return judgeAssurance(cell) ?? "allowed";
  if (!isPart(cell)) return deny(404, "api.unknown_place");
  const isInOrganisationOnly = operation.scope === "organisation" && caller.at === "app";
  return judgeRights(cell, isInOrganisationOnly) ?? judgeAssurance(cell) ?? judgeChannel(cell) ?? "allowed";
}

/** Where a visitor's request says that it comes from: what it sends, and what becomes of it. */
export const sites = {
  own: { origin: sampleSite },
  "our frame in it": { origin: "https://parley.example", "parley-site": sampleSite },
  "another one of the channel": { origin: otherSite },
  "one the channel does not list": { origin: "https://evil.example" },
  "one that names a listed one": { origin: "https://evil.example", "parley-site": sampleSite },
  "our frame in an unlisted one": { origin: "https://parley.example", "parley-site": "https://evil.example" },
  "our own page": { origin: "https://parley.example" },
  nowhere: {},
} as const satisfies Record<string, Readonly<Record<string, string>>>;

export type SiteName = keyof typeof sites;
const siteNames = Object.keys(sites) as SiteName[];
const listed: ReadonlySet<SiteName> = new Set(["own", "our frame in it", "another one of the channel"]);

export interface VisitorCell {
  readonly operation: Operation;
  readonly visitor: VisitorCaller;
  readonly place: PlaceName;
  readonly site: SiteName;
}

/** Every visitor, in every place and from every page; what is not of the chat is asked from our own origin. */
export function listVisitorCells(operation: Operation, visitors: readonly VisitorCaller[]): VisitorCell[] {
  const isOfChat = operation.scope === "visitor";
  return visitors.flatMap((visitor) =>
    (isOfChat ? places : (["own"] as const)).flatMap((place) =>
      (isOfChat ? siteNames : (["our frame in it"] as const)).map((site) => ({ operation, visitor, place, site })),
    ),
  );
}

const placeOfVisitor = { a1: "own", a2: "sibling", b1: "foreign" } as const;

/** What must come of a visitor's call: their own channel's chat from the page they began on, and nothing else. */
export function judgeVisitor({ operation, visitor, place, site }: VisitorCell): Verdict {
  if (operation.scope === "public") return "allowed";
  if (operation.scope !== "visitor") return deny(401, "tokens.refused");
  if (place === "random") return deny(404, "api.unknown_channel");
  if (!listed.has(site)) return deny(403, "api.site_refused");
  if (operation.begins === true) return "allowed";
  const isOwn = placeOfVisitor[visitor.place] === place && site !== "another one of the channel";
  if (!isOwn) return deny(401, "visitors.token_invalid");
  return visitor.hasEnded === true ? deny(401, "visitors.session_ended") : "allowed";
}

/** Codes by which the guards refuse: none of them may meet a call that is allowed. */
export const guardCodes: ReadonlySet<string> = new Set([
  "tokens.missing",
  "tokens.refused",
  "identity.session_required",
  "identity.factor_enrolment_required",
  "organisations.suspended",
  "api.forbidden",
  "api.step_up_required",
  "api.person_required",
  "api.place_required",
  "api.unknown_place",
  "api.unknown_channel",
  "api.forged_request",
  "api.rate_limited",
  "api.invalid_request",
  "api.site_refused",
  "visitors.token_required",
  "visitors.token_invalid",
  "visitors.token_expired",
  "visitors.token_reused",
  "visitors.session_ended",
  "visitors.rate_limited",
]);

// How a request in the security suites' world looks: of whom, where and with what.

import { forgeryHeader } from "../../server/src/api/index.ts";
import type { Operation } from "../../server/src/kernel/operation.ts";
import type { Credential, PlaceName, SuiteCaller } from "./callers.ts";
import { sampleSite, type VisitorCaller } from "./chat-world.ts";
import { toAbsent } from "./world-objects.ts";
import type { Places } from "./world-places.ts";

/** A good request of an operation, before a caller is chosen. */
export interface SampleRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The body of an operation that takes bytes. */
  readonly bytes?: Buffer;
}

/** A visitor's request: by the token of one, in a place, from a page. */
export interface AskedByVisitor {
  readonly visitor: VisitorCaller;
  readonly place: PlaceName;
  /** Who the request says it comes from; the page the visitor's token is for unless said. */
  readonly from?: Readonly<Record<string, string>>;
  /** A token issued at this moment unless said. */
  readonly authorization?: string;
}

export interface Asked {
  readonly caller: SuiteCaller;
  readonly credential: Credential;
  readonly place: PlaceName;
}

/** The path and query of a request. */
export function toUrl(operation: Operation, { params = {}, query = {} }: SampleRequest): string {
  const path = operation.path.replaceAll(/\{([A-Za-z]+)\}/g, (_match, name: string) => params[name] ?? "");
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}

/** The headers that say who asks. */
export function toCredentialHeaders({ caller, credential }: Asked): Record<string, string> {
  if (credential === "none") return {};
  if (credential === "api" || credential === "bot") return { authorization: `Bearer ${caller.tokens[credential]}` };
  const { token, csrf } = caller.sessions[credential];
  return { cookie: `__Host-parley=${token}`, [forgeryHeader]: csrf };
}

/** The channel of a place that websites show. */
function toWebChannelId({ a1, a2, b1 }: Places, place: PlaceName): string {
  const named = { own: a1, sibling: a2, foreign: b1 };
  return place === "random" ? toAbsent("webChannelId") : named[place].objects.webChannelId;
}

/** A request of the public chat in one of the places: it names the place's channel. */
export function moveTo(places: Places, { scope }: Operation, place: PlaceName, request: SampleRequest) {
  if (scope !== "visitor") return request;
  return { ...request, params: { ...request.params, channelId: toWebChannelId(places, place) } };
}

/** The body as the operation takes it. */
export function toPayload(operation: Operation, { body, bytes }: SampleRequest) {
  if (operation.takesBytes === true) return { type: "application/octet-stream", payload: bytes ?? Buffer.alloc(0) };
  return operation.body && { type: "application/json", payload: JSON.stringify(body ?? {}) };
}

/** The headers that say where. */
export function toPlaceHeaders(places: Places, operation: Operation, { place, credential }: Asked) {
  const isToken = credential === "api" || credential === "bot";
  const { a1, a2, b1 } = places;
  if (operation.scope === "visitor") return { origin: sampleSite };
  if (operation.scope === "organisation" && place !== "sibling") {
    const named = {
      own: a1.tenant.organisationId,
      foreign: b1.tenant.organisationId,
      random: toAbsent("organisationId"),
    };
    return { "parley-organisation": named[place] };
  }
  if (place === "own" && isToken) return {};
  const named = { own: a1.tenant.appId, sibling: a2.tenant.appId, foreign: b1.tenant.appId, random: toAbsent("appId") };
  return { "parley-app": named[place] };
}

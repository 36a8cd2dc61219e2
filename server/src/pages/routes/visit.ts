// A visit: what a page knows of a browser before anybody has signed in. Its cookie is random and says nothing; it binds
// the token of a form to the browser the form was shown in (which also keeps a stranger from signing somebody in to the
// stranger's account), and the ticket between the two steps of a sign-in.

import { readCookie, strictCookies, toCookie } from "../../api/index.ts";
import { drawBytes } from "../../platform/crypto/random.ts";

const visitName = "__Host-parley-visit";
const ticketName = "__Host-parley-ticket";
const ticketSeconds = 600;
const visitSeconds = 86_400;

function keep(name: typeof visitName | typeof ticketName, value: string, seconds: number): [string, string] {
  return ["set-cookie", toCookie(name, value, { ...strictCookies, seconds })];
}

export interface Visit {
  readonly id: string;
  /** True when the browser did not bring it along. */
  readonly isFresh: boolean;
  /** Of a sign-in whose second step is awaited. */
  readonly ticket: string | undefined;
}

/** The visit a request belongs to; a fresh one when it brings none. */
export function readVisit(cookieHeader: string | undefined): Visit {
  const known = readCookie(cookieHeader, visitName);
  const ticket = readCookie(cookieHeader, ticketName);
  return { id: known ?? drawBytes(24).toString("base64url"), isFresh: known === undefined, ticket };
}

/** Keeps a visit in the browser. */
export function keepVisit({ id }: Visit): [string, string] {
  return keep(visitName, id, visitSeconds);
}

/** Keeps the ticket of a sign-in until its second step; undefined takes it away. */
export function keepTicket(ticket: string | undefined): [string, string] {
  return keep(ticketName, ticket ?? "", ticket === undefined ? 0 : ticketSeconds);
}

// A visit: what a page knows of a browser before anybody has signed in. Its cookie is random and says nothing; it binds
// the token of a form to the browser the form was shown in (which also keeps a stranger from signing somebody in to the
// stranger's account), and the ticket between the two steps of a sign-in.

import { drawBytes } from "../../platform/crypto/random.ts";

const visitName = "__Host-parley-visit";
const ticketName = "__Host-parley-ticket";
const spelling = /^[A-Za-z0-9_-]{16,128}$/;
const ticketSeconds = 600;
const visitSeconds = 86_400;

function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? "")
    .slice(0, 4096)
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  // SECURITY: a name that is given twice has no value; somebody else may have set one.
  const [value] = values;
  return values.length === 1 && value !== undefined && spelling.test(value) ? value : undefined;
}

function toCookie(name: string, value: string, seconds: number): [string, string] {
  return ["set-cookie", `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${seconds}`];
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
  return toCookie(visitName, id, visitSeconds);
}

/** Keeps the ticket of a sign-in until its second step; undefined takes it away. */
export function keepTicket(ticket: string | undefined): [string, string] {
  return toCookie(ticketName, ticket ?? "", ticket === undefined ? 0 : ticketSeconds);
}

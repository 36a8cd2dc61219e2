import { decodeProtectedHeader } from "jose";
import { refuseIdentity } from "./refuse.ts";

const jwtMax = 8_192;
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const kidMax = 200;
/** What a header may hold. Of these, only `alg` and `kid` are looked at, and only to choose among keys that we know. */
const known = new Set(["alg", "kid", "typ", "x5t", "x5t#S256"]);

export interface TokenHeader {
  readonly algorithm: string;
  readonly kid: string | undefined;
}

/**
 * The header of a signed token in compact form (RFC 7515 7.1). Throws `visitors.identity_refused` for anything else.
 * SECURITY: a header that brings a key (`jwk`, `x5c`), says where one is (`jku`, `x5u`) or changes how the token is read
 * (`crit`, `b64`, `zip`) is refused, and so is any that is not known here.
 */
export function readHeader(jwt: string): TokenHeader {
  if (jwt.length > jwtMax) throw refuseIdentity("the token is too long");
  if (!compact.test(jwt)) throw refuseIdentity("not three parts: not signed, or not a token");
  const header = decode(jwt);
  const stranger = Object.keys(header).find((name) => !known.has(name));
  if (stranger !== undefined) throw refuseIdentity(`its header holds ${JSON.stringify(stranger.slice(0, 20))}`);
  const { alg, kid, typ } = header;
  if (typeof alg !== "string") throw refuseIdentity("its header names no algorithm");
  if (kid !== undefined && (typeof kid !== "string" || kid.length > kidMax)) throw refuseIdentity("its kid is no name");
  const isToken = typ === undefined || (typeof typ === "string" && /^(?:application\/)?jwt$/i.test(typ));
  if (!isToken) throw refuseIdentity("its type is not JWT");
  return { algorithm: alg, kid };
}

function decode(jwt: string): Readonly<Record<string, unknown>> {
  try {
    return decodeProtectedHeader(jwt) as Record<string, unknown>;
  } catch {
    throw refuseIdentity("its header is not JSON");
  }
}
